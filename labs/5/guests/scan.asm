; scan - where a unit may end: long runs, the page's end, an instruction that
; crosses it, and bytes that are none.
;
; A page behind which nothing is mapped must not be looked behind: neither a
; fault nor an accessed bit may show it.
%include "lib.inc"
%include "pages.inc"

lesson: gate 14, missing
        gate 6, undefined
        gate 13, undefined
        paging
        garble
        call run                        ; long runs, in pages of their own
        dice 2
    %if DICE
        test esp, esp                   ; never zero: not executed
        jz .bad
        look
        jmp .on
.bad:   db 0x0f, 0x0b
    %endif
.on:    unmap page_end                  ; nothing behind its last byte
        garble
        call page.ends
        look
        map page_end
        unmap tail
        garble
        call page.crosses               ; the second half is missing
        look
        garble
        call page.before                ; and now it is
        look
        unmap page_end
        garble
        call page.through               ; from page to page
        look
        unmap tail
        garble
        call page.before
        look
        mov dword [skip], 2
        db 0x0f, 0x0b                   ; UD2, behind a jump
        look
        garble
        xor ecx, edx
        add ebx, ecx
        db 0x0f, 0x0b                   ; and in a row of others
        rol eax, 3
        look
        mov dword [skip], 16
        times 15 db 0x66                ; too long
        nop
        look
        say "faults "
        mov eax, [faults]
        call say_hex
        say 10
        quit 0

missing:                                ; map it, and on
        inc dword [faults]
        push eax
        mov eax, cr2
        shr eax, 12
        or dword [table + eax * 4], 1
        pop eax
        add esp, 4
        iret

undefined:                              ; #GP pushes an error code, and
        inc dword [faults]              ; happens last
        cmp dword [skip], 16
        jne .none
        add esp, 4
.none:  push eax
        mov eax, [skip]
        add [esp + 4], eax
        pop eax
        iret

section .text
        align 4096
run:
%rep 40
    dice 9
    %if DICE == 0
        add eax, ebx
    %elif DICE == 1
        lea ecx, [eax + edx * 4 + 5]
    %elif DICE == 2
        xor edx, ecx
    %elif DICE == 3
        adc esi, 0x1234567
    %elif DICE == 4
        mov [word_of + 4], eax
    %elif DICE == 5
        imul ebx, edi
    %elif DICE == 6
        sbb edi, [word_of + 4]
    %elif DICE == 7
        bswap ebp
    %else
        rcl eax, 1
    %endif
    dice 7
    %if DICE == 0
        look
    %endif
%endrep
        ret

        align 4096
page:   times 4096 - 20 nop
.through:
        xor eax, ebx
        add ecx, eax
        jmp .on
        times 4 nop
.ends:  mov eax, 0x5a5a
        look
        ret
.on:    sub edx, ecx                    ; the page's last bytes
page_end:
        dice 0x7fffffff
        add edx, DICE
        xor ebx, edx
        look
        ret
        times 4096 - 1 - SEED % 4 - 4 - ($ - page_end) nop
page.before:
        xor ebx, ecx
        rol ebx, cl
page.crosses:
        mov eax, 0x12345678             ; 1 to 4 bytes before the end
        rol eax, 5
        ret
tail equ page_end + 4096

section .data
skip:   dd 0
faults: dd 0
word_of: dd 0, 0x87654321
