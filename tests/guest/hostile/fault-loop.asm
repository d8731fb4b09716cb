; fault-loop - a page fault handler that returns to the fault, for ever.
; under: full hybrid translate emulate
; ends: limit
; Rule: each round is guest time and exits of its own VM: the turn ends on the
; monitor's timer, and the neighbours have theirs.
%include "hostile.inc"
lesson: call trap_all
        call make_tables
        gate 14, .back
        mov eax, [WINDOW]
.back:  add esp, 4
        iret
