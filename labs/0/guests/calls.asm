; calls - a program in ring 3 asks its kernel, and does what it may not.
;
; INT 0x30 goes to the guest's kernel by way of the monitor, and its IRET goes
; back by way of the monitor. A CLI in ring 3 is refused: the kernel's handler
; of #GP skips it.
%include "lib.inc"

CALLS equ 4 + SEED % 5

lesson: mov al, 0xff                    ; no interrupts: the 8259 masks all
        out 0x21, al
        gate 13, refused
        gate 0x30, call_in, 3
        mov eax, task                   ; the stack for ring 0 is in a TSS
        mov [gdt_task + 2], ax
        shr eax, 16
        mov [gdt_task + 4], al
        mov word [gdt_task], 103
        mov byte [gdt_task + 5], 0x89
        mov dword [task + 4], stack_top
        mov dword [task + 8], DATA
        mov ax, TASK
        ltr ax
        push dword USER_DATA
        push dword user_stack_top
        push dword 2
        push dword USER_CODE
        push dword program
        iret

program:
        mov ebp, CALLS
.again: int 0x30
        dec ebp
        jnz .again
%rep 6
    dice 2
    %if DICE == 0
        cli                             ; one byte long
    %else
        int 0x30
    %endif
%endrep
        mov eax, 1
        int 0x30

call_in:                                ; EAX is 1: it ends
        cmp eax, 1
        je .end
        xor eax, eax
        iret
.end:   quit 0

refused:                                ; error code, EIP, CS, EFLAGS ...
        inc dword [esp + 4]
        add esp, 4
        iret

section .bss
        alignb 4
task:   resb 104
        alignb 4096
user_stack: resb 4096
user_stack_top:
