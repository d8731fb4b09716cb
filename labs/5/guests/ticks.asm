; ticks - the timer interrupts code that CLI, STI, PUSHF, POPF, calls and
; returns are in, thousands of times at other places.
;
; Wherever it does, the guest must be between two of its own instructions,
; with the stack and the registers that belong there, and with IF set. A table
; says so of each place: address, words on the stack.
%include "lib.inc"
%include "pages.inc"

TICKS equ 150

%macro spot 1                             ; here it may come; words on the stack
section .data
        dd %%here, %1
section .text
%%here:
%endmacro

lesson: gate 32, tick
        timer_start
        timer_every 20 + SEED % 8
        mov [base], esp
    dice 0x7fffffff
        mov eax, DICE
        mov [eax_is], eax
    dice 0x7fffffff
        mov ecx, DICE
        mov [ecx_is], ecx
        mov ebx, routine
        sti
section .data
        align 16
places:
section .text
        spot 0
        nop
again:
%rep 12
    spot 0
        cli
        sti
        nop
%endrep
%rep 4
    dice 6
    spot 0
    %if DICE == 0
        pushf
        spot 1
        popf
    %elif DICE == 1
        cli
        nop
        pushf
        lea esp, [esp + 4]
        sti
        nop                             ; and not here: it is behind STI
    %elif DICE == 2
        call routine
    %elif DICE == 3
        call ebx
    %elif DICE == 4
        push eax
        spot 1
        lea esp, [esp + 4]
    %else
        pushf
        spot 1
        cli
        popf                            ; IF as it was
    %endif
%endrep
        spot 0
        cmp dword [ticks], TICKS
        spot 0
        jb again
        spot 0
        cli
        say "interrupted at a wrong place: "
        mov eax, [wrong]
        call say_hex
        say ", with a wrong stack or register: "
        mov eax, [dirty]
        call say_hex
        say 10
        quit 0

        spot 1
routine:   nop
        spot 1
        nop
        spot 1
        ret

tick:   pushad
        inc dword [ticks]
        mov edx, [esp + 32]             ; EIP
        mov esi, places
.find:  cmp esi, places_end
        je .wrong
        cmp [esi], edx
        lea esi, [esi + 8]
        jne .find
        mov ebx, [esi - 4]
        lea ebx, [esp + 44 + ebx * 4]
        cmp ebx, [base]
        jne .dirty
        cmp eax, [eax_is]
        jne .dirty
        cmp ecx, [ecx_is]
        jne .dirty
        test dword [esp + 40], 0x200
        jnz .on
.dirty: inc dword [dirty]
        jmp .on
.wrong: inc dword [wrong]
.on:    mov al, 0x20                    ; end of interrupt
        out 0x20, al
        imul ecx, [ticks], 3701         ; so that the next comes elsewhere
        and ecx, 0x3ff
        inc ecx
.wait:  loop .wait
        popad
        iret

section .data
places_end:
ticks:  dd 0
wrong:  dd 0
dirty:  dd 0
base:   dd 0
eax_is: dd 0
ecx_is: dd 0
