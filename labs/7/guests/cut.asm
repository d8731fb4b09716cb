; cut - a nested fault in the middle of an event's delivery: the event must
; not be lost, nor come twice. Each finds a stack that nobody has touched.
%include "lib.inc"

EVENTS equ 10

%assign first 1
%macro event 0
        dice 5
    %assign kind DICE
    %if first
        %assign kind 4
        %assign first 0
    %endif
        dice 0x200
    %if kind == 4
        timer_once 1500 + DICE
    %endif
        mov dword [resume], %%next
        mov [to_stack], esp
        mov esp, [next]
        add dword [next], 4096
    %if kind == 0
        xor edx, edx
        xor ecx, ecx
        div ecx
    %elif kind == 1
        ud2
    %elif kind == 2
        mov eax, 0x1000 + DICE * 8
        mov fs, eax
    %elif kind == 3
        int 0x30
    %else
        sti
        hlt
    %endif
        ud2
%%next: mov esp, [to_stack]
%endmacro

lesson: gate 0, plain
        gate 6, plain
        gate 13, taken
        gate 32, plain
        gate 0x30, plain
        timer_start
        xor ebx, ebx
%rep EVENTS
        event
%endrep
        say "cut "
        mov eax, [events]
        call say_hex
        say " "
        mov eax, ebx
        call say_hex
        say 10
        quit 0

plain:  push dword 0xe0
taken:
%rep 4
        pop eax
        rol ebx, 7
        xor ebx, eax
%endrep
        inc dword [events]
        mov al, 0x20
        out 0x20, al
        jmp [resume]

section .data
events: dd 0
resume: dd 0
to_stack: dd 0
next:   dd pages + 4096
section .bss
        alignb 4096
pages:  resb EVENTS * 4096
