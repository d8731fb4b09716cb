; nano-empty - nothing: the loop around the other nanobenchmarks, to be taken
; off what they took.
%include "nano.inc"

nano:   rounds
        done
