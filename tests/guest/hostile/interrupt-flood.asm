; interrupt-flood - a timer at its fastest, and interrupts within interrupts.
; under: full hybrid translate emulate
; ends: limit
; Rule: a guest's devices raise interrupts in its own turns, at most one timer
; tick is kept, and its neighbours' turns are not its own.
%include "hostile.inc"
lesson: call trap_all
        gate 0x20, .tick
        mov al, 0x11
        out 0x20, al
        mov al, 0x20
        out 0x21, al
        mov al, 4
        out 0x21, al
        mov al, 3                       ; ends by itself
        out 0x21, al
        xor eax, eax
        out 0x21, al                    ; all lines open
        mov al, 0x34
        out 0x43, al
        mov al, 2                       ; 600,000 interrupts a second
        out 0x40, al
        xor eax, eax
        out 0x40, al
        sti
.ever:  int 0x40 - 0x20
        jmp .ever
.tick:  sti                             ; in the handler, too
        iret
