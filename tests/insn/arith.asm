; arith.asm - ADD OR ADC SBB AND SUB XOR CMP TEST INC DEC NEG NOT, each form.
; Results and flags: SDM 2A, 2B, each instruction's page.
%include "harness.inc"

; alu digit, bits, a, b, result, flags in, flags, mask
; Operation `digit` of the eight on a and b in every form: register and
; memory, both directions, accumulator, the immediate groups 80 to 83.
%macro alu 8
%if %2 == 8
  %define op1 al
  %define op2 cl
  %define memory byte [m1]
  %assign code 0
%elif %2 == 16
  %define op1 ax
  %define op2 cx
  %define memory word [m1]
  %assign code 1
%else
  %define op1 eax
  %define op2 ecx
  %define memory dword [m1]
  %assign code 1
%endif
%assign base (%1) * 8 + code
        alu_form %2, %3, %4, %5, %6, %7, %8, {db base, 0xc8}            ; E, G
        alu_form %2, %3, %4, %5, %6, %7, %8, {db base + 2, 0xc1}        ; G, E
  %if %2 == 8
        alu_form 8, %3, %4, %5, %6, %7, %8, {db base + 4, %4}
        alu_form 8, %3, %4, %5, %6, %7, %8, {db 0x80, 0xc0 | (%1) << 3, %4}
        alu_form 8, %3, %4, %5, %6, %7, %8, {db 0x82, 0xc0 | (%1) << 3, %4}
  %elif %2 == 16
        alu_form 16, %3, %4, %5, %6, %7, %8, {db base + 4, (%4) & 0xff, (%4) >> 8}
        alu_form 16, %3, %4, %5, %6, %7, %8, {db 0x81, 0xc0 | (%1) << 3, (%4) & 0xff, (%4) >> 8}
  %else
        alu_form 32, %3, %4, %5, %6, %7, %8, {db base + 4}, {dd %4}
        alu_form 32, %3, %4, %5, %6, %7, %8, {db 0x81, 0xc0 | (%1) << 3}, {dd %4}
  %endif
  %if %2 == 16 && ((%4) < 0x80 || (%4) >= 0xff80) || %2 == 32 && ((%4) < 0x80 || (%4) >= 0xffffff80)
        alu_form %2, %3, %4, %5, %6, %7, %8, {db 0x83, 0xc0 | (%1) << 3, (%4) & 0xff}
  %endif
        ; Memory as destination, with a register and with an immediate.
        mov memory, %3
        mov op2, %4
        flags_in %6
        alu_prefix %2
        db base, 0x0d
        dd m1
        flags %8, %7
        is memory, %5
        ; Memory as source.
        mov memory, %4
        mov op1, %3
        flags_in %6
        alu_prefix %2
        db base + 2, 0x05
        dd m1
        flags %8, %7
        is op1, %5
%endmacro

%macro alu_prefix 1
  %if %1 == 16
        db 0x66
  %endif
%endmacro

%macro alu_form 8-9
        mov eax, 0x5a5a5a5a
        mov op1, %2
        mov op2, %3
        flags_in %5
        alu_prefix %1
        %8
        %9
        flags %7, %6
        is op1, %4
  %if %1 < 32
        shr eax, %1             ; nothing above was touched
        is eax, 0x5a5a5a5a >> %1
  %endif
%endmacro

tests:
        call add_tests
        call logic_tests
        call sub_tests
        call unary_tests
        call test_tests
        jmp lock_tests

add_tests:
        about "add"
        alu 0, 8,  0x7f, 0x01, 0x80, CF, OF | SF | AF, OSZAPC
        alu 0, 8,  0xff, 0x01, 0x00, 0, ZF | AF | PF | CF, OSZAPC
        alu 0, 8,  0x80, 0x80, 0x00, 0, OF | ZF | PF | CF, OSZAPC
        alu 0, 16, 0x7fff, 0x0001, 0x8000, CF, OF | SF | AF | PF, OSZAPC
        alu 0, 16, 0xffff, 0xffff, 0xfffe, 0, SF | AF | CF, OSZAPC
        alu 0, 32, 0x7fffffff, 0x00000001, 0x80000000, 0, OF | SF | AF | PF, OSZAPC
        alu 0, 32, 0x12345678, 0x87654321, 0x99999999, OSZAPC, SF | PF, OSZAPC
        about "adc"
        alu 2, 8,  0x7f, 0x00, 0x80, CF, OF | SF | AF, OSZAPC
        alu 2, 8,  0x7f, 0x00, 0x7f, 0, 0, OSZAPC
        alu 2, 8,  0x20, 0x20, 0x41, CF, PF, OSZAPC
        alu 2, 8,  0x40, 0x40, 0x81, CF, OF | SF | PF, OSZAPC
        alu 2, 8,  0xff, 0xff, 0xff, CF, SF | AF | PF | CF, OSZAPC
        alu 2, 16, 0xffff, 0x0000, 0x0000, CF, ZF | AF | PF | CF, OSZAPC
        alu 2, 32, 0xffffffff, 0xffffffff, 0xffffffff, CF, SF | AF | PF | CF, OSZAPC
        alu 2, 32, 0x00000001, 0x00000002, 0x00000004, CF, 0, OSZAPC
        ret

logic_tests:
        about "or"
        alu 1, 8,  0x55, 0xaa, 0xff, OSZAPC, SF | PF, OSZPC
        alu 1, 16, 0x0f00, 0x00f0, 0x0ff0, OSZAPC, PF, OSZPC
        alu 1, 32, 0x00000000, 0x00000000, 0x00000000, OSZAPC, ZF | PF, OSZPC
        alu 1, 32, 0x80000000, 0x00000001, 0x80000001, OSZAPC, SF, OSZPC
        about "and"
        alu 4, 8,  0x55, 0xaa, 0x00, OSZAPC, ZF | PF, OSZPC
        alu 4, 16, 0xff80, 0xff80, 0xff80, OSZAPC, SF, OSZPC
        alu 4, 32, 0xf0f0f0f0, 0xffffffff, 0xf0f0f0f0, OSZAPC, SF | PF, OSZPC
        about "xor"
        alu 6, 8,  0xff, 0x0f, 0xf0, OSZAPC, SF | PF, OSZPC
        alu 6, 16, 0x1234, 0x1234, 0x0000, OSZAPC, ZF | PF, OSZPC
        alu 6, 32, 0xffffffff, 0x7fffffff, 0x80000000, OSZAPC, SF | PF, OSZPC
        alu 6, 32, 0x0000000f, 0xffffffff, 0xfffffff0, OSZAPC, SF | PF, OSZPC
        ret

sub_tests:
        about "sub"
        alu 5, 8,  0x80, 0x01, 0x7f, CF, OF | AF, OSZAPC
        alu 5, 8,  0x00, 0x01, 0xff, 0, SF | AF | PF | CF, OSZAPC
        alu 5, 16, 0x8000, 0x0001, 0x7fff, CF, OF | AF | PF, OSZAPC
        alu 5, 16, 0x1234, 0x1234, 0x0000, CF, ZF | PF, OSZAPC
        alu 5, 32, 0x80000000, 0x00000001, 0x7fffffff, CF, OF | AF | PF, OSZAPC
        alu 5, 32, 0x7fffffff, 0xffffffff, 0x80000000, 0, OF | SF | PF | CF, OSZAPC
        about "sbb"
        alu 3, 8,  0x00, 0xff, 0x00, CF, ZF | AF | PF | CF, OSZAPC
        alu 3, 8,  0x80, 0x00, 0x7f, CF, OF | AF, OSZAPC
        alu 3, 8,  0x40, 0x1f, 0x20, CF, AF, OSZAPC
        alu 3, 8,  0x7f, 0x80, 0xfe, CF, OF | SF | CF, OSZAPC
        alu 3, 16, 0x0000, 0x0000, 0xffff, CF, SF | AF | PF | CF, OSZAPC
        alu 3, 32, 0x00000005, 0x00000003, 0x00000001, CF, 0, OSZAPC
        alu 3, 32, 0x00000005, 0x00000003, 0x00000002, 0, 0, OSZAPC
        alu 3, 32, 0x00000000, 0xffffffff, 0x00000000, CF, ZF | AF | PF | CF, OSZAPC
        about "cmp"
        alu 7, 8,  0x80, 0x01, 0x80, CF, OF | AF, OSZAPC
        alu 7, 16, 0x0000, 0x0001, 0x0000, 0, SF | AF | PF | CF, OSZAPC
        alu 7, 32, 0x80000000, 0x7fffffff, 0x80000000, 0, OF | AF, OSZAPC
        ret

; unary group, digit, value, result, flags in, flags, mask: on al, ax, eax by
; group opcode f6/f7/fe/ff, in a register and in memory; value and result of
; the operand's size.
%macro unary 8                  ; opcode, digit, bits, value, result, in, out, mask
        mov eax, 0x5a5a5a5a
  %if %3 == 8
        mov al, %4
  %elif %3 == 16
        mov ax, %4
  %else
        mov eax, %4
  %endif
        mov [m1], eax
        mov ecx, eax
        flags_in %6
        alu_prefix %3
        db %1, 0xc0 | (%2) << 3
        flags %8, %7
        flags_in %6
        alu_prefix %3
        db %1, 0x05 | (%2) << 3
        dd m1
        flags %8, %7
        is [m1], eax
  %if %3 == 8
        is al, %5
        mov al, cl
  %elif %3 == 16
        is ax, %5
        mov ax, cx
  %else
        is eax, %5
        mov eax, ecx
  %endif
        is eax, ecx             ; nothing above was touched
%endmacro

unary_tests:
        about "inc"
        unary 0xfe, 0, 8,  0x7f, 0x80, CF, OF | SF | AF | CF, OSZAPC
        unary 0xfe, 0, 8,  0xff, 0x00, 0, ZF | AF | PF, OSZAPC
        unary 0xff, 0, 16, 0x7fff, 0x8000, 0, OF | SF | AF | PF, OSZAPC
        unary 0xff, 0, 32, 0xffffffff, 0, CF, ZF | AF | PF | CF, OSZAPC
        about "dec"
        unary 0xfe, 1, 8,  0x80, 0x7f, CF, OF | AF | CF, OSZAPC
        unary 0xfe, 1, 8,  0x01, 0x00, 0, ZF | PF, OSZAPC
        unary 0xff, 1, 16, 0x0000, 0xffff, 0, SF | AF | PF, OSZAPC
        unary 0xff, 1, 32, 0x80000000, 0x7fffffff, CF, OF | AF | PF | CF, OSZAPC
        about "not"
        unary 0xf6, 2, 8,  0x55, 0xaa, OSZAPC, OSZAPC, OSZAPC
        unary 0xf7, 2, 16, 0x00ff, 0xff00, 0, 0, OSZAPC
        unary 0xf7, 2, 32, 0x12345678, 0xedcba987, CF, CF, OSZAPC
        about "neg"
        unary 0xf6, 3, 8,  0x80, 0x80, 0, OF | SF | CF, OSZAPC
        unary 0xf6, 3, 8,  0x00, 0x00, CF, ZF | PF, OSZAPC
        unary 0xf7, 3, 16, 0x0001, 0xffff, 0, SF | AF | PF | CF, OSZAPC
        unary 0xf7, 3, 32, 0x80000000, 0x80000000, 0, OF | SF | PF | CF, OSZAPC
        about "inc and dec of each register"
        mov eax, 0x100ff
        mov ecx, 0x200ff
        mov edx, 0x300ff
        mov ebx, 0x400ff
        mov ebp, 0x500ff
        mov esi, 0x600ff
        mov edi, 0x700ff
%assign n 0
%rep 8
  %if n != 4                    ; esp comes after
        flags_in CF
        db 0x40 + n             ; inc
        flags OSZAPC, AF | PF | CF
        db 0x48 + n             ; dec
        flags OSZAPC, AF | PF | CF
        db 0x66, 0x48 + n       ; dec of the word
        flags OSZAPC, CF
  %endif
  %assign n n + 1
%endrep
        is eax, 0x100fe
        is ecx, 0x200fe
        is edx, 0x300fe
        is ebx, 0x400fe
        is ebp, 0x500fe
        is esi, 0x600fe
        is edi, 0x700fe
        mov ebp, esp
        inc esp
        mov ecx, esp
        dec esp
        mov edx, esp
        sub ecx, ebp
        is ecx, 1
        is edx, ebp
        ret

test_tests:
        about "test"
        mov eax, 0xf0
        mov ecx, 0x0f
        flags_in OSZAPC
        db 0x84, 0xc8           ; test al, cl
        flags OSZPC, ZF | PF
        mov ax, 0x8000
        mov cx, 0xffff
        db 0x66, 0x85, 0xc8     ; test ax, cx
        flags OSZPC, SF | PF
        mov eax, 0x80000001
        mov [m1], eax
        mov ecx, 0x80000000
        test eax, ecx
        flags OSZPC, SF | PF
        test [m1], ecx
        flags OSZPC, SF | PF
        test al, 0x01           ; A8
        flags OSZPC, 0
        test eax, 0x00000001    ; A9
        flags OSZPC, 0
        db 0x66, 0xa9, 0x00, 0x80
        flags OSZPC, ZF | PF
        test byte [m1], 3       ; F6 /0
        flags OSZPC, 0
        test dword [m1], 0x80000000
        flags OSZPC, SF | PF
        is dword [m1], 0x80000001
        is eax, 0x80000001
        ; F6 /1 and F7 /1: AMD's manual has them; QEMU answers #UD.
        attempt .none, {db 0xf6, 0x05 | 1 << 3}, {dd m1}, {db 3}
        flags OSZPC, 0
        db 0xf7, 0x0d
        dd m1, 0x80000000
        flags OSZPC, SF | PF
.none:  ret

lock_tests:
        about "lock"
        mov dword [m1], 1
        mov eax, 2
        lock add [m1], eax
        is dword [m1], 3
        lock or dword [m1], 0x10
        lock inc byte [m1]
        lock neg dword [m1]
        is dword [m1], -0x14
        lock not dword [m1]
        is dword [m1], 0x13
        fault VEC_UD, {db 0xf0, 0x01, 0xc8}         ; a register
        fault VEC_UD, {db 0xf0, 0x3b, 0x05}         ; cmp
        fault VEC_UD, {db 0xf0, 0x90}
        ret
