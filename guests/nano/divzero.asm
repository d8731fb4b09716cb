; nano-divzero - a divide error, and a handler that steps over it.
;
; Raise, handle, return. The fault is the guest's own: without hardware that
; delivers it to the guest's handler, the monitor does, by hand.
%include "nano.inc"

nano:   gate 0, handler
        rounds
        xor ebx, ebx
        div ebx
        done

handler:
        add dword [esp], 2              ; past the DIV
        iret
