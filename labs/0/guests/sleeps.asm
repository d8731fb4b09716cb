; sleeps - a kernel with nothing to do: HLT, until the timer comes.
;
; Between two sleeps it works, a little or much: much, and the timer finds it
; awake.
%include "lib.inc"

SLEEPS equ 2 + SEED % 3

lesson: gate 32, tick
        timer_start
        timer_every 11932               ; 100 Hz
        mov ebp, SLEEPS
.sleep: sti
        hlt
        cli
        dice 1000
        mov ecx, 500 + DICE
.work:  dec ecx
        jnz .work
        dec ebp
        jnz .sleep
        quit 0

tick:   push eax
        mov al, 0x20                    ; end of interrupt
        out 0x20, al
        pop eax
        iret
