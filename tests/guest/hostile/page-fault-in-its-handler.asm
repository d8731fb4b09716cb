; page-fault-in-its-handler - a #PF whose handler's stack is not there.
; under: full hybrid translate emulate
; ends: triple fault
; Rule: the monitor delivers a fault as the processor does: what cannot be
; delivered is a double fault, and then the end of that VM.
%include "hostile.inc"
lesson: call trap_all
        call make_tables
        mov esp, WINDOW + 0x1000        ; nothing is mapped there
        mov eax, [WINDOW]
        LIVES
