; cut - events whose delivery an exit cuts short.
;
; Each event finds a stack that nothing has touched yet: the processor begins
; to push the handler's frame, the page is not in the nested tables, and guest
; mode ends in the middle of the delivery. EXITINTINFO has the event. On the
; bare machine nothing of the kind is to be seen, and so it must be here.
%include "lib.inc"

EVENTS equ 9
NOWHERE equ 0x00800000                  ; the guest's tables do not map it

%macro fresh 0
        mov [to_stack], esp
        mov esp, [next]
        add dword [next], 4096
%endmacro
%macro handler 2                        ; vector, error code?
        gate %1, %%entry
        jmp %%over
%%entry:
    %if %2 == 0
        push dword 0xe0
    %endif
        push dword %1
        jmp taken
%%over:
%endmacro

%macro once 0
    dice 8
    %assign kind DICE
        dice 0x200
    %if kind == 7
        timer_once 1500 + DICE
    %endif
        mov dword [resume], %%next
        fresh
    %if kind == 0
        xor edx, edx
        xor ecx, ecx
        div ecx
    %elif kind == 1
        int3
    %elif kind == 2
        ud2
    %elif kind == 3
        mov eax, 0x1000 + DICE * 8
        mov fs, eax                     ; beyond the GDT: #GP(selector)
    %elif kind == 4
        mov eax, [NOWHERE + DICE * 4]
    %elif kind == 5
        mov [NOWHERE + DICE * 4], eax
    %elif kind == 6
        int 0x30
    %else
        sti
        hlt
    %endif
        ud2                             ; never
%%next: mov esp, [to_stack]
%endmacro

lesson: handler 0, 0
        handler 3, 0
        handler 6, 0
        handler 13, 1
        handler 14, 1
        handler 32, 0
        handler 0x30, 0
        mov dword [directory], 0x83     ; 4 MiB as they are
        mov eax, cr4
        or eax, 0x10                    ; PSE
        mov cr4, eax
        mov eax, directory
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        timer_start
        xor ebx, ebx
%rep EVENTS
        once
%endrep
        say "events "
        mov eax, [events]
        call say_hex
        say ", sum "
        mov eax, ebx
        call say_hex
        say 10
        quit 0

taken:                                  ; vector, error, EIP, CS, EFLAGS
%rep 5
        pop eax
        rol ebx, 7
        xor ebx, eax
%endrep
        mov eax, cr2
        rol ebx, 7
        xor ebx, eax
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
directory: resb 4096
pages:  resb EVENTS * 4096
