; branch - every kind of near branch, with numbers of SEED's, each often
; enough to be chained and to find its target in the table.
%include "lib.inc"
%include "pages.inc"

lesson: garble
        mov ebp, SEED
        mov dword [rounds], 12
.round: call conditions
        look
        call counted
        look
        call calls
        look
        call computed
        look
        mov ecx, 6
        call recursive
        look
        call narrow
        look
        dec dword [rounds]
        jnz near .round
        say "sum "
        mov eax, ebp
        call say_hex
        say 10
        quit 0

conditions:                             ; all sixteen, both forms
%assign cc 0
%rep 16
    dice 0x7fffffff
        mov eax, DICE
        add eax, [rounds]
    dice 0x7fffffff
        cmp eax, DICE
        db 0x70 + cc, 2                 ; short: over the JMP
        jmp short $ + 3
        inc ebp
        rol ebp, 3
        db 0x0f, 0x80 + cc              ; long: over the ADD
        dd 6
        add ebp, 0x12345678
    %assign cc cc + 1
%endrep
        ret

counted:
        mov ecx, 3 + SEED % 5
.loop:  mix ecx
        loop .loop
        mov ecx, 0x10002                ; CX counts, and ECX keeps its half
.short: mix ecx
        a16 loop .short
        mix ecx
        mov ecx, 9
.equal: inc eax
        test al, 3
        loopne .equal
        mix ecx
        mov ecx, 5
.zero:  xor ebx, ebx
        loope .zero
        mix ecx
        jecxz .none
        inc ebp
.none:  mov ecx, 0x70000
        a16 jcxz .cx
        dec ebp
.cx:    mix ecx
        ret

calls:  mov ebx, .one
        call ebx
        mov [target], ebx
        call [target]
        mov ecx, 1
        call [table_of + ecx * 4]
        push dword 0x1111
        push dword 0x2222
        call .two                       ; RET 8
        mix esp
        push dword .one
        call [esp]                      ; the operand is read before the push
        add esp, 4
        call .three                     ; returns to elsewhere
        jmp .never
.after: mov eax, esp
        mov esp, table_of + 8
        jmp [esp]                       ; by a stack that is a table
.back:  mov esp, eax
        ret
.never: quit 1
.one:   mix [esp]
        ret
.two:   mix [esp + 4]
        ret 8
.three: mix [esp]
        mov dword [esp], .after
        ret

computed:                               ; a switch
        mov ebx, 7
.next:  mov eax, [rounds]
        imul eax, ebx
        and eax, 3
        jmp [cases + eax * 4]
.zero:  add ebp, ebx
        jmp .end
.one:   sub ebp, ebx
        jmp .end
.two:   ror ebp, 3
        jmp .end
.three: lea eax, [.end]
        xor ebp, 0x55
        jmp eax
.end:   dec ebx
        jnz .next
        ret

recursive:
        jecxz .end
        push ecx
        dec ecx
        call recursive
        mix [esp]
        pop ecx
        dec ecx
        jle .end
        call recursive
.end:   ret

narrow:                                 ; 16 bits of EIP: only below 64 KiB
        mov esi, low_code
        mov edi, 0x8000
        mov ecx, low_code_end - low_code
        rep movsb
        mov eax, 0x8000
        call eax
        mix eax
        ret
low_code:
        mov eax, 1
        o16 jmp short .on
        ud2
.on:    db 0x66, 0xe8                   ; CALL of 16 bits
        dw .sub - ($ + 2)
        dec ebx
        add eax, 5
        ret
.sub:   inc eax
        o16 ret
low_code_end:

section .data
rounds: dd 0
target: dd 0
table_of: dd calls.two, calls.one, calls.back, 0, 0
cases:  dd computed.zero, computed.one, computed.two, computed.three
