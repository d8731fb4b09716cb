; nano-callret - a near call and its return.
;
; Natively, and with hardware assist, the processor predicts where a RET goes.
; A translator must look up where the translation of the caller goes on: the
; one thing it does worse than every other technique.
%include "nano.inc"

nano:   rounds
        call function
        done

function: ret
