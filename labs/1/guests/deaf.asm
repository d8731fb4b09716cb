; deaf - a program that steps singly through what traps, and a kernel that
; halts with interrupts off at the end: nothing can wake it.
%include "lib.inc"

lesson: gate 1, stepped
        gate 13, refused
        push dword 0x102                ; TF
        popf
%rep 6
    dice 4
    %if DICE == 0
        cli
    %elif DICE == 1
        out 0x21, al
    %elif DICE == 2
        pushf
        pop eax
    %else
        in al, 0x21
    %endif
%endrep
        push dword 2
        popf
        say "steps "
        mov eax, [steps]
        call say_hex
        say 10
        cli
        hlt
        say "awake?", 10
        quit 1

stepped:
        inc dword [steps]
        iret
refused:
        say "refused?", 10
        quit 1

section .data
steps:  dd 0
