; popf-lies - POPF outside ring 0 leaves IF alone, and does not trap.
;
; The kernel sets IF, then clears it with POPF, and looks.
;
; Bare:                 POPF clears IF.
; Full, virtualizable:  POPF is sensitive, and this processor makes it trap:
;                       the monitor clears the virtual IF.
; Full, classic:        POPF runs in ring 1 with IOPL 0. It cannot change IF,
;                       says nothing, and the guest believes that it is safe
;                       from interrupts. PUSHF shows the real IF: 1.
%include "lesson.inc"

lesson:
        mov al, 0xff                    ; mask every interrupt: we only look
        out 0x21, al                    ; at the flag
        sti
        pushf
        pop eax
        test eax, 0x200
        say_if {"STI: IF is 0 (wrong)",10}, {"STI: IF is 1",10}
        and eax, ~0x200
        push eax
        popf
        pushf
        pop eax
        test eax, 0x200
        say_if {"POPF: IF is 0",10}, {"POPF: IF is still 1 (it lied)",10}
        quit 0
