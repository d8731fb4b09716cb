; tables-elsewhere - LGDT and LIDT to where the monitor's tables are.
; under: full hybrid translate emulate
; ends: success
; Rule: the real GDTR and IDTR are the monitor's, always; LGDT and LIDT set
; the guest's, and a selector or vector is looked up in the guest's memory.
%include "hostile.inc"
lesson: call trap_all
        call make_tables
        mov dword [HOLE_PTE(MONITOR_GDT)], FRAME + 0x8000 | 7
        mov esi, gdt            ; so that its handlers have their CS
        mov edi, FRAME + 0x8000
        mov ecx, (gdt_end - gdt) / 4
        rep movsd
        TRY "LGDT to the monitor's GDT, then one of its data segments"
        lgdt [theirs]
        mov ax, MONITOR_DS
        mov ds, ax
        DONE
        lgdt [gdt_register]
        mov dword [HOLE_PTE(MONITOR_GDT + 0xe000)], FRAME | 7
        mov dword [FRAME + 0x10], 0x0000ffff    ; what is there is its own
        mov dword [FRAME + 0x14], 0x00cf9300
        TRY "the same, with a page of its own there"
        lgdt [theirs]
        mov ax, MONITOR_DS
        mov fs, ax
        mov ax, fs
        lgdt [gdt_register]
        call say_hex
        DONE
        xor eax, eax
        mov fs, ax
        TRY "LIDT to the monitor's IDT, a page of its own there"
        mov dword [HOLE_PTE(MONITOR_IDT)], FRAME + 0x1000 | 7
        mov esi, idt
        mov edi, MONITOR_IDT
        mov ecx, 256 * 2
        rep movsd
        lidt [their_idt]
        int 0x40
        DONE
        TRY "SIDT tells what LIDT said"
        sidt [value]
        mov eax, [value + 2]
        lidt [idt_register]
        call say_hex
        DONE
        TRY "LTR with the monitor's selector"
        mov ax, MONITOR_TSS
        ltr ax
        DONE
        TRY "LLDT with a code segment"
        mov ax, CODE
        lldt ax
        DONE
        LIVES
section .data
theirs: dw 0xffff
        dd MONITOR_GDT
their_idt: dw 0x7ff
        dd MONITOR_IDT
value:  dd 0, 0
