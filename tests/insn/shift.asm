; shift.asm - ROL ROR RCL RCR SHL SHR SAR, SHLD SHRD: every form.
; SDM 2B "RCL/RCR/ROL/ROR" and "SAL/SAR/SHL/SHR", "SHLD", "SHRD". OF is
; defined for a count of 1 only; AF is undefined for shifts, kept by rotates.
%include "harness.inc"

%macro opsize 1
  %if %1 == 16
        db 0x66
  %endif
%endmacro

; shift digit, bits, value, count, result, flags in, flags, mask
; By an immediate and by CL, and by 1 where it is, register and memory.
%macro shift 8
  %assign wide (%2) > 8
        shift_form %2, %3, %4, %5, %6, %7, %8, {db 0xc0 + wide, 0xc0 | (%1) << 3, %4}
        shift_form %2, %3, %4, %5, %6, %7, %8, {db 0xd2 + wide, 0xc0 | (%1) << 3}
  %if (%4) == 1
        shift_form %2, %3, %4, %5, %6, %7, %8, {db 0xd0 + wide, 0xc0 | (%1) << 3}
  %endif
        mov dword [m1], %3
        mov cl, %4
        flags_in %6
        opsize %2
        db 0xd2 + wide, 0x05 | (%1) << 3
        dd m1
        flags %8, %7
        mov eax, [m1]
        is eax, %5
%endmacro

%macro shift_form 8
        mov eax, %2
        mov cl, %3
        flags_in %5
        opsize %1
        %8
        flags %7, %6
        is eax, %4
%endmacro

OC      equ OF | CF

tests:
        call rotate_tests
        call carry_tests
        call shift_tests
        jmp double_tests

rotate_tests:
        about "rol"
        shift 0, 8,  0x5a5a5a81, 1, 0x5a5a5a03, OSZAPC, OSZAPC, OSZAPC
        shift 0, 8,  0x40, 1, 0x80, SZAPC, OF | SZAPC & ~CF, OSZAPC
        shift 0, 8,  0xc0, 1, 0x81, 0, CF, OSZAPC
        shift 0, 8,  0x81, 4, 0x18, 0, 0, SZAPC
        shift 0, 8,  0x81, 8, 0x81, 0, CF, CF          ; CF is the low bit
        shift 0, 8,  0x81, 0, 0x81, OSZAPC, OSZAPC, OSZAPC
        shift 0, 8,  0x81, 32, 0x81, OSZAPC, OSZAPC, OSZAPC
        shift 0, 16, 0x12348001, 1, 0x12340003, 0, OC, OC
        shift 0, 16, 0x1234, 4, 0x2341, 0, CF, SZAPC
        shift 0, 32, 0x80000001, 1, 0x00000003, 0, OC, OSZAPC
        shift 0, 32, 0x12345678, 28, 0x81234567, 0, CF, CF
        about "ror"
        shift 1, 8,  0x01, 1, 0x80, 0, OC, OSZAPC
        shift 1, 8,  0x5a5a5a18, 4, 0x5a5a5a81, 0, CF, CF
        shift 1, 16, 0x12340001, 1, 0x12348000, 0, OC, OC
        shift 1, 16, 0x1234, 16, 0x1234, OSZAPC, SZAPC & ~CF, SZAPC
        shift 1, 32, 0x00000002, 1, 0x00000001, OC, 0, OC
        shift 1, 32, 0x12345678, 4, 0x81234567, 0, CF, CF
        ret

carry_tests:
        about "rcl"
        shift 2, 8,  0x5a5a5a80, 1, 0x5a5a5a01, CF, OC, OSZAPC
        shift 2, 8,  0x80, 1, 0x00, 0, OC, OSZAPC
        shift 2, 8,  0xa5, 9, 0xa5, CF, CF, CF         ; all nine bits round
        shift 2, 8,  0xa5, 4, 0x5d, CF, 0, CF
        shift 2, 8,  0xa5, 10, 0x4b, CF, CF, CF
        shift 2, 8,  0xa5, 18, 0xa5, 0, 0, CF
        shift 2, 16, 0x12340001, 18, 0x12340002, 0, 0, CF
        shift 2, 16, 0x12348000, 1, 0x12340000, 0, OC, OC
        shift 2, 16, 0x8000, 17, 0x8000, CF, CF, CF
        shift 2, 32, 0x40000000, 1, 0x80000001, CF, OF, OC
        shift 2, 32, 0x12345678, 8, 0x34567889, CF, 0, CF
        shift 2, 32, 0x12345678, 32, 0x12345678, OSZAPC, OSZAPC, OSZAPC
        about "rcr"
        shift 3, 8,  0x5a5a5a01, 1, 0x5a5a5a80, CF, OC, OSZAPC
        shift 3, 8,  0x01, 1, 0x00, 0, CF, OSZAPC
        shift 3, 8,  0xa5, 9, 0xa5, 0, 0, CF
        shift 3, 8,  0xa5, 11, 0xa9, 0, 0, CF
        shift 3, 16, 0x1234, 30, 0x2348, CF, CF, CF
        shift 3, 16, 0x1234, 4, 0x9123, CF, 0, CF
        shift 3, 32, 0x80000000, 1, 0xc0000000, CF, 0, OC
        shift 3, 32, 0x12345678, 8, 0xf1123456, CF, 0, CF
        ret

shift_tests:
        about "shl"
        shift 4, 8,  0x5a5a5ac1, 1, 0x5a5a5a82, OF, SF | PF | CF, OSZPC
        shift 4, 8,  0x40, 1, 0x80, 0, OF | SF, OSZPC
        shift 4, 8,  0xff, 8, 0x00, 0, ZF | PF | CF, SZPC
        shift 4, 8,  0x81, 0, 0x81, OSZAPC, OSZAPC, OSZAPC
        shift 4, 8,  0x81, 32, 0x81, OSZAPC, OSZAPC, OSZAPC
        shift 4, 16, 0x12344321, 4, 0x12343210, 0, 0, SZPC
        shift 4, 32, 0x80000001, 1, 0x00000002, 0, OF | CF, OSZPC
        shift 4, 32, 0x00000003, 31, 0x80000000, 0, SF | PF | CF, SZPC
        shift 4, 32, 0x00000003, 33, 0x00000006, 0, PF, SZPC
        about "shr"
        shift 5, 8,  0x5a5a5a81, 1, 0x5a5a5a40, 0, OF | CF, OSZPC
        shift 5, 8,  0x01, 1, 0x00, 0, ZF | PF | CF, OSZPC
        shift 5, 16, 0x12348000, 15, 0x12340001, 0, 0, SZPC
        shift 5, 32, 0x80000000, 31, 0x00000001, CF, 0, SZPC
        shift 5, 32, 0x80000001, 1, 0x40000000, 0, OF | PF | CF, OSZPC
        shift 5, 32, 0x80000018, 4, 0x08000001, 0, CF, SZPC
        about "sar"
        shift 7, 8,  0x5a5a5a81, 1, 0x5a5a5ac0, OF, SF | PF | CF, OSZPC
        shift 7, 8,  0x80, 7, 0xff, 0, SF | PF, SZPC
        shift 7, 8,  0x80, 31, 0xff, 0, SF | PF | CF, SZPC
        shift 7, 16, 0x12348000, 4, 0x1234f800, 0, SF | PF, SZPC
        shift 7, 32, 0x80000000, 31, 0xffffffff, 0, SF | PF, SZPC
        shift 7, 32, 0x7fffffff, 1, 0x3fffffff, 0, PF | CF, OSZPC
        about "shift group /6, SHL's twin"
        shift 6, 8,  0x40, 1, 0x80, 0, OF | SF, OSZPC
        shift 6, 16, 0x12344321, 4, 0x12343210, 0, 0, SZPC
        shift 6, 32, 0x00000003, 31, 0x80000000, 0, SF | PF | CF, SZPC
        shift 6, 32, 0x00000001, 1, 0x00000002, 0, 0, OSZPC
        ret

; double opcode, bits, destination, source, count, result, flags in, out, mask
%macro double 9
        mov eax, %3
        mov edx, %4
        flags_in %7
        opsize %2
        db 0x0f, %1, 0xd0, %5           ; eax, edx, imm
        flags %9, %8
        is eax, %6
        mov dword [m1], %3
        mov cl, %5
        flags_in %7
        opsize %2
        db 0x0f, (%1) + 1, 0x15         ; [m1], edx, cl
        dd m1
        flags %9, %8
        is dword [m1], %6
        is edx, %4
%endmacro

double_tests:
        about "shld"
        double 0xa4, 32, 0x12345678, 0x9abcdef0, 8, 0x3456789a, 0, PF, SZPC
        double 0xa4, 32, 0x80000000, 0x80000000, 1, 0x00000001, 0, OF | CF, OSZPC
        double 0xa4, 32, 0x12345678, 0x9abcdef0, 32, 0x12345678, OSZAPC, OSZAPC, OSZAPC
        double 0xa4, 16, 0x12345678, 0x9abcdef0, 4, 0x1234678d, 0, PF | CF, SZPC
        double 0xa4, 16, 0x12345678, 0x9abcdef0, 3, 0x1234b3c6, 0, SF | PF, SZPC
        double 0xa4, 16, 0x00004000, 0x00008000, 1, 0x00008001, 0, OF | SF, OSZPC
        double 0xa4, 32, 0x12345678, 0x9abcdef0, 4, 0x23456789, CF, CF, CF
        about "shrd"
        double 0xac, 32, 0x12345678, 0x9abcdef0, 8, 0xf0123456, 0, SF | PF, SZPC
        double 0xac, 32, 0x00000001, 0x00000001, 1, 0x80000000, 0, OF | SF | PF | CF, OSZPC
        double 0xac, 16, 0x00000003, 0x00000000, 1, 0x00000001, OF, CF, OSZPC
        double 0xac, 16, 0x00000000, 0x00000001, 1, 0x00008000, 0, OF | SF | PF, OSZPC
        double 0xac, 16, 0x12345678, 0x9abcdef0, 4, 0x12340567, 0, CF, SZPC
        ret
