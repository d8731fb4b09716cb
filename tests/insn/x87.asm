; x87.asm - every x87 instruction form, on numbers whose results are exact.
; SDM 2A, each page. What rounding, NaNs and masks make of them, bit for bit,
; is tests/host/fpu_compare.c's.
%include "x87.inc"

; With ST(0) (and ST(1)) so, the instruction makes ST(0) (then the next) so.
%macro one 3                            ; instruction, before, after
        load %2
        %1
        pops %3
%endmacro
%macro two 5                            ; ..., ST(1), ST(0), after, next
        load2 %2, %3
        %1
        pops %4
        pops %5
%endmacro
%macro two_pop 4                        ; ..., ST(1), ST(0), after
        load2 %2, %3
        %1
        pops %4
%endmacro
; A comparison with memory; of registers: it pops so many.
%macro to_codes 3                       ; instruction, ST(0), codes
        load %2
        %1
        codes %3
%endmacro
%macro orders 2                         ; instruction, pops
        order {%1}, %2, 2.0, 3.0, GREATER
        order {%1}, %2, 3.0, 2.0, LESS
        order {%1}, %2, 3.0, 3.0, EQUAL
%endmacro
%macro order 5
        load2 %3, %4
        %1
        codes %5
  %rep 2 - %2
        fstp st0
  %endrep
%endmacro
%macro flag_orders 2
        flag_order {%1}, %2, 2.0, 3.0, 0
        flag_order {%1}, %2, 3.0, 2.0, CF
        flag_order {%1}, %2, 3.0, 3.0, ZF
%endmacro
%macro flag_order 5
        load2 %3, %4
        %1
        flags ZF | PF | CF, %5
  %rep 2 - %2
        fstp st0
  %endrep
%endmacro
%macro moves 3                          ; instruction, flags when it moves, not
        load2 2.0, 3.0
        flags_in %2
        %1
        pops 2.0
        fstp st0
        load2 2.0, 3.0
        flags_in %3
        %1
        pops 3.0
        fstp st0
%endmacro
%macro constant 4                       ; instruction, exponent, significand
        %1
        fstp tword [env]
        is dword [env], %4
        is dword [env + 4], %3
        is word [env + 8], %2
%endmacro

tests:
        fninit
        call arith_memory
        call arith_register
        call load_store
        call conditional
        call compare
        jmp functions

arith_memory:
        about "fadd dword"
        one {fadd dword [s1p5]}, 6.0, 7.5
        about "fmul dword"
        one {fmul dword [s1p5]}, 6.0, 9.0
        about "fsub dword"
        one {fsub dword [s1p5]}, 6.0, 4.5
        about "fsubr dword"
        one {fsubr dword [s1p5]}, 6.0, -4.5
        about "fdiv dword"
        one {fdiv dword [s1p5]}, 48.0, 32.0
        about "fdivr dword"
        one {fdivr dword [s1p5]}, 0.5, 3.0
        about "fcom dword"
        to_codes {fcom dword [s1p5]}, 2.5, GREATER
        fstp st0
        to_codes {fcom dword [s1p5]}, 0.5, LESS
        fstp st0
        to_codes {fcom dword [s1p5]}, 1.5, EQUAL
        fstp st0
        about "fcomp dword"
        to_codes {fcomp dword [s1p5]}, 2.5, GREATER
        to_codes {fcomp dword [s1p5]}, 0.5, LESS
        to_codes {fcomp dword [s1p5]}, 1.5, EQUAL
        about "fadd qword"
        one {fadd qword [d4]}, 6.0, 10.0
        about "fmul qword"
        one {fmul qword [d4]}, 6.0, 24.0
        about "fsub qword"
        one {fsub qword [d4]}, 6.0, 2.0
        about "fsubr qword"
        one {fsubr qword [d4]}, 6.0, -2.0
        about "fdiv qword"
        one {fdiv qword [d4]}, 48.0, 12.0
        about "fdivr qword"
        one {fdivr qword [d4]}, 0.5, 8.0
        about "fcom qword"
        to_codes {fcom qword [d4]}, 5.0, GREATER
        fstp st0
        to_codes {fcom qword [d4]}, 3.0, LESS
        fstp st0
        to_codes {fcom qword [d4]}, 4.0, EQUAL
        fstp st0
        about "fcomp qword"
        to_codes {fcomp qword [d4]}, 5.0, GREATER
        to_codes {fcomp qword [d4]}, 3.0, LESS
        to_codes {fcomp qword [d4]}, 4.0, EQUAL
        about "fiadd word"
        one {fiadd word [w16]}, 6.0, 22.0
        about "fimul word"
        one {fimul word [w16]}, 6.0, 96.0
        about "fisub word"
        one {fisub word [w16]}, 6.0, -10.0
        about "fisubr word"
        one {fisubr word [w16]}, 6.0, 10.0
        about "fidiv word"
        one {fidiv word [w16]}, 48.0, 3.0
        about "fidivr word"
        one {fidivr word [w16]}, 0.5, 32.0
        about "ficom word"
        to_codes {ficom word [w16]}, 17.0, GREATER
        fstp st0
        to_codes {ficom word [w16]}, 15.0, LESS
        fstp st0
        to_codes {ficom word [w16]}, 16.0, EQUAL
        fstp st0
        about "ficomp word"
        to_codes {ficomp word [w16]}, 17.0, GREATER
        to_codes {ficomp word [w16]}, 15.0, LESS
        to_codes {ficomp word [w16]}, 16.0, EQUAL
        about "fiadd dword"
        one {fiadd dword [lm8]}, 6.0, -2.0
        about "fimul dword"
        one {fimul dword [lm8]}, 6.0, -48.0
        about "fisub dword"
        one {fisub dword [lm8]}, 6.0, 14.0
        about "fisubr dword"
        one {fisubr dword [lm8]}, 6.0, -14.0
        about "fidiv dword"
        one {fidiv dword [lm8]}, 48.0, -6.0
        about "fidivr dword"
        one {fidivr dword [lm8]}, 0.5, -16.0
        about "ficom dword"
        to_codes {ficom dword [lm8]}, -7.0, GREATER
        fstp st0
        to_codes {ficom dword [lm8]}, -9.0, LESS
        fstp st0
        to_codes {ficom dword [lm8]}, -8.0, EQUAL
        fstp st0
        about "ficomp dword"
        to_codes {ficomp dword [lm8]}, -7.0, GREATER
        to_codes {ficomp dword [lm8]}, -9.0, LESS
        to_codes {ficomp dword [lm8]}, -8.0, EQUAL
        clean
        ret

arith_register:
        about "fadd"
        two {fadd st1}, 3.0, 12.0, 15.0, 3.0
        two {fadd to st1}, 48.0, 12.0, 12.0, 60.0
        two_pop {faddp st1}, 48.0, 12.0, 60.0
        about "fmul"
        two {fmul st1}, 3.0, 12.0, 36.0, 3.0
        two {fmul to st1}, 48.0, 12.0, 12.0, 576.0
        two_pop {fmulp st1}, 48.0, 12.0, 576.0
        about "fsub"
        two {fsub st1}, 3.0, 12.0, 9.0, 3.0
        two {fsub to st1}, 48.0, 12.0, 12.0, 36.0
        two_pop {fsubp st1}, 48.0, 12.0, 36.0
        about "fsubr"
        two {fsubr st1}, 3.0, 12.0, -9.0, 3.0
        two {fsubr to st1}, 48.0, 12.0, 12.0, -36.0
        two_pop {fsubrp st1}, 48.0, 12.0, -36.0
        about "fdiv"
        two {fdiv st1}, 3.0, 12.0, 4.0, 3.0
        two {fdiv to st1}, 48.0, 12.0, 12.0, 4.0
        two_pop {fdivp st1}, 48.0, 12.0, 4.0
        about "fdivr"
        two {fdivr st1}, 24.0, 12.0, 2.0, 24.0
        two {fdivr to st1}, 3.0, 12.0, 12.0, 4.0
        two_pop {fdivrp st1}, 3.0, 12.0, 4.0
        clean
        ret

load_store:
        about "fld"
        fld dword [s1p5]
        pops 1.5
        fld qword [d4]
        pops 4.0
        fld tword [t6]
        fld st0
        pops 6.0
        pops 6.0
        about "fild"
        fild word [w16]
        pops 16.0
        fild dword [lm8]
        pops -8.0
        fild qword [big]
        pops 1099511627776.0
        about "fst, fstp"
        load 1.5
        fst dword [m1]
        is dword [m1], __float32__(1.5)
        fst qword [env]
        is dword [env + 4], __float64__(1.5) >> 32
        fstp dword [m2]
        is dword [m2], __float32__(1.5)
        load 6.0
        fstp tword [env]
        mov eax, [t6 + 4]
        is dword [env + 4], eax
        mov ax, [t6 + 8]
        is word [env + 8], ax
        load2 2.0, 3.0
        fst st1
        pops 3.0
        pops 3.0
        about "fstp st, its twins"
        two_pop {fstp st1}, 2.0, 3.0, 3.0
        two_pop {db 0xd9, 0xd9}, 2.0, 3.0, 3.0
        two_pop {db 0xdf, 0xd1}, 2.0, 3.0, 3.0
        two_pop {db 0xdf, 0xd9}, 2.0, 3.0, 3.0
        about "fist, fistp"
        load -7.0
        fist word [m1]
        is word [m1], -7
        fist dword [m1]
        is dword [m1], -7
        fistp word [m1]
        is word [m1], -7
        load 65536.0
        fistp dword [m1]
        is dword [m1], 65536
        load 1099511627776.0
        fistp qword [env]
        is dword [env + 4], 256
        about "fbld, fbstp"
        fbld [bcd]
        pops -1234567890.0
        load 98765.0
        fbstp [env]
        is dword [env], 0x00098765
        is dword [env + 4], 0
        is word [env + 8], 0
        about "fxch, its twins"
        two {fxch st1}, 2.0, 3.0, 2.0, 3.0
        two {db 0xdd, 0xc9}, 2.0, 3.0, 2.0, 3.0
        two {db 0xdf, 0xc9}, 2.0, 3.0, 2.0, 3.0
        about "constants"
        constant fld1, 0x3fff, 0x80000000, 0x00000000
        constant fldl2t, 0x4000, 0xd49a784b, 0xcd1b8afe
        constant fldl2e, 0x3fff, 0xb8aa3b29, 0x5c17f0bc
        constant fldpi, 0x4000, 0xc90fdaa2, 0x2168c235
        constant fldlg2, 0x3ffd, 0x9a209a84, 0xfbcff799
        constant fldln2, 0x3ffe, 0xb17217f7, 0xd1cf79ac
        constant fldz, 0x0000, 0x00000000, 0x00000000
        clean
        ret

conditional:
        about "fcmovb"
        moves {fcmovb st1}, CF, 0
        about "fcmovnb"
        moves {fcmovnb st1}, 0, CF
        about "fcmove"
        moves {fcmove st1}, ZF, 0
        about "fcmovne"
        moves {fcmovne st1}, 0, ZF
        about "fcmovbe"
        moves {fcmovbe st1}, ZF, 0
        about "fcmovnbe"
        moves {fcmovnbe st1}, 0, ZF
        about "fcmovu"
        moves {fcmovu st1}, PF, 0
        about "fcmovnu"
        moves {fcmovnu st1}, 0, PF
        clean
        ret

compare:
        about "fcom st1"
        orders {fcom st1}, 0
        about "db 0xdc, 0xd1"
        orders {db 0xdc, 0xd1}, 0
        about "fcomp st1"
        orders {fcomp st1}, 1
        about "db 0xdc, 0xd9"
        orders {db 0xdc, 0xd9}, 1
        about "db 0xde, 0xd1"
        orders {db 0xde, 0xd1}, 1
        about "fcompp"
        orders {fcompp}, 2
        about "fucom st1"
        orders {fucom st1}, 0
        about "fucomp st1"
        orders {fucomp st1}, 1
        about "fucompp"
        orders {fucompp}, 2
        about "fcomi"
        flag_orders {fcomi st1}, 0
        about "fcomip"
        flag_orders {fcomip st1}, 1
        about "fucomi"
        flag_orders {fucomi st1}, 0
        about "fucomip"
        flag_orders {fucomip st1}, 1
        about "unordered"
        fld qword [nan]
        fucomi st0
        flags ZF | PF | CF, ZF | PF | CF
        fucom st0
        codes UNORDERED
        fnstsw ax
        and eax, 1
        is eax, 0                       ; a QNaN is quiet to FUCOM
        fcom st0
        codes UNORDERED
        fnstsw ax
        and eax, 1
        is eax, 1                       ; and invalid to FCOM
        fnclex
        fstp st0
        about "ftst, fxam"
        load -3.0
        ftst
        codes LESS
        fxam
        fnstsw ax
        and eax, 0x4700
        is eax, 0x0600                  ; normal, negative
        fstp st0
        fldz
        ftst
        codes EQUAL
        fxam
        codes EQUAL
        fstp st0
        fxam
        codes 0x41                      ; empty
        clean
        ret

functions:
        about "fchs"
        one {fchs}, 5.0, -5.0
        about "fabs"
        one {fabs}, -5.0, 5.0
        about "fsqrt"
        one {fsqrt}, 144.0, 12.0
        about "frndint"
        one {frndint}, 2.5, 2.0
        about "f2xm1"
        one {f2xm1}, 0.0, 0.0
        about "fsin"
        one {fsin}, 0.0, 0.0
        about "fcos"
        one {fcos}, 0.0, 1.0
        about "fprem, fprem1"
        load2 3.0, 17.0
        fprem                           ; 17 = 5 * 3 + 2: quotient 101b
        fnstsw ax
        pops 2.0
        and eax, 0x4700
        is eax, 0x0300
        fstp st0
        unless_qemu .scale              ; whose quotient is wrong
        load2 3.0, 17.0
        fprem1                          ; 17 = 6 * 3 - 1: quotient 110b
        fnstsw ax
        pops -1.0
        and eax, 0x4700
        is eax, 0x4100
        fstp st0
.scale: about "fscale, fxtract"
        load2 3.0, 5.0
        fscale
        pops 40.0
        pops 3.0
        load 40.0
        fxtract
        pops 1.25
        pops 5.0
        about "fyl2x, fyl2xp1, fpatan"
        load2 3.0, 32.0
        fyl2x
        pops 15.0
        load2 3.0, 0.0
        fyl2xp1
        pops 0.0
        load2 0.0, 3.0
        fpatan
        pops 0.0
        about "fptan, fsincos"
        load 0.0
        fptan
        pops 1.0
        pops 0.0
        load 0.0
        fsincos
        pops 1.0
        pops 0.0
        about "fsin out of range"
        load 36893488147419103232.0     ; 2^65
        fsin
        fnstsw ax
        and eax, 0x400
        is eax, 0x400
        pops 36893488147419103232.0
        fnclex
        fninit
        clean
        ret

section .data
        align 16
s1p5:   dd 1.5
d4:     dq 4.0
t6:     dt 6.0
w16:    dw 16
lm8:    dd -8
big:    dq 0x10000000000
bcd:    db 0x90, 0x78, 0x56, 0x34, 0x12, 0, 0, 0, 0, 0x80
nan:    dq 0x7ff8000000000000

section .bss
env:    resb 128
q:      resb 8
