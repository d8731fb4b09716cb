; nano-segment - a data segment register loaded, as on each way into a kernel.
;
; Under ring compression the selector's RPL would tell the truth: it is loaded
; with another, and reading it back must not show that.
%include "nano.inc"

nano:   mov ebx, DATA
        rounds
        mov es, ebx
        done
