; ties - CLI and a read of CR0 cost the same, and come equally often.
;
; So two reasons take the same number of cycles: the one that exits.def names
; first comes first. The other reasons come as the seed has it.
%include "lib.inc"

EACH equ 2 + SEED % 3

lesson: mov ebp, EACH
.each:  cli
        mov eax, cr0
        dec ebp
        jnz .each
%rep 8
    dice 3
    %if DICE == 0
        in al, 0x21
    %elif DICE == 1
        mov eax, ds
    %else
        cpuid
    %endif
%endrep
        quit 0
