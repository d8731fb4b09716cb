; nano-popf - PUSHF and POPF: the flags saved and restored.
;
; POPF is the classic critical instruction: outside ring 0 it does not trap,
; and drops IF without a word. Where it traps, it costs an exit like CLI.
%include "nano.inc"

nano:   rounds
        pushf
        popf
        done
