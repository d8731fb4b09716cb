; masked - while IF is clear no interrupt comes, whatever the guest does.
;
; One waits all the time. The guest executes what looks at IF, or sets it to 0
; once more; each traps, and each time the monitor could let the interrupt in.
; Only where IF is set it comes.
%include "irq.inc"

lesson: gate 32, tick
        gate 0x30, call_in
        start
%rep 3
        arm
        pass
    %rep 6
        dice 6
        %if DICE == 0
        cli
        %elif DICE == 1
        pushf
        popf                            ; IF is 0 in it
        %elif DICE == 2
        in al, 0x21
        %elif DICE == 3
        int 0x30                        ; and IRET, with IF as it was
        %elif DICE == 4
        mov eax, cr0
        mov cr0, eax
        %else
        mov eax, DATA
        mov es, eax
        %endif
        note [ticks]
    %endrep
    dice 2
    %if DICE
        sti
        nop
    %else
        pushf
        or dword [esp], 0x200
        popf
    %endif
        cli
        note [ticks]
%endrep
        tell
        quit 0

call_in:
        note [ticks]
        iret

tick:   inc dword [ticks]
        frame_of 3
        done
        iret

section .data
ticks:  dd 0
