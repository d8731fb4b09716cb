; ring-change - from ring 0 to ring 3 by IRET, and back by INT 0x80.
;
; The kernel builds a frame on its stack and lets IRET go down to ring 3; the
; program there looks at its own ring, tries CLI, which is not allowed, and
; comes back through a gate. The TSS holds the stack for the way in.
;
; Bare:                 rings 0 and 3.
; Full, virtualizable:  the kernel is in ring 1 and believes that it is in 0:
;                       MOV from CS traps, and the monitor answers.
; Full, classic:        MOV from CS does not trap: the kernel sees ring 1.
;                       This is ring compression, and its seam.
%include "lesson.inc"

lesson:
        gate 13, protection
        gate 128, back, 3
        mov eax, task
        mov [gdt_task + 2], ax          ; base
        shr eax, 16
        mov [gdt_task + 4], al
        mov [gdt_task + 7], ah
        mov word [gdt_task], 103        ; limit
        mov byte [gdt_task + 5], 0x89   ; a free 32-bit TSS
        mov eax, TASK
        ltr ax
        mov eax, cs
        and eax, 3
        say_if {"the kernel is in ring 0",10}, {"not in ring 0!",10}
        push dword USER_DATA
        push dword user_stack_top
        push dword 0x3002               ; IOPL 3, to be able to speak
        push dword USER_CODE
        push dword user
        iret

user:   mov eax, USER_DATA
        mov ds, eax
        mov es, eax
        mov eax, cs
        and eax, 3
        cmp eax, 3
        say_if {"the program is in ring 3",10}, {"not in ring 3!",10}
        hlt                             ; ring 0's alone: #GP
        int 0x80

protection:                             ; step over the HLT
        inc dword [esp + 4]             ; EIP; the error code is on top
        say "HLT in ring 3: #GP", 10
        add esp, 4
        iret

back:   mov eax, cs
        and eax, 3
        say_if {"INT 0x80: back in ring 0",10}, {"not in ring 0!",10}
        mov eax, DATA
        mov ds, eax
        quit 0

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
