; muldiv.asm - MUL IMUL DIV IDIV, and the decimal instructions.
; SDM 2A, each page. Multiplication leaves SF ZF AF PF undefined, division all.
%include "harness.inc"

OC      equ OF | CF

; wide digit, bits, low and high accumulator in, operand, low and high out
; F6 or F7 with a register and with memory.
%macro wide 7
        mov eax, %3
        mov edx, %4
        mov ecx, %5
        wide_one %1, %2, 0xc1
        is eax, %6
        is edx, %7
        mov eax, %3
        mov edx, %4
        mov dword [m1], %5
        wide_one %1, %2, 0x05
        is eax, %6
        is edx, %7
%endmacro
%macro wide_one 3
  %if %2 == 16
        db 0x66
  %endif
        db 0xf6 | ((%2) > 8), %3 | (%1) << 3
  %if %3 == 0x05
        dd m1
  %endif
%endmacro

tests:
        call mul_tests
        call imul_tests
        call div_tests
        call idiv_tests
        jmp decimal_tests

mul_tests:
        about "mul"
        wide 4, 8, 0x5a5a5a10, 7, 0x10, 0x5a5a0100, 7
        flags OC, OC
        wide 4, 8, 0x5a5a5a0f, 7, 0x11, 0x5a5a00ff, 7
        flags OC, 0
        wide 4, 16, 0x5a5affff, 0x5a5a0000, 0xffff, 0x5a5a0001, 0x5a5afffe
        flags OC, OC
        wide 4, 32, 0x80000000, 5, 2, 0, 1
        flags OC, OC
        wide 4, 32, 0x0000ffff, 5, 0xffff, 0xfffe0001, 0
        flags OC, 0
        ret

imul_tests:
        about "imul, one operand"
        wide 5, 8, 0x5a5a5aff, 7, 0xff, 0x5a5a0001, 7
        flags OC, 0
        wide 5, 8, 0x5a5a5a80, 7, 0x80, 0x5a5a4000, 7
        flags OC, OC
        wide 5, 16, 0x5a5a8000, 0x5a5a0000, 2, 0x5a5a0000, 0x5a5affff
        flags OC, OC
        wide 5, 32, 0xffffffff, 5, 3, 0xfffffffd, 0xffffffff
        flags OC, 0
        wide 5, 32, 0x40000000, 5, 4, 0, 1
        flags OC, OC
        about "imul, two operands"
        mov eax, -7
        mov ecx, 6
        imul eax, ecx
        flags OC, 0
        is eax, -42
        mov dword [m1], 0x40000000
        mov eax, 2
        imul eax, [m1]
        flags OC, OC
        is eax, 0x80000000
        mov eax, 0x5a5a4000
        imul ax, [m1 + 2]
        is eax, 0x5a5a0000
        flags OC, OC
        about "imul, three operands"
        mov ecx, 1000
        imul eax, ecx, 1000
        is eax, 1000000
        flags OC, 0
        imul eax, ecx, -3
        is eax, -3000
        flags OC, 0
        mov dword [m1], 0x7fffffff
        imul eax, [m1], byte 2
        is eax, -2
        flags OC, OC
        imul eax, [m1], dword 0x10000
        is eax, 0xffff0000
        flags OC, OC
        mov eax, 0x5a5a5a5a
        mov cx, 0x100
        imul ax, cx, 0x100
        is eax, 0x5a5a0000
        flags OC, OC
        imul ax, cx, -1
        is eax, 0x5a5aff00
        ret

div_tests:
        about "div"
        wide 6, 8, 0x5a5a0107, 9, 0x10, 0x5a5a0710, 9
        wide 6, 16, 0x5a5a0005, 0x5a5a0001, 0x0100, 0x5a5a0100, 0x5a5a0005
        wide 6, 32, 7, 1, 0x80000000, 2, 7
        wide 6, 32, 0xffffffff, 0xfffffffe, 0xffffffff, 0xffffffff, 0xfffffffe
        xor ecx, ecx
        mov eax, 0x12345678
        mov edx, 0x1
        fault VEC_DE, div ecx
        fault VEC_DE, div cl
        mov ecx, 1                      ; the quotient needs 33 bits
        fault VEC_DE, div ecx
        mov cl, 0x56                    ; 0x5678 / 0x56 > 0xff
        fault VEC_DE, div cl
        mov dword [m1], 0
        fault VEC_DE, div word [m1]
        is eax, 0x12345678
        is edx, 1
        ret

idiv_tests:
        about "idiv"
        wide 7, 8, 0x5a5afff9, 9, 2, 0x5a5afffd, 9          ; -7 / 2 = -3 r -1
        wide 7, 8, 0x5a5a0007, 9, 0xfe, 0x5a5a01fd, 9       ; 7 / -2 = -3 r 1
        wide 7, 16, 0x5a5afff9, 0x5a5affff, 2, 0x5a5afffd, 0x5a5affff
        wide 7, 32, -7, -1, -2, 3, -1
        wide 7, 32, 0x80000000, -1, 1, 0x80000000, 0
        mov eax, 0x80000000
        mov edx, -1
        mov ecx, -1
        fault VEC_DE, idiv ecx          ; 2^31 does not fit
        unless_qemu .small              ; which dies of a SIGFPE of its own
        mov eax, 0
        mov edx, 0x80000000             ; -2^63 / -1
        fault VEC_DE, idiv ecx
.small: mov ecx, -1
        mov edx, -1
        mov eax, 0xff80
        fault VEC_DE, idiv cl           ; 128 does not fit
        mov eax, 0x8000
        mov edx, -1
        fault VEC_DE, idiv cx
        xor ecx, ecx
        fault VEC_DE, idiv ecx
        is eax, 0x8000
        is edx, -1
        ret

; decimal instruction, AX in, flags in, AX out, flags out, mask
%macro decimal 6
        mov eax, 0x5a5a0000 | (%2)
        flags_in %3
        %1
        flags %6, %5
        is eax, 0x5a5a0000 | (%4)
%endmacro

AC      equ AF | CF

decimal_tests:
        about "daa"
        decimal daa, 0x00ae, 0, 0x0014, AC | PF, SZAPC
        decimal daa, 0x0079, 0, 0x0079, 0, SZAPC
        decimal daa, 0x0012, AF, 0x0018, AF | PF, SZAPC
        decimal daa, 0x002e, CF, 0x0094, SF | AC, SZAPC
        decimal daa, 0x0099, 0, 0x0099, SF | PF, SZAPC
        decimal daa, 0x009a, 0, 0x0000, ZF | AC | PF, SZAPC
        decimal daa, 0x00a0, 0, 0x0000, ZF | CF | PF, SZAPC
        about "das"
        decimal das, 0x00ee, CF, 0x0088, SF | AC | PF, SZAPC
        decimal das, 0x0012, AF, 0x000c, AF | PF, SZAPC
        decimal das, 0x00a0, 0, 0x0040, CF, SZAPC
        decimal das, 0x0003, AF, 0x00fd, SF | AC, SZAPC
        about "aaa"
        decimal aaa, 0x010b, 0, 0x0201, AC, AC
        decimal aaa, 0x0105, 0, 0x0105, 0, AC
        decimal aaa, 0x0109, 0, 0x0109, 0, AC
        decimal aaa, 0x0195, AF, 0x020b, AC, AC
        decimal aaa, 0x00fc, 0, 0x0202, AC, AC  ; 6 is added to AX, not to AL
        about "aas"
        decimal aas, 0x010b, 0, 0x0005, AC, AC
        decimal aas, 0x0109, 0, 0x0109, 0, AC
        decimal aas, 0x01f4, 0, 0x0104, 0, AC
        decimal aas, 0x0203, AF, 0x000d, AC, AC ; so is 6 taken from AX
        about "aam"
        decimal aam, 0xff3f, 0, 0x0603, PF, SZPC & ~CF
        decimal {aam 16}, 0x0000, 0, 0x0000, ZF | PF, SZPC & ~CF
        decimal {aam 0x10}, 0x00f8, 0, 0x0f08, 0, SZPC & ~CF
        decimal {aam 0xff}, 0x00f0, 0, 0x00f0, SF | PF, SZPC & ~CF
        mov eax, 5
        fault VEC_DE, aam 0
        is eax, 5
        about "aad"
        decimal aad, 0x0603, 0, 0x003f, PF, SZPC & ~CF
        decimal {aad 16}, 0x0f08, 0, 0x00f8, SF, SZPC & ~CF
        decimal {aad 0}, 0x0f00, 0, 0x0000, ZF | PF, SZPC & ~CF
        ret
