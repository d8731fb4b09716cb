; bits.asm - BT BTS BTR BTC BSF BSR, SETcc, CMOVcc, Jcc on all conditions.
; SDM 2A, 2B, each instruction's page; conditions: SDM 1 appendix B.
%include "harness.inc"

; One of BT's family: opcode of the G form, digit of the immediate form,
; bit 5 of 0xffff0000 afterwards (bit 5 is 0 before), and of bit 20 (1).
%macro bit_op 4                 ; opcode, digit, value after bit 5, after bit 20
        mov eax, 0xffff0000
        mov ecx, 5
        flags_in OSZAPC
        db 0x0f, %1, 0xc8       ; eax, ecx
        flags ZF | CF, ZF
        is eax, %3
        mov eax, 0xffff0000
        mov ecx, 20 + 32        ; a register's bit offset is taken modulo 32
        flags_in 0
        db 0x0f, %1, 0xc8
        flags ZF | CF, CF
        is eax, %4
        mov eax, 0xffff0000
        flags_in ZF
        db 0x0f, 0xba, 0xc0 | (%2) << 3, 20
        flags ZF | CF, ZF | CF
        is eax, %4
        mov dword [m1], 0xffff0000
        db 0x0f, 0xba, 0x05 | (%2) << 3
        dd m1
        db 20 + 64              ; an immediate's too, in memory as well
        flags CF, CF
        is dword [m1], %4
        ; In memory a register's offset is signed and reaches anywhere.
        mov dword [m1], 0
        mov dword [m1 + 4], 0xffff0000
        mov dword [m1 + 8], 0
        mov eax, m1 + 8
        mov ecx, 5 - 32
        db 0x0f, %1, 0x08       ; [eax], ecx
        flags CF, 0
        is dword [m1 + 4], %3
        mov dword [m1 + 4], 0xffff0000
        mov eax, m1
        mov ecx, 32 + 20
        db 0x0f, %1, 0x08
        flags CF, CF
        is dword [m1 + 4], %4
        is dword [m1], 0
        is dword [m1 + 8], 0
        ; Operand size 16: steps of a word.
        mov eax, 0x5a5a0000
        mov ecx, 16 + 3
        db 0x66, 0x0f, %1, 0xc8
        flags CF, 0
        mov dword [m1], 0
        mov dword [m1 + 4], 0x00100000
        mov eax, m1
        mov ecx, 0x70000 + 48 + 4
        db 0x66, 0x0f, %1, 0x08
        flags CF, CF
%endmacro

tests:
        about "bt"
        bit_op 0xa3, 4, 0xffff0000, 0xffff0000
        about "bts"
        bit_op 0xab, 5, 0xffff0020, 0xffff0000
        is dword [m1 + 4], 0x00100000
        about "btr"
        bit_op 0xb3, 6, 0xffff0000, 0xffef0000
        is dword [m1 + 4], 0
        about "btc"
        bit_op 0xbb, 7, 0xffff0020, 0xffef0000
        is dword [m1 + 4], 0
        call scan_tests
        call set_tests
        call move_tests
        call lazy_tests
        jmp jump_tests

scan_tests:
        about "bsf, bsr"
        mov ecx, 0x00180000
        flags_in ZF
        bsf eax, ecx
        flags ZF, 0
        is eax, 19
        bsr eax, ecx
        flags ZF, 0
        is eax, 20
        mov eax, 0x5a5a5a5a
        mov cx, 0x8001
        bsr ax, cx
        is eax, 0x5a5a000f
        bsf ax, cx
        is eax, 0x5a5a0000
        mov dword [m1], 0x80000000
        bsf eax, [m1]
        is eax, 31
        xor ecx, ecx
        flags_in 0
        bsf edx, ecx
        flags ZF, ZF
        flags_in 0
        bsr edx, ecx
        flags ZF, ZF
        ret

; For each condition: flags that make it true, and that make it false. In the
; order of the condition's number.
%macro for_conditions 1
        %1 0x0, OF, SZAPC
        %1 0x1, SZAPC, OF
        %1 0x2, CF, OSZAPC & ~CF
        %1 0x3, OSZAPC & ~CF, CF
        %1 0x4, ZF, OSZAPC & ~ZF
        %1 0x5, OSZAPC & ~ZF, ZF
        %1 0x6, CF, OSZAPC & ~(CF | ZF)
        %1 0x6, ZF, 0
        %1 0x7, OSZAPC & ~(CF | ZF), ZF
        %1 0x7, 0, CF
        %1 0x8, SF, OSZAPC & ~SF
        %1 0x9, OSZAPC & ~SF, SF
        %1 0xa, PF, OSZAPC & ~PF
        %1 0xb, OSZAPC & ~PF, PF
        %1 0xc, SF, OF | SF
        %1 0xc, OF, 0
        %1 0xd, OF | SF, SF
        %1 0xd, 0, OF
        %1 0xe, ZF, 0
        %1 0xe, SF, OF | SF
        %1 0xe, OF | SF | ZF, OF | SF | CF
        %1 0xf, OF | SF, OF
        %1 0xf, CF | PF | AF, ZF
%endmacro

%macro set_one 3                ; condition, true flags, false flags
        mov eax, 0x5a5a5a5a
        flags_in %2
        db 0x0f, 0x90 | %1, 0xc0
        flags OSZAPC, %2
        is eax, 0x5a5a5a01
        flags_in %3
        db 0x0f, 0x90 | %1, 0x05
        dd m1
        is byte [m1], 0
        flags_in %2
        db 0x0f, 0x90 | %1, 0x05
        dd m1
        is byte [m1], 1
%endmacro

set_tests:
        about "setcc"
        for_conditions set_one
        ret

%macro move_one 3
        mov eax, 0x11111111
        mov edx, 0x22222222
        flags_in %3
        db 0x0f, 0x40 | %1, 0xc2        ; eax, edx
        flags OSZAPC, %3
        is eax, 0x11111111
        flags_in %2
        db 0x66, 0x0f, 0x40 | %1, 0xc2  ; ax, dx
        is eax, 0x11112222
        mov [m1], edx
        db 0x0f, 0x40 | %1, 0x05        ; eax, [m1]
        dd m1
        is eax, 0x22222222
%endmacro

move_tests:
        about "cmovcc"
        for_conditions move_one
        ; Memory is read, and may fault, whatever the condition says.
        unless_qemu .end
        mov eax, SMALL
        mov fs, eax
        flags_in 0
        fault_error VEC_GP, 0, cmovz eax, [fs:0x1000]
.end:   ret

; The conditions right after an operation, and after PUSHF and POPF of its
; flags, must agree: whether flags are kept or computed late is nobody's
; business.
%macro lazy 3+                  ; a, b, operation on eax and ecx
  %assign condition 0
  %rep 16
        mov eax, %1
        mov ecx, %2
        flags_in OSZAPC
        %3
        db 0x0f, 0x90 | condition, 0xc2 ; dl
        mov eax, %1
        mov ecx, %2
        flags_in OSZAPC
        %3
        pushfd
        popfd
        db 0x0f, 0x90 | condition, 0xc6 ; dh
        is dl, dh
    %assign condition condition + 1
  %endrep
%endmacro
%macro lazy_pairs 1+
        lazy 5, 3, %1
        lazy 3, 5, %1
        lazy 7, 7, %1
        lazy 0, 0, %1
        lazy 0x80000000, 1, %1
        lazy 0x7fffffff, -1, %1
        lazy -1, 1, %1
        lazy 0x8000807f, 0x80007f81, %1
%endmacro

lazy_tests:
        about "conditions after arithmetic"
        lazy_pairs cmp eax, ecx
        lazy_pairs cmp ax, cx
        lazy_pairs cmp al, cl
        lazy_pairs add eax, ecx
        lazy_pairs add al, cl
        lazy_pairs sbb eax, ecx
        lazy_pairs and ax, cx
        lazy_pairs xor eax, ecx
        lazy_pairs inc eax
        lazy_pairs dec al
        lazy_pairs neg ax
        lazy_pairs shl eax, cl
        ret

%macro jump_one 3
        flags_in %2
        db 0x70 | %1, 6         ; over a CALL and its NOP
        call failed
        nop
        flags_in %3
        db 0x70 | %1, 2
        jmp short %%short
        call failed
%%short:
        flags_in %2
        db 0x0f, 0x80 | %1
        dd 6
        call failed
        nop
        flags_in %3
        db 0x0f, 0x80 | %1
        dd 2
        jmp short %%near
        call failed
%%near: flags OSZAPC, %3
%endmacro

jump_tests:
        about "jcc"
        for_conditions jump_one
        ret
