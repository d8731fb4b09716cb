; user - an interrupt in ring 3: onto the stack that the TSS has for ring 0.
;
; The kernel lets the interrupt wait, and goes to ring 3 by IRET with IF set.
; Before the program's first instruction it comes: SS and ESP of ring 3 are on
; ring 0's stack, too. The program calls back by INT 0x30, each time anew.
%include "irq.inc"

ROUNDS equ 5

lesson: gate 32, tick
        gate 0x30, back, 3
        start
        mov eax, task
        mov [gdt_task + 2], ax
        shr eax, 16
        mov [gdt_task + 4], al
        mov word [gdt_task], 103
        mov byte [gdt_task + 5], 0x89
        mov dword [task + 8], DATA
        mov ax, TASK
        ltr ax
%assign ROUND 0
%rep ROUNDS
    dice 200
        mov dword [task + 4], kernel_stack_top - 4 * DICE
        arm
        pass
        mov esp, stack_top
        push dword USER_DATA
    dice 200
        push dword user_stack_top - DICE
    dice 2
        push dword 0x202 | DICE << 10 | (ROUND & 1)     ; DF, CF
        push dword USER_CODE
        push dword program + ROUND
        iret
next_%[ROUND]:
    %assign ROUND ROUND + 1
%endrep
        tell
        quit 0

program:
        times ROUNDS nop
        int 0x30

back:   cld                             ; on the ring 0 stack
        mov eax, DATA
        mov ds, eax
        mov es, eax
        note [ticks]
        mov eax, [round]
        inc dword [round]
        jmp [where + 4 * eax]

tick:   push eax
        push ds
        mov eax, DATA
        mov ds, eax
        inc dword [ticks]
        pop ds
        pop eax
        push ds
        push dword DATA
        pop ds
        frame_of 6                      ; DS, EIP, CS, EFLAGS, ESP, SS
        done
        pop ds
        iret

section .data
ticks:  dd 0
round:  dd 0
where:
%assign ROUND 0
%rep ROUNDS
        dd next_%[ROUND]
    %assign ROUND ROUND + 1
%endrep

section .bss
        alignb 16
task:   resb 104
        alignb 4096
kernel_stack: resb 4096
kernel_stack_top:
user_stack: resb 4096
user_stack_top:
