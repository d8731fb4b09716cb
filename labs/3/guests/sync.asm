; sync - tables are changed while they are in use; each change is followed by
; INVLPG, or MOV CR3, and a look at what is mapped now.
;
; By all sorts of instructions: whole entries, single bytes, two entries at
; once, REP. And in the directory.
%include "3/guests/space.inc"

%define PAGES 8

before:
%assign n 0
%rep PAGES
        mov dword [PTE(n)], SHUFFLED(n) | P | W | U
    %assign n n + 1
%endrep
%assign n 0
%rep 4                                  ; another table for the same window
        mov dword [TABLE2 + 4 * n], SHUFFLED(40 + n) | P | W | U
    %assign n n + 1
%endrep
        ret

; One change to one entry, and what became of it.
%macro change 0
    dice PAGES
    %assign page DICE
    dice 32
    %assign to DICE + 8
    dice 8
    %if DICE == 0
        mov dword [PTE(page)], SHUFFLED(to) | P | W
    %elif DICE == 1
        mov eax, SHUFFLED(to) | P
        xchg eax, [PTE(page)]
    %elif DICE == 2
        and byte [PTE(page)], ~W        ; read-only; the bits above stay
    %elif DICE == 3
        mov byte [PTE(page)], 0         ; absent
    %elif DICE == 4
        xor dword [PTE(page)], 0x1000   ; the neighbouring frame
    %elif DICE == 5
        mov word [PTE(page) + 2], SHUFFLED(to) >> 16
    %elif DICE == 6
        lock add dword [PTE(page)], 0x2000
    %else
        mov dword [PTE(page)], 0
        mov dword [PTE(page)], SHUFFLED(to) | P | W | U
    %endif
        invlpg [WIN(page)]
        attempt look WIN(page)
        attempt mov dword [WIN(page) + 4 * page + 4], to
        look_entry PTE(page)
%endmacro

begin:
%assign n 0
%rep PAGES                              ; all of it is in the TLB
        add dword [WIN(n) + 8], 1
    %assign n n + 1
%endrep
        mark 1
%rep 14
        change
%endrep
        mark 2
        mov edi, PTE(1)                 ; many at once
        mov eax, SHUFFLED(50) | P | W
        mov ecx, 5
        rep stosd
        flush
        look WIN(1)
        look WIN(5)
        look WIN(2)
        look WIN(3)                     ; four bytes over two entries:
%define UPPER (SHUFFLED(51) >> 16)
%define LOWER ((SHUFFLED(52) | P | A) & 0xffff)
        mov dword [PTE(2) + 2], UPPER | (LOWER << 16)
        flush
        look WIN(2)
        look WIN(3)
        mark 3
        mov dword [PDE(WINDOW)], TABLE2 | P | W | U
        flush
        look WIN(0)
        look WIN(3)
        attempt look WIN(5)
        and dword [PDE(WINDOW)], ~W     ; read-only, all of it
        flush
        attempt mov dword [WIN(1)], 1
        mov dword [PDE(WINDOW)], 0
        flush
        attempt look WIN(1)
        mov dword [PDE(WINDOW)], TABLE | P | W | U
        look WIN(1)
        done
