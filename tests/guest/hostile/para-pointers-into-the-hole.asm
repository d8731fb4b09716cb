; para-pointers-into-the-hole - each hypercall, each argument, the monitor's.
; under: para
; ends: success
; Rule: copy_in and copy_out go by the guest's own page tables, with its own
; rights, and not behind 0xfc000000.
%include "para.inc"
attack: mov dword [number], 0
.next:  mov eax, [number]
        cmp eax, sched_op       ; these four end or block it, or read no
        je .skip                ; pointer but the stack's
        cmp eax, 6              ; sched_op_compat
        je .skip
        cmp eax, ringside
        je .skip
        cmp eax, 23             ; iret
        je .skip
        mov dword [which], 0
.where: mov eax, [which]
        mov ebx, [places + eax * 4]
        mov ecx, ebx
        mov edx, ebx
        mov esi, ebx
        mov edi, ebx
        call .call
        mov eax, [which]        ; only the second and third: small commands
        mov ecx, [places + eax * 4]
        mov edx, ecx
        mov ebx, 1
        mov esi, DOMID_SELF
        xor edi, edi
        call .call
        mov eax, [which]        ; only the first, a count of 1
        mov ebx, [places + eax * 4]
        mov ecx, 1
        xor edx, edx
        mov esi, DOMID_SELF
        call .call
        inc dword [which]
        cmp dword [which], (places_end - places) / 4
        jb .where
.skip:  inc dword [number]
        cmp dword [number], 64
        jb .next
        mov ebx, traps          ; they may be somewhere else by now
        hypercall set_trap_table
        mov ebx, KERNEL_DS
        mov ecx, stack_top
        hypercall stack_switch
        xor eax, eax
        ANSWERS 0, "1,440 hypercalls with the monitor's addresses"
        mov ebx, MONITOR_DS
        mov ecx, 0xffe24000
        hypercall stack_switch
        ANSWERS EPERM, "the monitor's stack for its own"
        mov dword [op], 0x0003
        mov word [op + 2], MONITOR_CS
        mov dword [op + 4], 0xffe22000
        mov dword [op + 8], 0
        mov dword [op + 12], 0
        mov ebx, op
        hypercall set_trap_table
        ANSWERS EPERM, "a handler in the monitor"
        mov ebx, MONITOR_CS
        mov ecx, 0xffe22000
        mov edx, MONITOR_CS
        mov esi, ecx
        hypercall set_callbacks
        ANSWERS EPERM, "an upcall to the monitor"
        LIVES
.call:  mov eax, [number]
        int 0x82
        ret
section .data
number: dd 0
which:  dd 0
places: dd 0xffe00000, 0xffe20000, 0xffe21000, 0xffe23ffc, 0xffe30000
        dd 0xfffffffc, 0xffc00000, 0xfc000000
places_end:
