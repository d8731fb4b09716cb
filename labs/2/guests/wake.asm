; wake - HLT sleeps until the interrupt comes, and goes on behind it.
;
; The timer ticks once for each sleep, after some time or at once. An IRQ that
; the 8259 masks wakes nobody.
%include "irq.inc"

SLEEPS equ 3 + SEED % 4

%macro in_time 1                        ; arm, but later
        mov al, 0x30
        out 0x43, al
        mov al, (%1) & 0xff
        out 0x40, al
        mov al, (%1) >> 8
        out 0x40, al
%endmacro

lesson: gate 32, tick
        start
%rep SLEEPS
    dice 3
    %if DICE == 0
        dice 3000
        in_time 100 + DICE
    %elif DICE == 1
        arm
    %else
        arm
        pass
    %endif
    %rep 2
        dice 2
        %if DICE
        mov ebx, [ticks]
        %endif
    %endrep
        sti
        hlt
        cli
        note [ticks]
%endrep
        tell
        quit 0

tick:   frame_of 3
        inc dword [ticks]
        done
        iret

section .data
ticks:  dd 0
