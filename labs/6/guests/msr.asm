; msr - model-specific registers: SYSENTER's are the guest's own, and it
; reads and writes them by itself; the time-stamp counter's is not.
%include "lib.inc"

%macro mix 0
        rol ebx, 5
        xor ebx, eax
%endmacro

lesson: xor ebx, ebx
%rep 9
    dice 5
    %assign which DICE
    %if which < 3
        dice 0x10000
        mov ecx, 0x174 + which
        mov eax, DICE << 3
        xor edx, edx
        wrmsr
        xor eax, eax
        rdmsr
        mix
    %elif which == 3
        dice 3
        mov ecx, 0x174 + DICE
        rdmsr
        mix
    %else
        mov ecx, 0x10
        mov eax, SEED
        xor edx, edx
        wrmsr
    %endif
%endrep
        say "msr "
        mov eax, ebx
        call say_hex
        say 10
        quit 0
