; hlt - sleeping until the timer comes.
;
; STI; HLT must wake at once when the interrupt comes, each time anew: the
; shadow of STI keeps it out until HLT is executed. Between two sleeps the
; guest works with interrupts off.
%include "lib.inc"

SLEEPS equ 3 + SEED % 4

lesson: gate 32, tick
        timer_start
        timer_every 11932               ; 100 Hz
        mov ebp, SLEEPS
.sleep: mov eax, [ticks]
        sti
        hlt
        cli
        sub eax, [ticks]
        add [missed], eax
        inc dword [missed]              ; 0 if one tick came a sleep
        dice 1000
        mov ecx, 500 + DICE
.work:  dec ecx
        jnz .work
        dec ebp
        jnz .sleep
        say "sleeps, and ticks missed: "
        mov eax, [ticks]
        call say_hex
        say " "
        mov eax, [missed]
        call say_hex
        say 10
        quit 0

tick:   push eax
        inc dword [ticks]
        mov al, 0x20                    ; end of interrupt
        out 0x20, al
        pop eax
        iret

section .data
ticks:  dd 0
missed: dd 0
