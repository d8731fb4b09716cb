; user - one family of instructions a row, in ring 3 (SEED % 20 says which):
; programs run directly, and what they may not do is the guest kernel's
; exception, whose handler is translated code.
;
; The handlers count and note vector and error code, and go on behind the
; instruction, whose length is in EDI.
%define PAGE_BITS 7
%include "lib.inc"
%include "pages.inc"

%define ROW SEED % 20
OPEN equ 0x2e0 + (SEED % 16)            ; the port that the bitmap opens

%macro try 2+                           ; length, instruction
        mov edi, %1
        %2
        call note
%endmacro

%macro without_error 1
trap%1: push dword 0
        push dword %1
        jmp trapped
%endmacro
%macro with_error 1
trap%1: push dword %1
        jmp trapped
%endmacro

%macro resume 0                         ; IRET of the program's own
        pushf
        push cs
        push dword %%on
        iret
%%on:   try 0, nop
%endmacro
%macro leap 0
        jmp USER_CODE:%%on
%%on:   try 0, nop
%endmacro

lesson: gate 0, trap0
        gate 3, trap3, 3
        gate 4, trap4, 3
        gate 5, trap5
        gate 6, trap6
        gate 11, trap11
        gate 12, trap12
        gate 13, trap13
        gate 14, trap14
        gate 0x30, called, 3
        gate 0x31, called
        gate 0x32, ended, 3
        paging
        ports_task OPEN
        mov eax, secret                 ; a page of the kernel's own
        shr eax, 12
        and dword [table + eax * 4], ~4
        unmap missing
        mov eax, USER_DATA
        mov ds, eax
        mov es, eax
        garble
        xor ebp, ebp
        to_program 0x202

note:                                   ; flags and EAX go into a sum
        pushf
        rol ebp, 3
        xor ebp, [esp]
        popf
        xor ebp, eax
        ret

program:
        mov dword [rounds], 3
.round:
%rep 8
    dice 5
%if ROW == 1                            ; CLI, STI, HLT
    %if DICE < 2
        try 1, cli
    %elif DICE < 4
        try 1, sti
    %else
        try 1, hlt
    %endif
%elif ROW == 2                          ; ports
    %if DICE == 0
        mov dx, 0x2f7
        try 1, in al, dx
    %elif DICE == 1
        try 2, out 0x21, al
    %elif DICE == 2
        mov dx, OPEN
        try 1, in al, dx
    %elif DICE == 3
        mov dx, OPEN                    ; two bytes: the next port is closed
        try 2, in ax, dx
    %else
        mov dx, OPEN
        mov esi, user_stack
        mov ecx, 2
        try 2, rep outsb
    %endif
%elif ROW == 3                          ; POPF, IRET: no fault, and no IF
    %if DICE < 3
        push dword 0x8d7 & (DICE * 0x101 | 0xd2)
        popf
        try 0, nop
    %else
        resume
    %endif
%elif ROW == 4                          ; tables
    %if DICE == 0
        try 7, lgdt [gdt_register]
    %elif DICE == 1
        try 7, lidt [idt_register]
    %elif DICE == 2
        try 3, ltr ax
    %elif DICE == 3
        try 3, lmsw ax
    %else
        try 2, clts
    %endif
%elif ROW == 5                          ; control and debug registers
    %if DICE == 0
        try 3, mov eax, cr0
    %elif DICE == 1
        try 3, mov cr3, eax
    %elif DICE == 2
        try 3, mov cr2, ecx
    %elif DICE == 3
        try 3, mov dr7, eax
    %else
        try 3, mov eax, dr6
    %endif
%elif ROW == 6                          ; INVLPG and its like
    %if DICE == 0
        try 7, invlpg [secret]
    %elif DICE == 1
        try 2, wbinvd
    %elif DICE == 2
        try 2, rdmsr
    %elif DICE == 3
        try 2, wrmsr
    %else
        try 2, invd
    %endif
%elif ROW == 7                          ; system calls
    %if DICE < 2
        try 0, int 0x30
    %elif DICE == 2
        try 2, int 0x31
    %elif DICE == 3
        try 0, int3
    %else
        try 2, int 0xf1
    %endif
%elif ROW == 8                          ; segment registers
    %if DICE == 0
        mov eax, DATA
        try 2, mov fs, eax
    %elif DICE == 1
        mov eax, 0x700 + SEED % 64 * 8
        try 2, mov es, eax
    %elif DICE == 2
        xor eax, eax
        try 2, mov ss, eax
    %elif DICE == 3
        mov eax, 0xf8                   ; what stands there is no guest's
        try 2, mov fs, eax
    %else
        mov eax, USER_DATA
        try 0, mov fs, eax
    %endif
%elif ROW == 9                          ; far transfers
    %if DICE < 2
        try 7, jmp CODE:program
    %elif DICE == 2
        try 7, call CODE:program
    %elif DICE == 3
        leap
    %else
        try 7, call TASK:0
    %endif
%else                                   ; memory, and no instructions
    %if DICE == 0
        try 6, mov ecx, [secret]
    %elif DICE == 1
        try 6, mov [secret + 4], edx
    %elif DICE == 2
        try 6, add [missing + 8], ecx
    %elif DICE == 3
        try 2, ud2
    %else
        xor ecx, ecx
        try 2, div ecx
    %endif
%endif
%endrep
        dec dword [rounds]
        jnz near .round
        int 0x32

        without_error 0
        without_error 3
        without_error 4
        without_error 5
        without_error 6
        with_error 11
        with_error 12
        with_error 13
        with_error 14

trapped:                                ; vector, error, EIP, CS, EFLAGS ...
        push eax
        push ds
        mov eax, DATA
        mov ds, eax
        inc dword [count]
        mov eax, [esp + 8]
        rol ebp, 7
        xor ebp, eax
        rol ebp, 7
        xor ebp, [esp + 12]
        look
        add [esp + 16], edi
        pop ds
        pop eax
        add esp, 8
        iret

called: push ds
        push eax
        mov eax, DATA
        mov ds, eax
        inc dword [count]
        look
        pop eax
        pop ds
        add eax, 7
        iret

ended:  mov eax, DATA
        mov ds, eax
        mov es, eax
        say "taken "
        mov eax, [count]
        call say_hex
        say ", sum "
        mov eax, ebp
        call say_hex
        say 10
        quit 0

section .data
count:  dd 0
rounds: dd 0
section .bss
        alignb 4096
secret: resb 4096
missing: resb 4096
task:   resb PORTS_TASK
        alignb 4096
user_stack: resb 4096
user_stack_top:
