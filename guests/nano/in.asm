; nano-in - IN from port 0x80, where a PC has nothing but its POST codes.
;
; A virtual port does not wait for the bus, so that even the bare machine may
; lose; what is left of the cost is the way into the monitor and out again.
%include "nano.inc"

nano:   rounds
        in al, 0x80
        done
