; nano-cli - CLI and STI, as around every critical section of a kernel.
;
; On the bare machine two cheap instructions. Deprivileged they fault, and the
; monitor keeps a virtual IF; a translator keeps it without leaving.
%include "nano.inc"

nano:   rounds
        sti
        cli
        done
