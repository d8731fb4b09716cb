; nano-cr3 - from one address space to another: MOV to CR3.
;
; What it takes itself; the TLB misses that follow are in nano-tlbmiss.
%include "nano.inc"

nano:   rounds
        mov eax, directory
        mov cr3, eax
        done
