; plain - a kernel that knows nothing, and its program.
;
; In an order of SEED's the kernel does what under trap-and-emulate costs an
; exit each: the interrupt flag, control registers, descriptor tables, INT,
; its own faults. In guest mode none of it does. CPUID and OUT do. Then the
; same of a program in ring 3, whose TSS opens one port: what its ring forbids
; is the kernel's own #GP, and the monitor never hears of it.
%include "lib.inc"

OPEN equ 0x2e0 + (SEED % 16)            ; the port that the bitmap opens

%macro mix 0                            ; EAX into the sum
        rol ebx, 3
        xor ebx, eax
%endmacro
%macro flags 0
        pushf
        pop eax
        mix
%endmacro

lesson: gate 0, skip_two
        gate 6, skip_two
        gate 13, refused
        gate 0x30, counted
        gate 0x31, back, 3
        xor ebx, ebx
        xor ebp, ebp
        mov [sum], ebx
%rep 20
    dice 10
    %if DICE == 0
        cli
        flags
    %elif DICE == 1
        sti
        flags
        cli
    %elif DICE == 2
        dice 0x40
        push dword 0x102 ^ 0x100 | (DICE << 4 & 0x8d5)
        popf
        flags
    %elif DICE == 3
        mov eax, cr0
        xor eax, 8                      ; TS
        mov cr0, eax
        clts
        smsw ax
        mix
    %elif DICE == 4
        dice 0x10000
        mov eax, DICE << 12
        mov cr2, eax
        mov eax, cr2
        mix
    %elif DICE == 5
        sidt [table]
        mov eax, [table + 2]
        mix
        sgdt [table]
        mov eax, [table]
        mix
    %elif DICE == 6
        int 0x30
    %elif DICE == 7
        ud2
        mov eax, ebp
        mix
    %elif DICE == 8
        dice 2
        mov eax, DICE
        push ebx
        cpuid
        xchg eax, edx
        pop ebx
        mix
    %else
        xor edx, edx
        xor ecx, ecx
        div ecx                         ; two bytes, as UD2 is
        mov eax, ebp
        mix
    %endif
%endrep
        mov [sum], ebx
        cld
        ports_task OPEN
        mov eax, USER_DATA
        mov ds, eax
        mov es, eax
        to_program 2

%macro try 2+                           ; length, instruction
        mov edi, %1
        %2
%endmacro

program:
%rep 10
    dice 7
    %if DICE == 0
        try 1, cli
    %elif DICE == 1
        try 1, hlt
    %elif DICE == 2
        mov dx, 0x2f7
        try 1, in al, dx
    %elif DICE == 3
        mov dx, OPEN
        try 1, in al, dx
        mix
    %elif DICE == 4
        try 3, mov cr3, eax
    %elif DICE == 5
        xor eax, eax
        push ebx
        cpuid
        mov eax, ecx
        pop ebx
        mix
    %else
        try 2, rdmsr
    %endif
        flags
%endrep
        int 0x31

refused:                                ; error code, EIP, CS, EFLAGS ...
        push eax
        push ds
        mov eax, DATA
        mov ds, eax
        inc ebp
        mov eax, [esp + 8]
        mix
        add [esp + 12], edi
        pop ds
        pop eax
        add esp, 4
        iret

skip_two:
        inc ebp
        add dword [esp], 2
counted:
        rol ebx, 5
        xor ebx, [esp]
        iret

back:   mov eax, DATA
        mov ds, eax
        mov es, eax
        say "faults "
        mov eax, ebp
        call say_hex
        say ", sums "
        mov eax, [sum]
        call say_hex
        say " "
        mov eax, ebx
        call say_hex
        say 10
        quit 0

section .bss
        alignb 16
table:  resb 8
sum:    resd 1
        alignb 16
task:   resb PORTS_TASK
        alignb 4096
user_stack: resb 4096
user_stack_top:
