; ticks - a guest that sleeps until its timer comes.
;
; It can take each interrupt as it comes: the monitor gives it to VMRUN, and
; the guest never has to be asked to wait.
%include "lib.inc"

SLEEPS equ 3 + SEED % 4

%macro sleep 0
        dice 900
        timer_once 1500 + DICE
        sti
        hlt
        cli
        mov ecx, 300 + DICE
%%work: dec ecx
        jnz %%work
%endmacro

lesson: gate 32, tick
        timer_start
        push eax                        ; the stack is there, for the frame
        pop eax
        xor ebx, ebx
%rep SLEEPS
        sleep
%endrep
        say "ticks "
        mov eax, [ticks]
        call say_hex
        say ", they came at "
        mov eax, ebx
        call say_hex
        say 10
        quit 0

tick:   push eax
        inc dword [ticks]
        mov eax, [esp + 4]              ; EIP: behind the HLT
        rol ebx, 3
        xor ebx, eax
        mov eax, [esp + 12]             ; EFLAGS, IF and all
        xor ebx, eax
        mov al, 0x20                    ; end of interrupt
        out 0x20, al
        pop eax
        iret

section .data
ticks:  dd 0
