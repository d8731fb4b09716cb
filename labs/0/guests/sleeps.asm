; sleeps - a kernel with nothing to do: HLT, until the timer comes.
;
; Between two sleeps it works, a little or much: much, and the timer finds it
; awake.
%include "lib.inc"

SLEEPS equ 2 + SEED % 3

lesson: gate 32, tick
        mov al, 0x11                    ; 8259: initialise; IRQ 0 is vector 32
        out 0x20, al
        mov al, 32
        out 0x21, al
        mov al, 4
        out 0x21, al
        mov al, 1
        out 0x21, al
        mov al, 0xfe                    ; all masked but IRQ 0
        out 0x21, al
        mov al, 0x34                    ; 8254: channel 0, rate generator
        out 0x43, al
        mov al, 11932 & 0xff            ; 100 Hz
        out 0x40, al
        mov al, 11932 >> 8
        out 0x40, al
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
