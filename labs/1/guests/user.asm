; user - what a program in ring 3 may not do, and what it may.
;
; It tries CLI, STI, HLT, IN, OUT and POPF with IOPL 0. Each but POPF, and IN
; from the one port that the TSS's bitmap opens, is a #GP of the guest's own:
; its handler notes the error code, and goes on behind the instruction, whose
; length is in EDI.
%include "lib.inc"

OPEN equ 0x2e0 + (SEED % 16)            ; the port that the bitmap opens

%macro try 2+                           ; length, instruction
        mov edi, %1
        %2
%endmacro

lesson: gate 13, refused
        gate 0x30, back, 3
        ports_task OPEN
        xor ebx, ebx
        xor ebp, ebp
        mov eax, USER_DATA
        mov ds, eax
        mov es, eax
        to_program 2

program:
%rep 14
    dice 8
    %if DICE == 0
        try 1, cli
    %elif DICE == 1
        try 1, sti
    %elif DICE == 2
        try 1, hlt
    %elif DICE == 3
        mov dx, 0x2f7
        try 1, in al, dx
    %elif DICE == 4
        try 2, out 0x21, al
    %elif DICE == 5
        push dword 0x202                ; POPF: IF stays, and no fault
        popf
    %elif DICE == 6
        mov dx, OPEN
        try 1, in al, dx
        rol ebx, 1
        xor ebx, eax
    %else
        mov dx, OPEN                    ; two bytes: the next port is closed
        try 2, in ax, dx
    %endif
        pushf
        pop eax
        rol ebx, 3
        xor ebx, eax
%endrep
        int 0x30

refused:                                ; error code, EIP, CS, EFLAGS ...
        push eax
        push ds
        mov eax, DATA
        mov ds, eax
        inc ebp
        mov eax, [esp + 8]
        rol ebx, 7
        xor ebx, eax
        add [esp + 12], edi
        pop ds
        pop eax
        add esp, 4
        iret

back:   mov eax, DATA
        mov ds, eax
        mov es, eax
        say "refused "
        mov eax, ebp
        call say_hex
        say ", sum "
        mov eax, ebx
        call say_hex
        say 10
        quit 0

section .bss
        alignb 16
task:   resb PORTS_TASK
        alignb 4096
user_stack: resb 4096
user_stack_top:
