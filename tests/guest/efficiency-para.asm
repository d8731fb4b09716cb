; efficiency-para.asm - the same loop as efficiency.asm's, in a para guest's
; ring 3 if USER is defined, else in ring 1.
%include "para.inc"
attack: mov dword [resume], done
        mov dword [resume_esp], stack_top
%ifdef USER
        mov eax, work           ; its page is the kernel's alone so far
        shr eax, 12
        mov edi, [tables]
        mov ecx, [edi + 4096 + eax * 4]
        or ecx, 4
        mov [edi + 4096 + eax * 4], ecx
        push USER_DS
        push stack_top
        push 0x202
        push USER_CS
        push work
        iret
%endif
work:   mov ecx, ROUNDS
.again: add eax, ecx
        dec ecx
        jnz .again
%ifdef USER
        cli                     ; #GP, back to the kernel
%endif
done:   mov ebx, 1
        xor ecx, ecx
        hypercall ringside
