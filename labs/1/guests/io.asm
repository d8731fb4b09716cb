; io - IN and OUT of every width, by immediate and by DX, and REP OUTS.
;
; The 8259's mask register and a CMOS byte remember what was written; nobody
; answers at the ports from 0x2f0 on, and all bits read as one.
%include "lib.inc"

lesson: xor ebx, ebx
%rep 12
    dice 5
    %if DICE == 0
        dice 0x100
        mov al, DICE
        out 0x21, al
        xor eax, eax
        in al, 0x21
    %elif DICE == 1
        dice 0x30
        mov al, 0x90 + DICE / 4         ; a byte of battery-backed memory
        out 0x70, al
        dice 0x100
        mov al, DICE
        out 0x71, al
        xor eax, eax
        in al, 0x71
    %elif DICE == 2
        dice 0xc
        mov edx, 0x2f0 + DICE
        mov eax, 0x12345678
        in eax, dx
    %elif DICE == 3
        dice 0xc
        mov edx, 0x2f0 + DICE
        mov eax, 0x12345678
        in ax, dx
    %else
        mov edx, 0xa1
        dice 0x100
        mov al, DICE
        out dx, al
        mov eax, 0x5500
        in al, dx
    %endif
        rol ebx, 5
        xor ebx, eax
%endrep
        say "io "
        mov eax, ebx
        call say_hex
        say 10, "one REP OUTSB is one exit, however long: "
        mov esi, text
        mov ecx, text_end - text
        mov edx, 0xe9
        std                             ; backwards, from the end
        lea esi, [text_end - 1]
        rep outsb
        cld
        xor ecx, ecx
        rep outsb                       ; nothing at all
        say 10
        quit 0

section .data
text:
%rep 20
    dice 26
        db "a" + DICE
%endrep
text_end:
