; nano-cr0 - CR0 read, TS set, written; and CLTS: as around a use of the FPU.
%include "nano.inc"

nano:   rounds
        mov eax, cr0
        or eax, 8                       ; TS
        mov cr0, eax
        clts
        done
