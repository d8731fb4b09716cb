; cli-sti - CLI and STI: the interrupt flag.
;
; The timer is set to interrupt 1000 times a second, and its handler counts.
; While IF is 0 nothing is counted; after STI it is.
;
; Bare:  CLI and STI change EFLAGS.IF, and the 8259 waits meanwhile.
; Full:  both trap (#GP, since CPL 1 > IOPL 0). The monitor keeps a virtual
;        IF; the real one stays 1, or a guest could keep the machine. An
;        interrupt that comes while it is 0 waits for the window: STI opens it.
%include "lesson.inc"

lesson:
        gate 32, tick
        call start_timer
        cli
        mov ecx, 200000
.spin:  dec ecx
        jnz .spin
        cmp dword [ticks], 0
        say_if {"IF = 0: no interrupt came",10}, {"IF = 0: interrupted!",10}
        sti
.wait:  cmp dword [ticks], 3
        jb .wait
        cli
        say "IF = 1: three interrupts came", 10
        quit 0

tick:   push eax
        inc dword [ticks]
        mov al, 0x20                    ; end of interrupt
        out 0x20, al
        pop eax
        iret

start_timer:
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
        mov al, 1193 & 0xff             ; 1193182 Hz / 1193 = 1000 Hz
        out 0x40, al
        mov al, 1193 >> 8
        out 0x40, al
        ret

section .data
ticks:  dd 0
