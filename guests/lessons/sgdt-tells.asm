; sgdt-tells - SGDT shows whose machine it is.
;
; The kernel loads its GDT, then asks where the GDT is.
;
; Bare:                 SGDT answers what LGDT loaded.
; Full, virtualizable:  both trap; the monitor answers from the virtual GDTR.
; Full, classic:        LGDT traps, SGDT does not. It tells where the real
;                       table is, the monitor's, above 0xffc00000: a guest can
;                       find out that it is one, and where its keeper lives.
%include "lesson.inc"

lesson:
        sgdt [found]
        mov eax, [found + 2]
        cmp eax, gdt
        say_if {"SGDT: my own table",10}, {"SGDT: not the table I loaded",10}
        sidt [found]
        mov eax, [found + 2]
        cmp eax, idt
        say_if {"SIDT: my own table",10}, {"SIDT: not the table I loaded",10}
        quit 0

section .data
found:  dw 0
        dd 0
