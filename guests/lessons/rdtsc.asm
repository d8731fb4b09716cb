; rdtsc - a clock behind a trap.
;
; With CR4.TSD set, RDTSC is for ring 0 alone. The kernel reads the clock a
; hundred times; it never goes back.
;
; Bare:  the kernel is in ring 0: no trap.
; Full:  the kernel is in ring 1: each RDTSC is a trap, and the cheapest there
;        is: decode, one register's work, back. Adams and Agesen measured 2030
;        cycles for just this on a Pentium 4; the preset p4-vt is fitted to it.
%include "lesson.inc"

lesson:
        mov eax, cr4
        or eax, 4                       ; TSD
        mov cr4, eax
        xor ebx, ebx                    ; the last answer
        xor ebp, ebp
        mov ecx, 100
.again: rdtsc
        sub eax, ebx                    ; this one less the last: >= 0
        sbb edx, ebp
        js .back
        add ebx, eax
        adc ebp, edx
        dec ecx
        jnz .again
        say "a hundred times, and it never went back", 10
        quit 0
.back:  say "the clock went back", 10
        quit 1
