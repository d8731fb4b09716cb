; odd-instructions - bytes that are no instruction, or run over an edge.
; under: full hybrid translate emulate
; ends: success
; Rule: what the monitor decodes it fetches as the processor does: byte for
; byte, through the guest's tables, 15 bytes at most.
%include "hostile.inc"
lesson: call trap_all
        call make_tables
        mov dword [DIR + ((HOLE - 1) >> 22) * 4], TABLE | 7
        mov dword [TABLE + 1023 * 4], FRAME | 7
        TRY "16 bytes of prefixes, and CLI"
        times 15 db 0x2e
        cli
        DONE
        TRY "LOCK CLI"
        db 0xf0
        cli
        DONE
        TRY "an instruction that runs over the edge of the hole"
        mov word [FRAME + 0xffe], 0x200f        ; mov eax, cr0: two of three
        mov eax, HOLE - 2
        jmp eax
        DONE
        TRY "the same, with its last byte on a page of its own"
        mov dword [HOLE_PTE(HOLE)], FRAME + 0x1000 | 7
        mov dword [FRAME + 0x1000], 0x9040cdc0  ; c0; int 0x40
        mov eax, HOLE - 2
        jmp eax
        DONE
        TRY "a REP prefix on what takes none"
        db 0xf3, 0x0f, 0x20, 0xd8               ; mov eax, cr3
        call say_hex
        DONE
        TRY "CLI over the end of memory"
        mov dword [PTE(0)], 0x7ff007
        mov dword [PTE(1)], 0x800007
        mov byte [WINDOW + 0xfff], 0x66
        mov eax, WINDOW + 0xfff
        jmp eax
        DONE
        TRY "UD2, and what is reserved"
        ud2
        DONE
        TRY "MOV to CR1"
        db 0x0f, 0x22, 0xc8
        DONE
        TRY "MOV to CS"
        db 0x8e, 0xc8
        DONE
        LIVES
