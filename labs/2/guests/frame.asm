; frame - what an interrupt leaves on the stack, and in EFLAGS.
;
; With IF clear the timer's interrupt is made to wait. Then the guest sets IF,
; by STI, POPF or IRET, and so the interrupt comes behind one instruction that
; is known: EIP, CS and EFLAGS on the stack are the bare machine's, to the bit.
%include "irq.inc"

lesson: gate 32, tick
        start
%assign BACK 0
%rep 6
    %assign BACK BACK + 1
        arm
        pass
    dice 16
        sub esp, 4 * DICE
    dice 2
    %if DICE
        std
    %else
        cld
    %endif
    dice 256
        mov ah, DICE                    ; SF ZF AF PF CF
    dice 3
    %if DICE == 0
        sahf
        sti
        nop                             ; the shadow: this one still runs
        cli
    %elif DICE == 1
        sahf
        pushf
        or dword [esp], 0x200
        popf                            ; POPF casts none
        cli
    %else
        sahf
        pushf
        or dword [esp], 0x200
        push dword CODE
        push dword .back%[BACK]
        iret                            ; nor does IRET
.back%[BACK]: cli
    %endif
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
