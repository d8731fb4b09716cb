; pending - an interrupt waits already when STI; HLT comes.
;
; STI lets nothing in before the next instruction has run, and so HLT is
; executed, and woken at once. The handler masks the timer: were the interrupt
; taken before HLT, nothing would ever wake it.
%include "lib.inc"

lesson: gate 32, tick
        mov al, 0x11                    ; 8259: initialise; IRQ 0 is vector 32
        out 0x20, al
        mov al, 32
        out 0x21, al
        mov al, 4
        out 0x21, al
        mov al, 1
        out 0x21, al
        mov al, 0x34                    ; 8254: channel 0, rate generator
        out 0x43, al
        mov al, (1193 + SEED % 100) & 0xff    ; some 1000 Hz
        out 0x40, al
        mov al, (1193 + SEED % 100) >> 8
        out 0x40, al
        mov ebp, 3
.again: mov al, 0xfe                    ; all masked but IRQ 0
        out 0x21, al
.wait:  mov ecx, 10000
.spin:  dec ecx
        jnz .spin
        mov al, 0x0a                    ; the 8259's IRR: is one waiting?
        out 0x20, al
        in al, 0x20
        test al, 1
        jz .wait
        sti
        hlt
        cli
        say "awake", 10
        dec ebp
        jnz .again
        mov eax, [ticks]
        call say_hex
        say 10
        quit 0

tick:   push eax
        inc dword [ticks]
        mov al, 0xff
        out 0x21, al
        mov al, 0x20                    ; end of interrupt
        out 0x20, al
        pop eax
        iret

section .data
ticks:  dd 0
