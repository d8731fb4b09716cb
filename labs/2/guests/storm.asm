; storm - more ticks than anybody takes: two that wait become one.
;
; The timer ticks all the time. With IF clear for long, the 8259 remembers
; that there was a tick, and not how many. How many come is a matter of time,
; and the guest says nothing of it; at the end it has had some.
%include "irq.inc"

EVERY equ 100 + SEED % 50

lesson: gate 32, tick
        start
        mov al, 0x34                    ; rate generator
        out 0x43, al
        mov al, EVERY & 0xff
        out 0x40, al
        mov al, EVERY >> 8
        out 0x40, al
%rep 4
        sti
    dice 200000
        mov ecx, 200000 + DICE
        call work
        cli
    dice 500000
        mov ecx, 350000 + DICE
        call work
%endrep
        mov al, 0xff                    ; no more
        out 0x21, al
        cmp dword [ticks], 4
        setb al
        test al, al
        say_if {"four ticks or more", 10}, {"hardly any tick", 10}
        quit 0

work:   dec ecx
        jnz work
        ret

tick:   inc dword [ticks]
        done
        iret

section .data
ticks:  dd 0
