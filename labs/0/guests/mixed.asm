; mixed - some of everything, in an order that the seed says.
%include "lib.inc"

lesson: mov al, 0xff
        out 0x21, al
        gate 6, skip
        gate 0x30, again
%rep 24
    dice 9
    %if DICE == 0
        in al, 0x21
    %elif DICE == 1
        dice 200
        mov ecx, DICE
        mov esi, stack
        mov edx, 0xe9
        rep outsb
    %elif DICE == 2
        cli
    %elif DICE == 3
        sti
    %elif DICE == 4
        int 0x30
    %elif DICE == 5
        ud2
    %elif DICE == 6
        mov eax, cr0
    %elif DICE == 7
        mov eax, ds
        mov es, eax
    %else
        dice 200
        mov byte [0x200000 + DICE * 4096], 1
    %endif
%endrep
        quit 0

skip:   add dword [esp], 2              ; UD2 is two bytes long
again:  iret
