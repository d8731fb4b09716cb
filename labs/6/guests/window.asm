; window - interrupts that come while the guest cannot take them.
;
; IF is clear while the timer runs out. Then the guest sets it, by STI (whose
; shadow keeps the interrupt out for one more instruction, even if that one
; first meets a page that nothing has touched), POPF or IRET; and where the
; handler finds itself returning to shows when it got in.
%include "lib.inc"

%macro spin 0
        mov ecx, 150000                 ; longer than the timer
%%spin: dec ecx
        jnz %%spin
%endmacro

%assign untouched 0
%macro once 0
        dice 20
        timer_once 20 + DICE
        spin
        dice 4
    %if DICE == 0
        sti
        nop                             ; in the shadow
        nop
        nop
    %elif DICE == 1
        push dword 0x202
        popf
        nop
        nop
    %elif DICE == 2
        sti
        mov eax, [pages + untouched * 4096]     ; in the shadow, an exit comes
        nop
        nop
        %assign untouched untouched + 1
    %else
        push dword 0x202
        push dword CODE
        push dword %%to
        iret
%%to:   nop
        nop
    %endif
        cli
%endmacro

lesson: gate 32, tick
        timer_start
        push eax                        ; the stack is there, for the frame
        pop eax
        xor ebx, ebx
%rep 4 + SEED % 3
        once
%endrep
        say "windows "
        mov eax, [ticks]
        call say_hex
        say ", they came at "
        mov eax, ebx
        call say_hex
        say 10
        quit 0

tick:   push eax
        inc dword [ticks]
        mov eax, [esp + 4]
        rol ebx, 3
        xor ebx, eax
        mov al, 0x20
        out 0x20, al
        pop eax
        iret

section .data
ticks:  dd 0

section .bss
        alignb 4096
pages:  resb 8 * 4096
