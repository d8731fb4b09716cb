; nano-cpuid - CPUID, which every processor answers in every ring.
;
; Guest mode always exits for it: what a machine is, its monitor says.
%include "nano.inc"

nano:   rounds
        mov edi, ecx
        xor eax, eax
        cpuid
        mov ecx, edi
        done
