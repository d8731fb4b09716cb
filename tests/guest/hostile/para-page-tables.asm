; para-page-tables - page tables mapped writable, by every way there is.
; under: para
; ends: success
; Rule: a frame has one type at a time (types.c): while it is a page table, no
; entry maps it writable, and while one does, it is no table.
%include "para.inc"
attack: mov eax, [tables]
        shr eax, 12
        mov [dir_page], eax
        mfn_of [dir_page]
        shl eax, 12
        mov [dir], eax
        mov eax, [dir_page]
        inc eax
        mfn_of eax
        shl eax, 12
        mov [table], eax
        mov ecx, [dir]
        or ecx, 7
        map SPARE, ecx
        ANSWERS EBUSY, "its directory, writable"
        mov ecx, [table]
        or ecx, 7
        map SPARE, ecx
        ANSWERS EBUSY, "its page table, writable"
        mov ecx, [table]
        or ecx, 5
        map SPARE, ecx
        ANSWERS WORKS, "its page table, to read"
        FAULTS 14, "a write by that, of frame 0"
        mov dword [SPARE + 12], 7
        END
        mfn_of (SPARE / 4096 + 2)
        shl eax, 12
        or eax, 7
        mov [value], eax
        mov ecx, [table]
        add ecx, (SPARE / 4096 + 1) * 4
        update ecx, [value]
        ANSWERS WORKS, "an entry of its own, by mmu_update"
        mov ecx, [dir]
        or ecx, 7
        mov [value], ecx
        mov ecx, [table]
        add ecx, (SPARE / 4096 + 1) * 4
        update ecx, [value]
        ANSWERS EBUSY, "its directory, writable, by mmu_update"
        mov ecx, [dir]
        add ecx, 0x3f0 * 4      ; the hole's first slot
        mov eax, [table]
        or eax, 7
        mov [value], eax
        update ecx, [value]
        ANSWERS EPERM, "a table in the hole's slot"
        mov ecx, [dir]
        add ecx, 1023 * 4
        update ecx, 0
        ANSWERS EPERM, "the monitor's own slot, emptied"
        mov ecx, [dir]
        add ecx, 4 * 4
        mov eax, [dir]
        or eax, 7
        mov [value], eax
        update ecx, [value]
        ANSWERS EBUSY, "the directory as a table of itself, writable"
        mov ecx, [dir]
        add ecx, 4 * 4
        update ecx, 0x400087
        ANSWERS EINVAL, "a large page over all of it"
        FAULTS 14, "MOV to its directory that is done for it, if it may"
        mov eax, [tables]
        mov dword [eax + 1023 * 4], 7
        END
        FAULTS 14, "REP STOSD to its page table"
        mov edi, [tables]
        add edi, 4096
        mov ecx, 1024
        mov eax, 7
        rep stosd
        END
        FAULTS 14, "a locked exchange"
        mov edi, [tables]
        mov eax, 0x1007
        lock cmpxchg [edi + 4096], eax
        lock xadd [edi + 4096], eax
        END
        LIVES
section .data
dir_page: dd 0
dir:    dd 0
table:  dd 0
value:  dd 0
