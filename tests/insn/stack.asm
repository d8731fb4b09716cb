; stack.asm - PUSH POP, PUSHA POPA, PUSHF POPF, ENTER LEAVE, in both operand
; sizes; CALL and RET near. SDM 2B PUSH, POP, PUSHA, PUSHF; 2A ENTER, CALL.
%include "harness.inc"

tests:
        call push_tests
        call wide_tests
        call flags_tests
        call frame_tests
        call call_tests
        call small_tests
        jmp fault_tests

push_tests:
        about "push, pop"
        mov ebp, esp
        mov eax, 0x11223344
        push eax
        is dword [ebp - 4], 0x11223344
        push ax
        is word [ebp - 6], 0x3344
        push byte -2
        is dword [ebp - 10], -2
        db 0x66, 0x6a, 0xfd             ; push word -3
        is word [ebp - 12], -3
        push dword 0x12345678
        is dword [ebp - 16], 0x12345678
        push word 0x9abc
        is word [ebp - 18], 0x9abc
        mov dword [m1], 0xcafebabe
        push dword [m1]
        push word [m1 + 2]
        mov ecx, ebp
        sub ecx, esp
        is ecx, 24
        pop cx
        is ecx, 0xcafe
        pop dword [m1 + 4]
        is dword [m1 + 4], 0xcafebabe
        pop word [m1 + 4]
        is dword [m1 + 4], 0xcafe9abc
        pop edx
        is edx, 0x12345678
        pop ax
        is eax, 0x1122fffd
        pop ebx
        is ebx, -2
        db 0x66, 0x8f, 0xc6             ; pop si by 8F
        is si, 0x3344
        db 0x8f, 0xc7                   ; pop edi by 8F
        is edi, 0x11223344
        mov eax, esp
        is eax, ebp
        about "push and pop of esp"
        push esp                        ; the value before
        mov eax, [esp]
        is eax, ebp
        pop esp                         ; the value popped
        mov eax, esp
        is eax, ebp
        push dword 0
        push dword 0x77
        pop dword [esp]                 ; the address is computed after the
        pop ecx                         ; increment
        is ecx, 0x77
        mov eax, esp
        is eax, ebp
        mov dword [ebp - 4], 0x88
        db 0xff, 0x74, 0x24, 0xfc       ; push dword [esp - 4]: before
        pop ecx
        is ecx, 0x88
        ret

wide_tests:
        about "pusha, popa"
        mov eax, 1
        mov ecx, 2
        mov edx, 3
        mov ebx, 4
        mov esi, 6
        mov edi, 7
        push ebp
        mov ebp, 5
        mov [m1], esp
        pushad
        mov eax, [m1]
        is dword [eax - 4], 1
        is dword [eax - 8], 2
        is dword [eax - 16], 4
        is dword [eax - 20], eax        ; the old ESP
        is dword [eax - 24], 5
        is dword [eax - 32], 7
        mov dword [eax - 20], 0x12345678
        mov dword [eax - 12], 0x33
        xor ebx, ebx
        xor edi, edi
        popad
        mov [m1 + 4], esp
        is eax, 1
        is edx, 0x33
        is ebx, 4
        is edi, 7
        mov eax, [m1]
        is [m1 + 4], eax                ; its image of ESP is skipped
        mov eax, 0xaaaa0001
        pushaw
        mov ecx, [m1]
        is word [ecx - 2], 1
        is word [ecx - 12], 5
        mov eax, 0xbbbb5555
        mov ecx, 0
        popaw
        is eax, 0xbbbb0001
        pop ebp
        ret

flags_tests:
        about "pushf, popf"
        flags_in OSZAPC
        pushfd
        pop eax
        is eax, OSZAPC | 2
        mov eax, 0x00244ed7             ; ID, AC, NT, OF DF IF too
        and eax, ~IF
        push eax
        popfd
        pushfd
        pop ecx
        push dword 2
        popfd
        is ecx, eax
        push dword 0x00010002           ; RF is never in PUSHF's image
        popfd
        pushfd
        pop eax
        is eax, 2
        push dword 0x00200002
        popfd
        push word OSZAPC
        popfw                           ; leaves the upper half
        pushfd
        pop eax
        is eax, 0x00200002 | OSZAPC
        pushfw
        pop ax
        is ax, 2 | OSZAPC
        push dword 0xffc08002 & ~0x100  ; reserved bits stay as they are
        popfd
        pushfd
        pop eax
        is eax, 2
        ret

frame_tests:
        about "enter, leave"
        mov ebp, 0x5a5a5a5a
        mov [m1], esp
        enter 0x20, 0
        mov eax, [m1]
        lea ecx, [eax - 4]
        is ebp, ecx
        lea ecx, [eax - 0x24]
        mov edx, esp
        is edx, ecx
        is dword [ebp], 0x5a5a5a5a
        leave
        mov edx, esp
        is edx, eax
        is ebp, 0x5a5a5a5a
        ; Level 3: two frame pointers copied from the old frame, and its own.
        mov dword [m2 + 24], 0x11111111
        mov dword [m2 + 20], 0x22222222
        mov ebp, m2 + 28
        enter 8, 3
        mov ecx, [m1]
        is dword [ecx - 4], m2 + 28
        is dword [ecx - 8], 0x11111111
        is dword [ecx - 12], 0x22222222
        lea eax, [ecx - 4]
        is dword [ecx - 16], eax
        is ebp, eax
        mov eax, esp
        lea ecx, [ecx - 24]
        is eax, ecx
        leave
        is ebp, m2 + 28
        ; Operand size 16 pushes BP and loads BP alone.
        mov ebp, 0x12345678
        db 0x66
        enter 4, 0
        mov ecx, [m1]
        is word [ecx - 2], 0x5678
        lea eax, [ecx - 2]
        mov [m2], eax
        mov word [m2 + 2], 0x1234
        is ebp, [m2]
        mov ebp, eax
        db 0x66
        leave
        mov eax, esp
        is eax, [m1]
        mov ebp, 0
        enter 4, 1
        mov ecx, [m1]
        is dword [ecx - 4], 0
        lea eax, [ecx - 4]
        is dword [ecx - 8], eax
        leave
        ret

call_tests:
        about "call, ret"
        mov [m1], esp
        mov dword [m2], 0
        call .rel
.after: mov eax, esp
        is eax, [m1]
        mov ecx, .rel
        mov dword [m2], .after2
        call ecx
.after2:
        mov dword [m2 + 4], .rel
        mov dword [m2], .after3
        call [m2 + 4]
.after3:
        push dword 1
        push dword 2
        call .takes2
        mov eax, esp
        is eax, [m1]
        jmp .jumps
.rel:   mov eax, [esp]
        cmp dword [m2], 0
        je .end
        is eax, [m2]
.end:   mov dword [m2], 0
        ret
.takes2:
        is dword [esp + 8], 2           ; two words are above the address
        ret 8
.jumps: about "jmp"
        mov ecx, .one
        jmp ecx
        call failed
.one:   mov dword [m2], .two
        jmp [m2]
        call failed
.two:   jmp near .three
        call failed
.three: jmp short .loops
        call failed
.loops: about "loop, jecxz"
        mov ecx, 5
        xor eax, eax
.again: inc eax
        loop .again
        is eax, 5
        is ecx, 0
        flags_in OSZAPC
        jecxz .zero
        call failed
.zero:  mov ecx, 0x10000
        jecxz .not
        a16 loop .not           ; CX 0 becomes FFFF: taken
        call failed
.not:   mov ecx, 0x10000
        db 0x67, 0xe3, 5        ; JCXZ: CX is 0
        call failed
        mov ecx, 0x10001
        loop .more                      ; 0x10000 is not 0
.none:  call failed
.more:  mov ecx, 0x50001
        a16 loop .none                  ; but CX is
        is ecx, 0x50000
        mov ecx, 3
        flags_in ZF
        loopne .bad             ; ZF is set: not taken
        loope .good             ; taken
.bad:   call failed
.good:  is ecx, 1
        loope .bad              ; count reaches 0: not taken
        flags ZF, ZF
        mov ecx, 2
        flags_in 0
        loope .bad
        mov ecx, 2
        loopne .fine
        call failed
.fine:  ret

; With SS.B = 0 the stack pointer is SP, and the rest of ESP stays.
small_tests:
        about "a 16-bit stack"
        mov [m1], esp
        mov eax, STACK16
        mov ss, eax
        mov esp, 0x5a5a0800
        push dword 0x11223344
        mov eax, esp
        is eax, 0x5a5a07fc
        is dword [small_data + 0x7fc], 0x11223344
        push word 0x55
        pop cx
        pop edx
        is cx, 0x55
        is edx, 0x11223344
        call .leaf
        pushad
        mov [m1 + 4], esp
        popad
        is dword [m1 + 4], 0x5a5a07e0
        mov ebp, 0x12345678
        enter 8, 0
        mov eax, esp
        is eax, 0x5a5a07f4
        is ebp, 0x5a5a07fc
        mov ebp, 0x6b6b07fc             ; LEAVE moves BP to SP alone
        leave
        is ebp, 0x12345678
        mov eax, esp
        is eax, 0x5a5a0800
        mov esp, 0x5a5a0000             ; and it wraps
        push eax
        mov eax, esp
        pop ecx
        mov edx, esp
        mov esp, 0x800
        is eax, 0x5a5afffc
        is ecx, 0x5a5a0800
        is edx, 0x5a5a0000
        mov eax, DATA0
        mov ss, eax
        mov esp, [m1]
        ret
.leaf:  mov eax, esp
        is eax, 0x5a5a07fc
        ret

; From ring 3, whose faults have ring 0's stack: ESP %1 in a segment of 4 KiB,
; the instruction wants what is outside. #SS(0), and nothing has happened.
%macro stack_fault 2+
        mov esp, %1
        mov dword [got_vector], -1
        mov dword [resume], %%after
%%at:   %2
%%after:
        mov dword [resume], 0
        mov [m2], esp
        mov esp, 0x800
        is dword [m2], %1
        is dword [got_vector], VEC_SS
        is dword [got_error], 0
        is dword [got_eip], %%at
%endmacro

fault_tests:
        about "faults of the stack"
        unless_qemu .end                ; which knows no limits
        ring3 .in_ring3
.end:   ret
.in_ring3:
        mov eax, SMALL3
        mov ss, eax
        mov ebp, 0x10
        stack_fault 2, push eax
        stack_fault 2, push dword [m1]
        stack_fault 0, push byte 1
        stack_fault 0, push ds
        stack_fault 0, pushfd
        stack_fault 0x1c, pushad
        stack_fault 0xe, pushaw
        stack_fault 2, call .in_ring3
        stack_fault 4, call CODE3:.in_ring3
        stack_fault 0x10, enter 16, 0
        stack_fault 0x10, enter 0, 4
        is ebp, 0x10
        mov dword [m1], 7
        stack_fault 0xffe, pop eax
        stack_fault 0x1000, pop dword [m1]
        stack_fault 0x1000, pop es
        stack_fault 0xffe, popfd
        mov eax, 0x1234
        mov edi, 0x5678
        stack_fault 0xff0, popad
        stack_fault 0xff4, popaw
        is eax, 0x1234
        is edi, 0x5678
        is dword [m1], 7
        stack_fault 0xffe, ret
        stack_fault 0xffc, retf
        stack_fault 0xff8, iretd
        mov ebp, 0xffe
        stack_fault 0x800, leave
        is ebp, 0xffe
        mov esp, 4                      ; the outermost bytes are inside
        push eax
        mov esp, 0xffc
        pop eax
        mov esp, 0x800
        int 0x40
