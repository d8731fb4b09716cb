; triple-fault - a fault that cannot be delivered, nor the fault of that.
;
; With an empty IDT every vector is beyond its limit: the breakpoint gives
; #GP, delivering that gives a double fault, delivering that gives up.
;
; Bare:  the processor shuts down; a PC resets.
; Full:  the monitor tries to reflect, and gives up likewise: this virtual
;        machine is stopped, with the reason. The monitor, and every other
;        guest, goes on.
%include "lesson.inc"

lesson:
        say "no IDT, and a breakpoint", 10
        lidt [nothing]
        int3
        say "not reached", 10
        quit 1

section .data
nothing: dw 0
        dd 0
