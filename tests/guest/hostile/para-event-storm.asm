; para-event-storm - timers, events to itself and hypercalls without end.
; under: para
; ends: limit
; Rule: what a guest has done for it is charged to it, and its turn ends.
%include "para.inc"
attack: mov ebx, 1              ; bind_virq: the timer
        mov ecx, op
        hypercall event_channel_op
        mov ebx, 3              ; bind_ipi
        mov dword [ipi], 0
        mov ebx, 7
        mov ecx, ipi
        hypercall event_channel_op
.ever:  mov ebx, 4              ; send
        mov ecx, ipi + 4
        hypercall event_channel_op
        xor ecx, ecx
        mov ebx, 1
        hypercall set_timer_op
        mov ebx, op
        mov ecx, 4
        hypercall multicall
        xor ebx, ebx
        hypercall sched_op      ; yield
        jmp .ever
section .data
ipi:    dd 0, 0
