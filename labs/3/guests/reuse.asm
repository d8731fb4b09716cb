; reuse - a page becomes a table, and a table becomes a page.
;
; SPARE is written as data through two mappings, so that the TLB may write it;
; then a directory entry makes it a table, and what is written through the old
; mappings must take effect as in any table. Then it is data again, and is
; written often: only the first time may that cost an exit. Then the directory
; maps itself, and is a table, too. Last an address space ends, and its tables
; become data, though nothing says so but the writes.
%include "3/guests/space.inc"

PLACE equ 0xc00000                      ; 4 MiB that SPARE maps
SELF equ 0x40000000                     ; 4 MiB that the directory maps

before:
        mov dword [PTE(0)], SPARE | P | W
%assign n 1
%rep 7
        mov dword [PTE(n)], SHUFFLED(n) | P | W
    %assign n n + 1
%endrep
        mov dword [DIR2], LOW | P | W | U
        mov dword [DIR2 + (WINDOW >> 22) * 4], TABLE2 | P | W
        mov dword [TABLE2], SHUFFLED(60) | P | W
        ret

begin:
%assign round 0
%rep 3
    dice 16
    %assign first DICE
        mov edi, SPARE                  ; data
        xor eax, eax
        mov ecx, 1024
        rep stosd
        mov dword [WIN(0) + 4 * first], SHUFFLED(10 + round) | P | W
        mark 10 + round
        mov dword [PDE(PLACE)], SPARE | P | W | U       ; a table
        look PLACE + 4096 * first
        mov dword [WIN(0) + 4 * (first + 1)], SHUFFLED(20 + round) | P
        look PLACE + 4096 * (first + 1)
        mov dword [SPARE + 4 * (first + 2)], SHUFFLED(30 + round) | P | W
        mov dword [PLACE + 4096 * (first + 2) + 8], round
        look_entry SPARE + 4 * (first + 2)
        mov dword [WIN(0) + 4 * first], SHUFFLED(40 + round) | P
        invlpg [PLACE + 4096 * first]
        look PLACE + 4096 * first
        attempt mov dword [PLACE + 4096 * first], 1
        mark 20 + round
        mov dword [PDE(PLACE)], 0                       ; no table any more
        flush
        mov ecx, 200
.again%[round]:mov [WIN(0) + 4 * ecx], ecx
        add [SPARE + 4 * ecx], ecx
        loop .again%[round]
        look SPARE + 4 * 77
        attempt look PLACE + 4096 * first
    %assign round round + 1
%endrep
        mark 30
        mov dword [PDE(SELF)], DIR | P | W
        look_entry SELF + (WINDOW >> 22) * 4096         ; TABLE, as a page
        mov dword [SELF + (WINDOW >> 22) * 4096 + 4 * 9], SHUFFLED(50) | P | W
        look WIN(9)
        mov edi, SELF + (SELF >> 22) * 4096             ; DIR, as a page
        mov dword [edi + (PLACE >> 22) * 4], SPARE | P | W
        mov dword [SPARE + 4 * 3], SHUFFLED(51) | P | W
        flush
        look PLACE + 4096 * 3
        mark 31
        mov eax, DIR2
        mov cr3, eax
        look WIN(0)
        mark 32
        mov eax, DIR
        mov cr3, eax
        mov ecx, 200
.more:  add [TABLE2 + 4 * ecx], ecx
        mov [DIR2 + 4 * ecx], ecx
        loop .more
        look TABLE2 + 4 * 66
        done
