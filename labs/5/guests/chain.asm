; chain - loops, calls and a dispatcher of the guest's own, gone through many
; times: once it is chained, a translation needs the monitor no more.
%include "lib.inc"
%include "pages.inc"

lesson: garble
        cli
        mov ebp, 120 + SEED % 50
.round: mov ecx, 40
.inner: lea eax, [eax + ecx * 4 + 1]
        xor edx, eax
        test al, 3
        jz .skip
        add edx, ecx
.skip:  dec ecx
        jnz .inner
        mov ecx, 3 + SEED % 3
        call tree
        mov esi, program
.interpret:
        movzx ebx, byte [esi]           ; a machine in a machine
        inc esi
        jmp [operations + ebx * 4]
.add:   add eax, edx
        jmp .interpret
.rotate:
        rol eax, 7
        jmp .interpret
.flags: pushf                           ; as a lock is taken
        pop edi
        cli
        xor eax, edi
        push edi
        popf
        jmp .interpret
.mask:  sti
        sub edx, eax
        cli
        jmp .interpret
.end:   dec ebp
        jnz .round
        look
        xor eax, edx
        say "sum "
        call say_hex
        say 10
        quit 0

tree:   dec ecx
        js .leaf
        call tree
        call tree
.leaf:  inc ecx
        inc edx
        ret

section .data
operations: dd lesson.add, lesson.rotate, lesson.flags, lesson.mask, lesson.end
program:
%rep 20
    dice 4
        db DICE
%endrep
        db 4
