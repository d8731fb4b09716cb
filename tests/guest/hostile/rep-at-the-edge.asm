; rep-at-the-edge - string instructions that run on into the monitor's hole.
; under: full hybrid translate emulate
; ends: success
; Rule: a REP stops at the first element that may not be reached, with ECX,
; ESI and EDI as they are there; the segment ends at the edge, to the byte.
%include "hostile.inc"
%macro REGISTERS 0
        mov eax, ecx
        call say_hex
        mov eax, edi
        call say_hex
        mov eax, esi
        call say_hex
        say 10
%endmacro
lesson: call trap_all
        call make_tables
        mov dword [DIR + ((HOLE - 1) >> 22) * 4], TABLE | 7
        mov dword [TABLE + 1023 * 4], FRAME | 7
        TRY "REP STOSB, nothing behind the edge"
        mov edi, HOLE - 100
        mov ecx, 200
        mov al, 0x5a
        rep stosb
        DONE
        REGISTERS
        TRY "REP STOSD across it"
        mov edi, HOLE - 102
        mov ecx, 50
        rep stosd
        DONE
        REGISTERS
        TRY "REP MOVSD out of it"
        mov esi, HOLE
        mov edi, FRAME + 0x1000
        mov ecx, 16
        rep movsd
        DONE
        REGISTERS
        TRY "REP MOVSB downwards from it"
        std
        mov esi, FRAME + 50
        mov edi, HOLE + 50
        mov ecx, 100
        rep movsb
        DONE
        REGISTERS
        TRY "REP SCASB over the monitor's IDT, from ring 3"
        USER
        mov edi, MONITOR_IDT
        mov ecx, 0x800
        repne scasb
        DONE
        TRY "REP OUTSB of the monitor's stack"
        mov esi, MONITOR_STACK - 32
        mov ecx, 32
        mov dx, 0xe9
        rep outsb
        DONE
        mov dword [HOLE_PTE(HOLE)], FRAME + 0x2000 | 7
        TRY "REP STOSB, a page of its own behind the edge"
        mov edi, HOLE - 100
        mov ecx, 200
        mov al, 0x77
        rep stosb
        DONE
        REGISTERS
        mov eax, [FRAME + 0x2000 + 96]
        call say_hex
        say 10
        TRY "ECX of 4 GiB"
        mov edi, HOLE - 16
        mov ecx, 0xffffffff
        rep stosb
        DONE
        REGISTERS
        TRY "PUSHA across it"
        mov esp, HOLE + 12
        pusha
        DONE
        TRY "FNSAVE across it"
        fnsave [HOLE + 0x1000 - 50]
        DONE
        LIVES
