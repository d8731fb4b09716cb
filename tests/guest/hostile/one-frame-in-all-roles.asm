; one-frame-in-all-roles - a frame that is directory, table, GDT, IDT and code.
; under: full hybrid translate emulate
; ends: success
; Rule: each shadow stands for one frame in one role, and a write to a frame
; changes all of them; none of the roles gives the guest a frame.
%include "hostile.inc"
lesson: call trap_all
        call make_tables
        mov dword [PTE(0)], TABLE | 7           ; the table maps itself
        FLUSH
        TRY "a table, written through its own entry"
        mov dword [WINDOW + 4], FRAME | 7
        mov dword [FRAME], 0xabcdef01
        mov eax, [WINDOW + 0x1000]
        call say_hex
        DONE
        TRY "code in a page table, run"
        mov dword [WINDOW + 0x800], 0x1240cd47  ; inc edi; int 0x40
        mov eax, WINDOW + 0x800
        jmp eax
        DONE
        TRY "the code is an entry, too"
        mov eax, [WINDOW + 0x200 * 4096]
        DONE
        TRY "a GDT in a page table"
        mov esi, gdt
        mov edi, TABLE + 0x400
        mov ecx, (gdt_end - gdt) / 4
        rep movsd
        lgdt [odd]
        mov ax, DATA
        mov fs, ax
        mov dword [TABLE + 0x410], 0            ; its DATA is gone
        mov dword [TABLE + 0x414], 0
        mov eax, [fs:FRAME]
        call say_hex
        lgdt [gdt_register]
        DONE
        TRY "the directory is a table"
        mov dword [DIR + 20 * 4], DIR | 7
        FLUSH
        mov eax, [20 * 0x400000 + LOW]
        and al, 0x9f
        call say_hex
        DONE
        TRY "the table is a directory"
        mov esi, DIR
        mov edi, TABLE
        mov ecx, 1024
        rep movsd
        mov eax, TABLE
        mov cr3, eax
        mov dword [TABLE + 21 * 4], TABLE | 7
        mov eax, [21 * 0x400000 + 21 * 4096 + 21 * 4]
        and al, 0x9f
        call say_hex
        mov eax, DIR
        mov cr3, eax
        DONE
        TRY "an IDT in a page directory"
        mov dword [DIR + 22 * 4], 0
        lidt [odd_idt]
        int 0x3
        DONE
        LIVES
section .data
odd:    dw gdt_end - gdt - 1
        dd TABLE + 0x400
odd_idt: dw 0x7ff
        dd idt
