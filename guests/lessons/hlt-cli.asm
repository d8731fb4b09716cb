; hlt-cli - HLT with interrupts off: nothing will ever wake it. (For the
; tests: the run must end by itself, and say why.)
%include "lesson.inc"

lesson:
        cli
        say "halting with interrupts off", 10
        hlt
        say "not reached", 10
        quit 1
