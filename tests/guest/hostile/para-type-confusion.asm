; para-type-confusion - a frame that was checked as one thing, used as another.
; under: para
; ends: success
; Rule: a type is kept as long as anybody uses it, and checked anew when it
; changes (types.c).
%include "para.inc"
%define PAGE SPARE / 4096
attack: mov ecx, 1024           ; an empty page: good for any table
        mov edi, SPARE
        xor eax, eax
        rep stosd
        mfn_of PAGE
        mov [frame], eax
        mmuext PIN_L1, [frame], 0
        ANSWERS EBUSY, "a page that is mapped writable, pinned as a table"
        map SPARE, 0
        ANSWERS WORKS, "it is unmapped"
        mmuext PIN_L1, [frame], 0
        ANSWERS WORKS, "pinned as a page table"
        mmuext PIN_L2, [frame], 0
        ANSWERS EINVAL, "and pinned as a directory, besides"
        mov eax, [tables]
        shr eax, 12
        mfn_of eax
        shl eax, 12
        add eax, 5 * 4
        mov [entry], eax
        mov eax, [frame]
        shl eax, 12
        or eax, 7
        mov [value], eax
        update [entry], [value]
        ANSWERS WORKS, "in the directory's slot 5"
        mmuext NEW_BASEPTR, [frame], 0
        ANSWERS EBUSY, "put into CR3"
        mov eax, [frame]
        mov [gdt_frames], eax
        mov ebx, gdt_frames
        mov ecx, 512
        hypercall set_gdt
        ANSWERS EBUSY, "made the GDT"
        mov eax, [frame]
        shl eax, 12
        mov ebx, eax
        xor ecx, ecx
        mov edx, 0x0000ffff
        mov esi, 0x00cf9300
        hypercall update_descriptor
        ANSWERS EINVAL, "a descriptor written into it"
        mov ecx, [frame]
        shl ecx, 12
        or ecx, 7
        map SPARE, ecx
        ANSWERS EBUSY, "mapped writable again"
        mmuext UNPIN, [frame], 0
        ANSWERS WORKS, "unpinned"
        mov ecx, [frame]
        shl ecx, 12
        or ecx, 7
        map SPARE, ecx
        ANSWERS EBUSY, "mapped writable, while slot 5 still has it"
        update [entry], 0
        ANSWERS WORKS, "out of slot 5"
        mmuext UNPIN, [frame], 0
        ANSWERS EINVAL, "and unpinned again"
        mov ebx, gdt_frames
        mov ecx, 512
        hypercall set_gdt
        ANSWERS WORKS, "it is the GDT now"
        mmuext PIN_L1, [frame], 0
        ANSWERS EBUSY, "the GDT pinned as a page table"
        mov ecx, [frame]
        shl ecx, 12
        or ecx, 7
        map SPARE, ecx
        ANSWERS EBUSY, "the GDT mapped writable"
        mov ebx, 0
        xor ecx, ecx
        hypercall set_gdt
        ANSWERS WORKS, "no GDT"
        mov ecx, [frame]
        shl ecx, 12
        or ecx, 7
        map SPARE, ecx
        ANSWERS WORKS, "its own page again"
        mov dword [SPARE], 0x00000000
        mov eax, [frame]                ; an entry that maps itself writable
        shl eax, 12
        or eax, 7
        mov [SPARE + 8], eax
        map SPARE, 0
        mmuext PIN_L1, [frame], 0
        ANSWERS EBUSY, "a page table that maps itself writable"
        LIVES
section .data
frame:  dd 0
gdt_frames: dd 0
entry:  dd 0
value:  dd 0
