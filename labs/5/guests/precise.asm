; precise - exceptions in the middle of what a translator makes: each must
; find the guest as if its own instruction had just begun.
;
; Operands, stack and code are in a page that comes and goes. Where ESP is its
; first byte, POP, RET and their like fault, and the frame goes to the page
; before. One handler maps the page, and the instruction runs again; the other
; goes on at [behind].
%include "lib.inc"
%include "pages.inc"

%macro gone 0                           ; the page is not there from now on
        garble
        unmap page
%endmacro
%macro stack_gone 0                     ; nor is what ESP points at
        mov [kept], esp
        gone
        mov esp, page
%endmacro
%macro skips 1+
        mov dword [behind], %%behind
        %1
%%behind:
%endmacro

%macro fault 1
    %if %1 == 0
        gone
        mov [page + 8], eax
    %elif %1 == 1
        gone
        add ecx, [page + 12]
        xadd [page], edx
    %elif %1 == 2
        gone
        push dword [page]               ; the stack has not moved
        pop eax
    %elif %1 == 3
        gone
        push ebx
        pop dword [page + 4]
    %elif %1 == 4
        mov dword [page + 16], %%to
        gone
        call [page + 16]                ; no return address yet
        jmp %%on
%%to:   mov eax, [esp]
        ret
%%on:
    %elif %1 == 5
        mov dword [page + 16], %%to
        gone
        mov edx, page
        jmp [edx + 16]
        quit 1
%%to:
    %elif %1 == 6
        mov dword [page], %%to
        stack_gone
        ret
%%to:   mov eax, esp
        mov esp, [kept]
    %elif %1 == 7
        mov dword [page], %%to
        stack_gone
        ret 12
%%to:   mov eax, esp
        mov esp, [kept]
    %elif %1 == 8
        dice 0x100
        mov dword [page], 2 | (DICE & 0xd5) | (DICE & 0x8) << 7
        stack_gone
        popf
        mov eax, esp
        mov esp, [kept]
        cld
    %elif %1 == 9
        mov dword [page], DATA
        stack_gone
        pop es
        mov eax, esp
        mov esp, [kept]
    %elif %1 == 10
        gone
        mov esi, lesson
        mov edi, page - 12
        mov ecx, 9
        rep movsd                       ; three are done
    %elif %1 == 11
        garble
        xor ecx, ecx
        skips div ecx
        cmp eax, edx
        skips ud2
    %elif %1 == 12
        garble
        mov eax, 0xf00 + SEED % 8 * 8
        skips mov fs, eax
        skips lldt ax
        mov eax, 0x80000000
        skips mov cr0, eax
    %elif %1 == 13
        mov dword [page], %%to
        mov dword [page + 4], CODE
        mov dword [page + 8], 0x8d7 & ~0x400
        stack_gone
        iret
%%to:   mov eax, esp
        mov esp, [kept]
    %elif %1 == 14
        stack_gone
        mov esp, page - 8
        popad                           ; two are popped, and are not
        mov esp, [kept]
    %elif %1 == 15
        mov byte [page + 64], 0xc3      ; RET
        gone
        call page + 64                  ; CALL is done, and its target faults
    %elif %1 == 16
        garble
        mov dword [page], 5
        mov dword [page + 4], 9
        gone
        mov ecx, 11
        skips bound ecx, [page]         ; missing, and then out of bounds
    %else
        mov dword [page], %%to
        gone
        mov eax, page
        cmp eax, ebx
        call [eax]
        jmp %%on
%%to:   lea esp, [esp + 4]
        pushf
        pop ebx
%%on:
    %endif
        mix eax
        mix ecx
        mix edx
        look
%endmacro

lesson: gate 14, absent
        gate 13, wrong_error
        gate 11, wrong_error
        gate 6, wrong
        gate 5, wrong
        gate 0, wrong
        paging
        mov ebp, SEED
        mov dword [rounds], 3
.round:
%rep 16
    dice 18
    %assign which DICE
        fault which
%endrep
        dec dword [rounds]
        jnz near .round
        say "faults "
        mov eax, [faults]
        call say_hex
        say ", sum "
        mov eax, ebp
        call say_hex
        say 10
        quit 0

absent: inc dword [faults]
        mix [esp]                       ; the error code
        push eax
        mov eax, cr2
        mix eax
        pushf
        map page
        popf
        pop eax
        add esp, 4
        iret

wrong_error:
        mix [esp]
        add esp, 4
wrong:  inc dword [faults]
        push eax
        mov eax, [behind]
        mov [esp + 4], eax
        pop eax
        iret

section .data
rounds: dd 0
faults: dd 0
kept:   dd 0
behind: dd 0
section .bss
        alignb 4096
        resb 4096
page:   resb 4096
