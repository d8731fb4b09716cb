; shadow - STI lets nothing in before the next instruction has run.
;
; An interrupt waits each time. STI; RET has left its function. STI; CLI has
; set and cleared IF, and nothing came. STI; HLT is halted, and wakes. STI;
; INT is in its handler, where IF is clear, and the interrupt comes behind.
%include "irq.inc"

lesson: gate 32, tick
        gate 0x30, call_in
        start
        arm
        pass
%rep 8
    dice 7
    %if DICE == 0
        call open
    %elif DICE == 1
        sti
        cli
        note [ticks]
        sti
        nop
    %elif DICE == 2
        sti
        hlt
    %elif DICE == 3
        sti
        int 0x30
    %elif DICE == 4
        sti
        push dword 0x1234
        pop eax
    %elif DICE == 5
        pushf
        sti
        popf                            ; IF is clear again: nothing came
        note [ticks]
        sti
        inc ebx
    %else
        sti
        in al, 0x21                     ; what is protected may itself trap
    %endif
        cli
        note [ticks]
        arm
        pass
%endrep
        tell
        quit 0

open:   sti
        ret

call_in:
        note [ticks]
        iret

tick:   frame_of 3
        inc dword [ticks]
        done
        iret

section .data
ticks:  dd 0
