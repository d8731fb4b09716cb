; nano-rdtsc - reading the clock.
;
; Bare and in guest mode an instruction like another. Under trap-and-emulate
; the cheapest trap there is.
%include "nano.inc"

nano:   rounds
        rdtsc
        done
