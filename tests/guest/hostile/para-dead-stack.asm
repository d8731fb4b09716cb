; para-dead-stack - a kernel that takes its own stack away, and then faults.
; under: para
; ends: stack
; Rule: an event that cannot be given to a guest is that guest's end.
%include "para.inc"
attack: mov ebx, KERNEL_DS
        mov ecx, 0xf0000000
        hypercall stack_switch
        push USER_DS
        push 0xf0000000
        push 0x202
        push USER_CS
        push .user
        iret
.user:  cli
        jmp $
