; para-wrap-around - counts and lengths that wrap round when they are added.
; under: para
; ends: success
; Rule: a length is compared before it is multiplied or added, and each byte
; of an argument is one that the guest could read or write itself.
%include "para.inc"
%macro UPDATES 4                ; list, count, answer, "what"
        mov ebx, %1
        mov ecx, %2
        xor edx, edx
        mov esi, DOMID_SELF
        hypercall mmu_update
        ANSWERS %3, %4
%endmacro
%macro CALLS 4
        mov ebx, %1
        mov ecx, %2
        hypercall multicall
        ANSWERS %3, %4
%endmacro
%macro WRITES 4                 ; length, buffer, answer, "what"
        xor ebx, ebx
        mov ecx, %1
        mov edx, %2
        hypercall console_io
        ANSWERS %3, %4
%endmacro
attack: UPDATES op, 0x20000001, EINVAL, "mmu_update of 2^29 + 1"
        UPDATES op, 0x10000001, EINVAL, "mmu_update of 2^28 + 1"
        UPDATES op, 0xffffffff, EINVAL, "mmu_update of 2^32 - 1"
        UPDATES 0xfffffff8, 2, EFAULT, "mmu_update from the end of all addresses"
        UPDATES HOLE - 4, 1, EFAULT, "mmu_update over the edge of the hole"
        UPDATES M2P - 8, 1, EFAULT, "mmu_update into the M2P list"
        CALLS op, 0x08000001, EINVAL, "multicall of 2^27 + 1"
        CALLS op, 0x80000000, EINVAL, "multicall of 2^31"
        CALLS 0xfffffffc, 1, EFAULT, "multicall from the end of all addresses"
        WRITES 0xffffffff, op, EINVAL, "2^32 - 1 bytes for the console"
        WRITES 0x80000001, op, EINVAL, "2^31 + 1 bytes"
        WRITES 4096, 0xfffff800, EFAULT, "4,096 bytes that wrap round"
        WRITES 16, HOLE - 8, EFAULT, "16 bytes over the edge of the hole"
        WRITES 16, 0xffe23ff0, EFAULT, "the monitor's stack"
        mov dword [op], 29      ; sched_op poll: 2^30 ports
        mov ebx, 3
        mov ecx, op
        mov dword [op], op + 16
        mov dword [op + 4], 0x40000000
        hypercall sched_op
        ANSWERS EINVAL, "a poll of 2^30 ports"
        mov ebx, op
        mov ecx, 0xffffffff
        hypercall set_gdt
        ANSWERS EINVAL, "a GDT of 2^32 - 1 entries"
        mmuext SET_LDT, SPARE, 0x20000001
        ANSWERS EINVAL, "an LDT of 2^29 + 1 entries"
        mov ebx, op
        mov ecx, 0x15555556     ; times 12 is 8
        xor edx, edx
        mov esi, DOMID_SELF
        hypercall mmuext_op
        ANSWERS EINVAL, "mmuext_op of 2^32 / 12 + 1"
        mov edi, op             ; multicall in multicall in multicall
        mov dword [edi], multicall
        mov dword [edi + 8], op
        mov dword [edi + 12], 1
        CALLS op, 1, WORKS, "a multicall of itself"
        LIVES
