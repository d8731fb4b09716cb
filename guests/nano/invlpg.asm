; nano-invlpg - one page forgotten by the TLB, and then used again.
;
; With shadow page tables an exit, and the shadow entry goes, too; with nested
; ones the processor's own business.
%include "nano.inc"

nano:   rounds
        invlpg [0x500000]
        mov eax, [0x500000]
        done
