; segments-past-the-hole - segments that reach to where the monitor lives.
; under: full hybrid translate emulate
; ends: success
; Rule: a shadow descriptor ends before the hole. What the guest does behind
; that is done for it, on its own tables and memory.
%include "hostile.inc"
%macro SEGMENT 4                ; entry, base, limit, flags and access
        mov word [extra + %1 * 8], (%3) & 0xffff
        mov word [extra + %1 * 8 + 2], (%2) & 0xffff
        mov byte [extra + %1 * 8 + 4], (%2) >> 16 & 0xff
        mov word [extra + %1 * 8 + 5], (%4) | ((%3) >> 16 & 15) << 8
        mov byte [extra + %1 * 8 + 7], (%2) >> 24
%endmacro
lesson: call trap_all
        call make_tables
        mov esi, gdt
        mov edi, extra
        mov ecx, (gdt_end - gdt) / 4
        rep movsd
        lgdt [extra_register]
        mov dword [HOLE_PTE(HOLE)], FRAME | 7
        mov dword [DIR + ((HOLE - 1) >> 22) * 4], TABLE | 7
        mov dword [TABLE + 1023 * 4], FRAME + 0x1000 | 7
        TRY "a flat segment, behind the edge"
        mov dword [HOLE], 0x11111111
        mov eax, [FRAME]
        call say_hex
        DONE
        TRY "across the edge"
        mov dword [HOLE - 2], 0x22223333
        mov eax, [FRAME]
        call say_hex
        mov eax, [FRAME + 0x1ffc]
        call say_hex
        DONE
        TRY "the monitor's stack, which it has not mapped"
        mov [MONITOR_STACK - 4], eax
        DONE
        TRY "the monitor's stubs, from ring 3"
        USER
        mov eax, [MONITOR_STUBS]
        DONE
        TRY "a base behind the edge"
        SEGMENT 8, HOLE, 0xfff, 0x4093
        mov ax, 8 * 8
        mov fs, ax
        mov dword [fs:4], 0x44444444
        mov eax, [FRAME + 4]
        call say_hex
        DONE
        TRY "a base before it, and a limit that wraps round"
        SEGMENT 9, 0xfffff000, 0xfffff, 0xc093
        mov ax, 9 * 8
        mov fs, ax
        mov eax, [fs:0x1000 + FRAME]
        call say_hex
        mov dword [fs:HOLE + 0x1000 + 8], 0x55555555
        mov eax, [FRAME + 8]
        call say_hex
        DONE
        TRY "one that expands down into it"
        SEGMENT 10, 0, 0x00fff, 0xc097
        mov ax, 10 * 8
        mov fs, ax
        mov dword [fs:HOLE + 12], 0x66666666
        mov eax, [FRAME + 12]
        call say_hex
        DONE
        TRY "a code segment there, jumped to"
        mov byte [FRAME + 32], 0xcd     ; int 0x40
        mov byte [FRAME + 33], 0x40
        SEGMENT 11, HOLE, 0xfff, 0x409b
        jmp 11 * 8:32
        DONE
        TRY "ESP there"
        mov ebx, esp
        mov esp, HOLE + 0x100
        push dword 0x77777777
        pop eax
        mov esp, ebx
        call say_hex
        DONE
        xor eax, eax
        mov fs, ax
        LIVES
section .data
extra_register: dw 16 * 8 - 1
        dd extra
        align 8
extra:  times 16 dq 0
