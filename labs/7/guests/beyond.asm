; beyond - accesses to where the guest has no memory: all ones are read, and
; what is written is gone. Nothing there is ever mapped.
%include "lib.inc"
%include "paging.inc"

%define NOWHERE 0x00600000

%macro reach 0
        dice 0x1000
    %assign at NOWHERE + DICE * 16
        dice 6
    %if DICE == 0
        mov eax, [at]
    %elif DICE == 1
        mov [at], ebx
        mov eax, [at]
    %elif DICE == 2
        movzx eax, byte [at + 1]
    %elif DICE == 3
        add [at], ebx
        pushf
        pop eax
    %elif DICE == 4
        xor eax, eax
        xchg [at], eax
    %else
        mov eax, ebx
        cmp eax, [at]
        sete al
    %endif
        rol ebx, 5
        xor ebx, eax
%endmacro

lesson: mov ebx, SEED
%rep 5
        reach
%endrep
        paging_on
        mov dword [directory + 4], 0x00400083   ; a large page of nothing
        mov eax, cr3
        mov cr3, eax
%rep 5
        reach
%endrep
        say "beyond "
        mov eax, ebx
        call say_hex
        say 10
        quit 0
