; trap.asm - the way into the kernel, the way out, and between two processes.
bits 32
%include "ops.inc"

extern trap
global trap_entries
global return_from_trap
global switch_stacks

section .text

; Vector n pushes an error code, true or 0, and its number. (SDM 3A 6.13:
; 8, 10 to 14 and 17 bring one.)
%macro ENTRY 1
entry_%1:
    %if !(%1 == 8 || (%1 >= 10 && %1 <= 14) || %1 == 17)
        push dword 0
    %endif
        push dword %1
        jmp enter_kernel
%endmacro
%assign n 0
%rep 48
        ENTRY n
    %assign n n + 1
%endrep
        ENTRY 128

CS_AT equ 11 * 4                ; CS in the struct trap_frame at ESP

; The kernel's DS and ES are loaded on the way in; FS and GS are nobody's.
enter_kernel:
        pusha
        test byte [esp + CS_AT], 2      ; RPL 3: from a program
        jz .inside
        mov eax, KERNEL_DATA
        mov ds, eax
        mov es, eax
.inside:
        cld
        push esp
        call trap
        add esp, 4

return_from_trap:
        test byte [esp + CS_AT], 2
        jz .inside
        mov eax, USER_DATA
        mov ds, eax
        mov es, eax
.inside:
        popa
        add esp, 8                      ; vector, error
        RETURN_FROM_TRAP

; switch_stacks(uint32_t *save_esp, uint32_t load_esp)
switch_stacks:
        mov eax, [esp + 4]
        mov edx, [esp + 8]
        push ebx
        push esi
        push edi
        push ebp
        mov [eax], esp
        mov esp, edx
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret

section .rodata
trap_entries:                           ; by vector; 48 is vector 128
%assign n 0
%rep 48
        dd entry_ %+ n
    %assign n n + 1
%endrep
        dd entry_128
