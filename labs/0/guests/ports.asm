; ports - what printing costs: byte by byte, or all at once.
;
; One OUT is one exit, and so is one REP OUTSB, however long. CLI and STI are
; exits, too; arithmetic is none. (No interrupt comes: the 8259 masks all.)
%include "lib.inc"

WORDS equ 3 + SEED % 4

lesson: mov al, 0xff
        out 0x21, al
        mov ebp, WORDS
.word:  cli
        mov esi, text
        mov ecx, 4
.byte:  mov al, [esi]                   ; four bytes, one by one
        out 0xe9, al
        inc esi
        dec ecx
        jnz .byte
        mov edx, 0xe9
        mov ecx, text_end - text - 4    ; and the others at once
        rep outsb
        sti
        dec ebp
        jnz .word
%rep 5
    dice 3
    %if DICE == 0
        in al, 0x21
    %elif DICE == 1
        cli
    %else
        imul eax, ebp, 17
    %endif
%endrep
        quit 0

section .data
text:   db "one "
%rep 10
    dice 60
        times DICE + 1 db "."
    dice 26
        db "a" + DICE
%endrep
        db 10
text_end:
