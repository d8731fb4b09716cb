; nano-syscall - from ring 3 into the kernel by INT 0x80, and back by IRET.
;
; Nothing in it needs a monitor where the kernel has a ring 0 of its own; where
; the kernel has been moved out of ring 0, both ways lead through the monitor.
%include "nano.inc"

nano:   gate 0x80, handler, 3
        mov edi, tables                 ; all pages, for ring 3, too
        mov ecx, 4096
.entry: or dword [edi], 4
        add edi, 4
        loop .entry
        mov eax, cr3
        mov cr3, eax
        mov eax, task
        mov [gdt_task + 2], ax          ; base
        shr eax, 16
        mov [gdt_task + 4], al
        mov [gdt_task + 7], ah
        mov word [gdt_task], 103        ; limit
        mov byte [gdt_task + 5], 0x89   ; a free 32-bit TSS
        mov eax, TASK
        ltr ax
        push dword USER_DATA
        push dword user_stack_top
        push dword 0x3002               ; IOPL 3: for the markers
        push dword USER_CODE
        push dword user
        iret

user:   mov eax, USER_DATA
        mov ds, eax
        rounds
        int 0x80
        done

handler: iret

section .data
        align 4
task:   dd 0
        dd kernel_stack_top             ; ESP0
        dd DATA                         ; SS0
        times 22 dd 0
        dw 0, 104                       ; no I/O bitmap

section .bss
        alignb 16
user_stack: resb 1024
user_stack_top:
kernel_stack: resb 1024
kernel_stack_top:
