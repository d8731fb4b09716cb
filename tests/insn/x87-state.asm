; x87-state.asm - the x87's control: words, stack and tags, its state in memory
; (SDM 1 8.1.10, 10.5), and #NM and #MF (SDM 3A 2.5).
%include "x87.inc"

tests:
        fninit
        call control
        call state
        jmp faults

control:
        about "fldcw, fnstcw"
        fninit
        fnstcw [m1]
        is word [m1], 0x37f
        mov word [m1], 0x0c7f
        fldcw [m1]
        fnstcw [m2]
        is word [m2], 0x0c7f
        load -2.5
        frndint                         ; toward zero
        pops -2.0
        fninit
        about "fincstp, fdecstp, ffree"
        load2 2.0, 3.0
        fincstp
        fst qword [q]
        is dword [q + 4], __float64__(2.0) >> 32
        fdecstp
        ffree st1
        pops 3.0
        fnstenv [env]
        is word [env + 8], 0xffff
        fldenv [env]
        fninit
        load2 2.0, 3.0
        ffreep st0
        pops 2.0
        about "fnop, fneni, fndisi, fsetpm, fwait"
        fnop
        fneni
        fndisi
        db 0xdb, 0xe4
        fwait
        about "fnstsw, fnclex"
        fninit
        fldz
        fld1
        fdiv st1                        ; by zero, masked
        fnstsw [m1]
        is word [m1], 0x3004
        fnclex
        fnstsw ax
        is ax, 0x3000
        fninit
        clean
        ret

state:
        about "fnstenv, fldenv"
        load2 2.0, 0.0
        fnstenv [env]
        is word [env], 0x037f
        is word [env + 4], 0x3000
        is word [env + 8], 0x1fff       ; valid, zero, empty
        mov word [env + 4], 0x3800
        fldenv [env]
        fnstsw ax
        is ax, 0x3800
        o16 fnstenv [env]
        is word [env + 2], 0x3800
        is word [env + 4], 0x1fff
        o16 fldenv [env]
        about "fnsave, frstor"
        fninit
        load2 2.0, 3.0
        fnsave [env]
        is word [env + 28 + 8], 0x4000  ; ST(0): 3
        is dword [env + 28 + 4], 0xc0000000
        is word [env + 38 + 8], 0x4000  ; ST(1): 2
        fnstsw ax
        is ax, 0
        frstor [env]
        pops 3.0
        pops 2.0
        load 5.0
        o16 fnsave [env]
        is word [env + 14 + 8], 0x4001
        o16 frstor [env]
        pops 5.0
        about "fxsave, fxrstor"
        load2 2.0, 3.0
        mov dword [fx + 160], 0x12345678
        fxsave [fx]
        is word [fx], 0x037f
        is word [fx + 2], 0x3000
        is byte [fx + 4], 0xc0
        is dword [fx + 32 + 4], 0xc0000000
        is dword [fx + 32 + 8], 0x4000
        is dword [fx + 48 + 4], 0x80000000
        fninit
        fxrstor [fx]
        pops 3.0
        pops 2.0
        unless_qemu .end                ; which checks no alignment
        fault_error VEC_GP, 0, fxsave [fx + 8]
        fault_error VEC_GP, 0, fxrstor [fx + 8]
.end:   fninit
        ret

; #NM by EM and TS, WAIT's by MP and TS, #MF by NE.
faults: mov ebx, cr0
        about "#NM"
        mov eax, ebx
        or eax, 8                       ; TS
        mov cr0, eax
        fault VEC_NM, fld1
        fault VEC_NM, fnstsw ax
        fault VEC_NM, fxsave [fx]
        no_fault fwait
        or eax, 2                       ; MP
        mov cr0, eax
        fault VEC_NM, fwait
        mov eax, ebx
        or eax, 4                       ; EM
        mov cr0, eax
        fault VEC_NM, fninit
        no_fault fwait
        clts
        mov cr0, ebx
        about "#MF"
        mov eax, ebx
        or eax, 0x20                    ; NE
        mov cr0, eax
        fninit
        mov word [m1], 0x37b            ; Z unmasked
        fldcw [m1]
        fldz
        fld1
        fdiv st1
        fault VEC_MF, fwait
        unless_qemu .mf                 ; where nothing else waits
        fault VEC_MF, fld1
.mf:    nop
        no_fault fnstsw ax
        and eax, 0x80ff
        is eax, 0x8084
        fnclex
        no_fault fwait
        unless_qemu .end                ; which stores what is not masked
        pops 1.0                        ; ST(0) as it was
.end:   fninit
        mov cr0, ebx
        ret

section .bss
        alignb 16
fx:     resb 512
env:    resb 128
q:      resb 8
