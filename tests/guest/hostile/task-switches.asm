; task-switches - a TSS that names the monitor's segments and page tables.
; under: full hybrid translate emulate
; ends: success
; Rule: tasks are switched by the virtual processor, on the guest's memory; a
; TSS's CR3 and selectors mean what the guest's own would.
%include "hostile.inc"
lesson: call trap_all
        call make_tables
        mov esi, gdt
        mov edi, gdt2
        mov ecx, (gdt_end - gdt) / 4
        rep movsd
        lgdt [gdt2_register]
%macro GO 1+
        mov byte [gdt2 + 8 * 8 + 5], 0x89
        mov byte [gdt2 + TASK + 5], 0x8b
        call fill
        %1
        jmp 8 * 8:0
%endmacro
        mov eax, other
        mov word [gdt2 + 8 * 8], 103
        mov [gdt2 + 8 * 8 + 2], ax
        shr eax, 16
        mov [gdt2 + 8 * 8 + 4], al
        mov [gdt2 + 8 * 8 + 7], ah
        TRY "a task of its own"
        GO nop
        DONE
        call back
        TRY "a task whose CS is the monitor's"
        GO mov dword [other + 76], MONITOR_CS
        DONE
        call back
        TRY "a task whose SS is the monitor's"
        GO mov dword [other + 80], MONITOR_DS
        DONE
        call back
        TRY "a task whose LDT is the monitor's"
        GO mov dword [other + 96], 0xe048
        DONE
        call back
        LIVES
fill:   mov edi, other
        xor eax, eax
        mov ecx, 26
        rep stosd
        mov dword [other + 28], DIR
        mov dword [other + 32], passed
        mov dword [other + 36], 2
        mov dword [other + 56], stack + 3000
        mov dword [other + 76], CODE
        mov dword [other + 4], stack + 2048
        mov dword [other + 8], DATA
        mov dword [other + 72], DATA
        mov dword [other + 80], DATA
        mov dword [other + 84], DATA
        ret
back:   mov byte [gdt2 + TASK + 5], 0x89
        mov ax, TASK
        ltr ax
        ret
section .data
gdt2_register: dw 16 * 8 - 1
        dd gdt2
        align 8
gdt2:   times 16 dq 0
section .bss
        alignb 8
other:  resb 104
