; efficiency.asm - ROUNDS times round a loop of three innocuous instructions, in
; ring 3 if USER is defined, else in ring 0: for check-efficiency.sh.
%include "lesson.inc"

lesson:
%ifdef USER
        gate 0x40, done, 3
        mov dword [tss + 4], stack_top - 2048
        mov dword [tss + 8], DATA
        mov eax, tss
        mov [gdt_task + 2], ax
        mov word [gdt_task], 103
        shr eax, 16
        mov [gdt_task + 4], al
        mov byte [gdt_task + 5], 0x89
        mov [gdt_task + 7], ah
        mov ax, TASK
        ltr ax
        push USER_DATA
        push stack_top
        push 2
        push USER_CODE
        push work
        iret
%endif
work:   mov ecx, ROUNDS
.again: add eax, ecx
        dec ecx
        jnz .again
%ifdef USER
        int 0x40
%endif
done:   quit 0

section .bss
        alignb 8
tss:    resb 104
