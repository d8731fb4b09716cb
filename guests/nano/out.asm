; nano-out - OUT to port 0x80, on which nobody listens.
%include "nano.inc"

nano:   rounds
        out 0x80, al
        done
