; nano-crwrite - MOV to CR2: a privileged write that means nothing to anybody
; else. It stands for Adams and Agesen's write of CR8, which IA-32 lacks.
;
; Trap-and-emulate pays a round trip for it; a translator, one store to the
; virtual CR2; a guest mode has a CR2 of its own, and pays nothing.
%include "nano.inc"

nano:   rounds
        mov cr2, ecx
        done
