; large-pages - 4 MiB pages over page tables, memory's end, and the hole.
; under: full hybrid translate emulate
; ends: success
; Rule: the processor's CR4.PSE is off. A large page is a thousand shadow
; entries, each looked up in the memory map and traced like others.
%include "hostile.inc"
lesson: call trap_all
        call make_tables
        mov eax, cr4
        or al, 0x10
        mov cr4, eax
        TRY "over its own page tables, written through"
        mov dword [DIR + (WINDOW >> 22) * 4], 0x000087
        FLUSH
        mov dword [WINDOW + LOW + 0x7f * 4], FRAME | 7
        invlpg [0x7f000]
        mov dword [FRAME], 0x13579bdf
        mov eax, [0x7f000]
        call say_hex
        DONE
        TRY "over its directory, which takes itself away and back"
        mov ebx, [WINDOW + DIR + (WINDOW >> 22) * 4]
        mov dword [WINDOW + DIR + (WINDOW >> 22) * 4], 0
        mov [DIR + (WINDOW >> 22) * 4], ebx
        mov eax, [WINDOW + FRAME]
        call say_hex
        DONE
        TRY "across the end of memory"
        mov dword [DIR + 6 * 4], 0x400087
        mov dword [DIR + 7 * 4], 0x800087
        FLUSH
        mov dword [6 * 0x400000 + 0x3ffffe], 0x22221111
        mov eax, [6 * 0x400000 + 0x3ffffe]
        call say_hex
        DONE
        TRY "at the end of all addresses"
        mov dword [DIR + 8 * 4], 0xffc00087
        FLUSH
        mov dword [0x2000000 + 0x200000], 1
        mov eax, [0x2000000 + 0x200000]
        call say_hex
        DONE
        TRY "in the hole's own slot"
        mov dword [DIR + 1023 * 4], 0x400087
        FLUSH
        mov dword [MONITOR_IDT], 0x98765432
        mov eax, [0x400000 * 6 + (MONITOR_IDT & 0x3fffff)]
        call say_hex
        DONE
        TRY "with bits that must be zero"
        mov dword [DIR + 9 * 4], 0x3fe087
        FLUSH
        mov eax, [0x2400000]
        DONE
        TRY "a large page and a small one of the same frame"
        mov dword [DIR + 10 * 4], 0x000085      ; read-only
        FLUSH
        mov dword [FRAME], 1
        mov eax, [10 * 0x400000 + FRAME]
        mov dword [10 * 0x400000 + FRAME], 2
        DONE
        TRY "large no more: the entry is a table now"
        mov eax, cr4
        and al, 0xef
        mov cr4, eax
        mov eax, [WINDOW]
        DONE
        LIVES
