; flags - CLI, STI, PUSHF and POPF in ring 0, in an order of SEED's.
;
; After each the guest asks PUSHF for the whole register and mixes it into a
; sum, which it prints at the end; arithmetic flags must survive all of them.
%include "lib.inc"

%macro look 0
        pushf
        pop eax
        rol ebx, 3
        xor ebx, eax
%endmacro

lesson: xor ebx, ebx
%rep 24
    dice 6
    %if DICE == 0
        cli
    %elif DICE == 1
        sti
        nop
    %elif DICE == 2
        dice 0x100
        mov eax, DICE
        add al, 0x91                    ; some arithmetic flags
        cli
    %elif DICE == 3
        dice 2
        %assign if DICE
        dice 4
        push dword 2 | (if * 0x200) | (DICE * 0x1000) | 0x8d5
        popf
    %elif DICE == 4
        pushf
        or dword [esp], 0x400           ; DF
        popf
        cld
    %else
        pushf
        and dword [esp], ~0x200
        o16 popf                        ; only the lower half
        add esp, 2
    %endif
        look
%endrep
        cli
        say "flags "
        mov eax, ebx
        call say_hex
        say 10
        quit 0
