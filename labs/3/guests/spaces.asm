; spaces - two address spaces, entered in turn.
;
; Both have LOW. The window is another one in each; and at SHARED both have
; the same table, but one may write through it and the other may not. Going
; back to an address space must cost nothing but the switch: what was learnt of
; it before is still true, if its tables have not been written.
%include "3/guests/space.inc"

%define PAGES 12
SHARED equ 0xc00000

before:
%assign n 0
%rep PAGES
        mov dword [PTE(n)], SHUFFLED(n) | P | W | U
        mov dword [TABLE2 + 4 * n], SHUFFLED(20 + n) | P | W | U
        mov dword [SPARE + 4 * n], SHUFFLED(40 + n) | P | W | U
    %assign n n + 1
%endrep
        mov dword [PDE(SHARED)], SPARE | P | W | U
        mov dword [DIR2], LOW | P | W | U
        mov dword [DIR2 + (WINDOW >> 22) * 4], TABLE2 | P | W | U
        mov dword [DIR2 + (SHARED >> 22) * 4], SPARE | P
        ret

%macro space 1
        mov eax, %1
        mov cr3, eax
%endmacro
%macro work 0
    %assign n 0
    %rep PAGES
        add dword [WIN(n) + 4], n
        mov eax, [SHARED + n * 4096]
        %assign n n + 1
    %endrep
%endmacro

begin:
%rep 8
        space DIR
        work
        space DIR2
        work
%endrep
        look WIN(3)
        look WIN(3) + 4
        look SHARED + 2 * 4096
        attempt mov dword [SHARED + 4096], 1
        mark 1
        space DIR
        look WIN(3)
        look WIN(3) + 4
        mov dword [SHARED + 4096], 2
        look SHARED + 4096
        mark 2
%rep 4                                  ; one's table, written in the other
    dice PAGES
        mov dword [TABLE2 + 4 * DICE], SHUFFLED(60) | P
        space DIR2
        look WIN(DICE)
        attempt mov dword [WIN(DICE)], 3
        space DIR
%endrep
        mark 3
        space DIR2
        done
