; control-registers - paging off, tables nowhere, bits that must be zero.
; under: full hybrid translate emulate
; ends: success
; Rule: CR0, CR3 and CR4 of the guest are numbers that the monitor keeps. The
; real ones are its own: PG, WP and PE set, PSE clear, CR3 a shadow.
%include "hostile.inc"
lesson: call trap_all
        call make_tables
        TRY "CR0 with PG and no PE"
        mov eax, 0x80000000
        mov cr0, eax
        DONE
        TRY "CR0 with NW and no CD"
        mov eax, cr0
        or eax, 0x20000000
        mov cr0, eax
        DONE
        TRY "CR4 with bits that must be zero"
        mov eax, 0xffff0000
        mov cr4, eax
        DONE
        TRY "no WP: ring 0 writes what is read-only, and that is all"
        mov eax, cr0
        and eax, 0xfffeffff
        mov cr0, eax
        mov dword [PTE(0)], FRAME | 5
        mov dword [WINDOW], 0x24682468
        mov eax, [FRAME]
        call say_hex
        mov eax, cr0
        or eax, 0x10000
        mov cr0, eax
        DONE
        TRY "WP again"
        mov dword [WINDOW], 1
        DONE
        TRY "paging off and on, thirty times"
        mov ecx, 30
.again: mov eax, cr0
        btc eax, 31
        mov cr0, eax
        btc eax, 31
        mov cr0, eax
        loop .again
        DONE
        TRY "without paging, the hole is memory that is not there"
        mov eax, cr0
        btc eax, 31
        mov cr0, eax
        mov dword [MONITOR_STACK - 4], 0
        mov eax, [MONITOR_STACK - 4]
        call say_hex
        DONE
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        TRY "CR3 from ring 3"
        USER
        xor eax, eax
        mov cr3, eax
        DONE
        TRY "CR3 with all its low bits set"
        mov eax, DIR | 0xfff
        mov cr3, eax
        mov eax, cr3
        and eax, 0xfffff000
        call say_hex
        DONE
        LIVES
