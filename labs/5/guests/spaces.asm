; spaces - one address, several pages of code: CR3, INVLPG, a fault that maps
; another page, and one page at two addresses.
%include "lib.inc"
%include "pages.inc"

%macro becomes 2                        ; page %1 is mapped to that of %2
        mov eax, %1
        shr eax, 12
        mov edx, %2
        or edx, 3
        mov [table + eax * 4], edx
%endmacro

lesson: gate 14, absent
        paging
        mov esi, table                  ; another space: the same, but for one
        mov edi, other_table
        mov ecx, 1024
        rep movsd
        mov eax, window
        shr eax, 12
        mov dword [table + eax * 4], code_a + 3
        mov dword [other_table + eax * 4], code_b + 3
        mov dword [other], other_table + 3
        mov eax, directory
        mov cr3, eax
        garble
        mov ebp, SEED
        mov dword [rounds], 10
.round:
%rep 8
    dice 6
    %if DICE == 0
        mov eax, other
        mov cr3, eax
        call window
        mov eax, directory
        mov cr3, eax
        call window
    %elif DICE == 1
        becomes window, code_b
        invlpg [window]
        call window
    %elif DICE == 2
        becomes window, code_a
        invlpg [window]
        mov ebx, window
        call ebx
    %elif DICE == 3
        mov eax, window
        shr eax, 12
        mov dword [table + eax * 4], 0
        invlpg [window]
        call window                     ; the handler maps it
    %elif DICE == 4
        inc dword [code_a + 1]          ; both addresses run other code now
        call window
        mix eax
        call code_a
    %else
        call code_b
        mix eax
        call window
    %endif
        mix eax
        look
%endrep
        dec dword [rounds]
        jnz near .round
        say "sum "
        mov eax, ebp
        call say_hex
        say 10
        quit 0

absent: push eax
        push edx
        inc dword [faults]
        test dword [faults], 1
        jz .b
        becomes window, code_a
        jmp .on
.b:     becomes window, code_b
.on:    invlpg [window]
        pop edx
        pop eax
        add esp, 4
        iret

        align 4096
code_a: mov eax, 0xaaaa0000
        call near .sub                  ; the return address is the window's
        xor eax, ecx
        ret
.sub:   mov ecx, [esp]
        ret
        align 4096
code_b: mov eax, 0xbbbb0000
        mov ecx, [esp]
        sub eax, ecx
        jmp near .on
.on:    ret
        align 4096

section .data
rounds: dd 0
faults: dd 0
section .bss
        alignb 4096
other:  resb 4096
other_table: resb 4096
window: resb 4096
