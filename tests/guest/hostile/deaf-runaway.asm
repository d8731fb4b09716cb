; deaf-runaway - interrupts off, and a loop.
; under: full hybrid translate emulate
; ends: limit
; Rule: the guest's IF is virtual, the real one is always set outside ring 0.
%include "hostile.inc"
lesson: cli
        jmp $
