; gates-to-the-monitor - gates of the guest's that lead to the monitor.
; under: full hybrid translate emulate
; ends: success
; Rule: the processor never sees the guest's gates. The monitor looks at them
; for it, in the guest's memory, and goes where the guest's ring 0 may.
%include "hostile.inc"
%macro CALL_GATE 3              ; entry, selector, offset
        mov word [gdt2 + %1 * 8], (%3) & 0xffff
        mov word [gdt2 + %1 * 8 + 2], %2
        mov word [gdt2 + %1 * 8 + 4], 0xec00
        mov word [gdt2 + %1 * 8 + 6], (%3) >> 16
%endmacro
%macro INT_GATE 4               ; vector, selector, offset, type
        mov word [idt + %1 * 8], (%3) & 0xffff
        mov word [idt + %1 * 8 + 2], %2
        mov word [idt + %1 * 8 + 4], %4
        mov word [idt + %1 * 8 + 6], (%3) >> 16
%endmacro
lesson: call trap_all
        call make_tables
        mov esi, gdt
        mov edi, gdt2
        mov ecx, (gdt_end - gdt) / 4
        rep movsd
        lgdt [gdt2_register]
        CALL_GATE 8, MONITOR_CS, MONITOR_STUBS
        CALL_GATE 9, CODE, MONITOR_STUBS + 256
        CALL_GATE 10, CACHE_CS, 0
        CALL_GATE 11, MONITOR_TSS, 0
        TRY "a call gate to MONITOR_CS, from ring 3"
        USER
        call 8 * 8 + 3:0
        DONE
        TRY "a call gate to its own CS and the monitor's IRET, from ring 3"
        USER
        call 9 * 8 + 3:0
        DONE
        TRY "a call gate to CACHE_CS, from ring 3"
        USER
        call 10 * 8 + 3:0
        DONE
        TRY "a call gate to a TSS, from ring 0"
        call 11 * 8:0
        DONE
        INT_GATE 0x80, MONITOR_CS, MONITOR_STUBS, 0xee00
        INT_GATE 0x81, CODE, MONITOR_STUBS + 256, 0xee00
        INT_GATE 0x83, CACHE_CS, 0, 0xee00
        INT_GATE 0x84, MONITOR_TSS, 0, 0xe500
        gate 0xf0, passed
        gate 0xf1, passed
        TRY "INT 0x80 to MONITOR_CS, from ring 3"
        USER
        int 0x80
        DONE
        TRY "INT 0x81 to the monitor's IRET, from ring 0"
        int 0x81
        DONE
        TRY "INT 0x83 to CACHE_CS, from ring 3"
        USER
        int 0x83
        DONE
        TRY "INT 0x84, a task gate to MONITOR_TSS"
        int 0x84
        DONE
        TRY "INT 0xf0, the monitor's timer, from ring 3"
        USER
        int 0xf0
        DONE
        TRY "INT 0xf0 from ring 0, its own handler"
        int 0xf0
        DONE
        TRY "INT 0xf1, what translated code calls out by, from ring 3"
        USER
        int 0xf1
        DONE
        TRY "INT 0xf1 from ring 0, its own handler"
        int 0xf1
        DONE
        TRY "INT 0x82, a hypercall, which it has none of"
        USER
        int 0x82
        DONE
        LIVES
section .data
gdt2_register: dw 16 * 8 - 1
        dd gdt2
        align 8
gdt2:   times 16 dq 0
