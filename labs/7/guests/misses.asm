; misses - a program that the TLB is too small for: two linear pages that fall
; into one place of it, by turns. No exit comes of that, but each miss is a
; walk; and a walk in two dimensions is four times as long.
%include "lib.inc"
%include "paging.inc"

ROUNDS equ 6000 + SEED % 100 * 10

lesson: xor ebx, ebx
        paging_on
        map 1 << 22, area
        map 2 << 22, area + 4096
        mov ecx, ROUNDS
.round: add ebx, [1 << 22]
        add ebx, [2 << 22]
        inc ebx
        dec ecx
        jnz .round
        say "misses "
        mov eax, ebx
        call say_hex
        say 10
        quit 0

section .bss
        alignb 4096
area:   resb 2 * 4096
