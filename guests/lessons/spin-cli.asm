; spin-cli - a guest that loops with interrupts off. (For the tests.)
;
; Bare:  the machine is lost; only --limit ends the run.
; Full:  the virtual IF is 0, the real one is not: the monitor keeps control.
%include "lesson.inc"

lesson:
        cli
        say "looping with interrupts off", 10
.ever:  jmp .ever
