; para-descriptors - a GDT with ring 0 in it, call gates, and system segments.
; under: para
; ends: success
; Rule: each descriptor is looked at before the processor uses it: DPL 0
; becomes 1, what reaches the hole is cut or refused, system segments are
; refused (descriptors.c).
%include "para.inc"
%define PAGE SPARE / 4096
%macro DESCRIPTOR 4             ; low, high, answer, "what"
        mov ebx, [frame]
        shl ebx, 12
        add ebx, 64
        xor ecx, ecx
        mov edx, %1
        mov esi, %2
        hypercall update_descriptor
        ANSWERS %3, %4
%endmacro
attack: mov ecx, 1024
        mov edi, SPARE
        xor eax, eax
        rep stosd
        mov dword [SPARE + 16], 0x0000ffff      ; flat, ring 0
        mov dword [SPARE + 20], 0x00cf9300
        mov dword [SPARE + 24], 0x0000ffff
        mov dword [SPARE + 28], 0x00cf9b00
        mfn_of PAGE
        mov [frame], eax
        shl eax, 12
        or eax, 5
        mov [value], eax
        map SPARE, [value]
        mov ebx, frame
        mov ecx, 512
        hypercall set_gdt
        ANSWERS WORKS, "a GDT with two segments of ring 0"
        FAULTS 99, "they are of ring 1, by now"
        mov ax, 0x11
        mov es, ax
        mov eax, [SPARE + 20]
        and eax, 0x6000
        cmp eax, 0x2000
        jne %$next              ; not 99: it is noticed
        mov ax, KERNEL_DS
        mov es, ax
        mov dword [got_vector], 99
        jmp %$next
        END
        FAULTS 13, "and end before the hole"
        mov ax, 0x11
        mov es, ax
        mov eax, [es:HOLE]
        END
        FAULTS 13, "a jump to ring 0 by the code segment"
        jmp 0x18:0xffe22000
        END
        FAULTS 13, "a jump to the monitor's stubs by it"
        jmp 0x19:0xffe22000
        END
        DESCRIPTOR 0x00000067, 0xff008900, EINVAL, "a TSS"
        DESCRIPTOR 0x0000ffff, 0x00008200, EINVAL, "an LDT"
        DESCRIPTOR 0xe0080000, 0xffe2ec00, EINVAL, "a call gate to MONITOR_CS"
        DESCRIPTOR 0xe0510000, 0x0000ec00, EINVAL, "a call gate to CACHE_CS"
        DESCRIPTOR 0xe0400000, 0x0000e500, EINVAL, "a task gate to the TSS"
        DESCRIPTOR 0xe0190000, 0x0000ee00, EINVAL, "an interrupt gate"
        DESCRIPTOR 0x0000ffff, 0xffcff300, EINVAL, "a segment with a base in the hole"
        DESCRIPTOR 0x1000ffff, 0x00cff300, EINVAL, "one that wraps round"
        DESCRIPTOR 0x00000000, 0x00cff700, EINVAL, "one that expands down"
        DESCRIPTOR 0x00180000, 0x0010ec00, WORKS, "a call gate to its own code"
        FAULTS 14, "the GDT, written where it is mapped to read"
        mov dword [SPARE + 20], 0x00cf9300
        END
        mmuext SET_LDT, 0xffc00000, 16
        ANSWERS EFAULT, "an LDT in the hole"
        mmuext SET_LDT, M2P, 16
        ANSWERS EFAULT, "an LDT in the M2P list"
        mmuext SET_LDT, SPARE, 9000
        ANSWERS EINVAL, "an LDT of 9,000 entries"
        LIVES
section .data
frame:  dd 0
value:  dd 0
