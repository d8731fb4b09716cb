; recursive-tables - a page directory that is its own page table.
; under: full hybrid translate emulate
; ends: success
; Rule: what the processor walks are shadows. An entry written through the
; window on the tables is traced like any, and leads where the allocator says.
%include "hostile.inc"
SELF equ 0xfd000000             ; directory slot 1012
%define ENTRY(at) SELF + ((at) >> 12) * 4
lesson: call trap_all
        call make_tables
        mov dword [DIR + (SELF >> 22) * 4], DIR | 7
        FLUSH
        TRY "its directory, seen as a table of itself"
        mov eax, [SELF + (SELF >> 22) * 4096 + (SELF >> 22) * 4]
        and al, 0x9f
        call say_hex
        DONE
        TRY "an entry written through the window"
        mov dword [ENTRY(WINDOW)], FRAME | 7
        mov dword [WINDOW], 0x12345678
        mov eax, [FRAME]
        call say_hex
        DONE
        TRY "an entry to behind its memory"
        mov dword [ENTRY(WINDOW + 0x1000)], 0x800000 | 7
        mov dword [WINDOW + 0x1000], 0x11111111
        mov eax, [WINDOW + 0x1000]
        call say_hex
        DONE
        TRY "the entries of the hole, through the window"
        mov eax, [ENTRY(MONITOR_IDT)]
        call say_hex
        DONE
        TRY "its directory's last slot becomes the directory"
        mov dword [DIR + 1023 * 4], DIR | 7
        FLUSH
        mov eax, [0xfffff000 + 1023 * 4]
        and al, 0x9f
        call say_hex
        DONE
        TRY "a write to the hole's slot by way of itself"
        mov dword [0xfffff000 + 1023 * 4], TOP | 7
        FLUSH
        mov eax, [DIR + 1023 * 4]
        and al, 0x9f
        call say_hex
        DONE
        TRY "from ring 3, all of it is open, and its own"
        mov dword [DIR + 4], DIR | 7
        FLUSH
        USER
        mov dword [0x400000 + 3 * 4], 0
        mov eax, [0x400000 + (SELF >> 22) * 4]
        DONE
        LIVES
