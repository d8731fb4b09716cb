; segment.asm - loads and stores of segment registers, LAR LSL VERR VERW ARPL,
; far jumps, calls and returns, call gates, INT n, IRET, BOUND, INTO, and ring
; changes by all of them. SDM 2A, 2B; 3A chapters 5 and 6.
%include "harness.inc"

tests:
        call load_tests
        call pointer_tests
        call look_tests
        call far_tests
        call gate_tests
        call interrupt_tests
        call fault_tests
        jmp ring_tests

load_tests:
        about "mov sreg, push and pop sreg"
        mov eax, DATA3
        mov es, eax
        mov fs, ax
        mov [m1], eax
        mov gs, [m1]
        mov ecx, 0x5a5a5a5a
        mov cx, es
        is ecx, 0x5a5a0000 | DATA3
        mov ecx, 0x5a5a5a5a
        mov ecx, fs
        is ecx, DATA3                   ; zero extended, Pentium Pro and later
        mov dword [m1], -1
        mov [m1], gs                    ; 16 bits, whatever the operand size
        is dword [m1], 0xffff0000 | DATA3
        push es
        push fs
        push gs
        push cs
        push ss
        push ds
        pop eax
        is ax, DATA0
        pop eax
        is ax, DATA0
        pop eax
        is ax, CODE0
        is word [esp + 4], DATA3        ; `is` has pushed four bytes
        mov word [esp], SMALL
        pop gs
        mov ecx, gs
        is ecx, SMALL
        mov word [esp], SMALL
        pop fs
        mov ecx, fs
        is ecx, SMALL
        mov word [esp], SMALL
        pop es
        mov ecx, es
        is ecx, SMALL
        push ds
        pop ds
        push ss
        pop ss
        db 0x66
        push ds                         ; operand size 16: two bytes
        db 0x66
        pop es
        mov ecx, es
        is ecx, DATA0
        about "the accessed bit"
        mov eax, FRESH
        is byte [gdt + FRESH + 5], 0x92
        mov gs, eax
        is byte [gdt + FRESH + 5], 0x93
        about "what may not be loaded"
        mov eax, 0
        no_fault mov gs, eax            ; null is fine but for SS
        mov eax, 3
        no_fault mov gs, eax
        mov eax, 0
        fault_error VEC_GP, 0, mov ss, eax
        mov eax, READONLY
        fault_error VEC_GP, READONLY, mov ss, eax
        no_fault mov gs, eax
        mov eax, EXECUTE
        fault_error VEC_GP, EXECUTE, mov gs, eax
        mov eax, ABSENT
        fault_error VEC_NP, ABSENT, mov gs, eax
        fault_error VEC_SS, ABSENT, mov ss, eax
        mov eax, TSS
        fault_error VEC_GP, TSS, mov gs, eax
        mov eax, DATA3
        fault_error VEC_GP, DATA3 & ~3, mov ss, eax     ; RPL and DPL not CPL
        mov eax, 0x1000
        fault_error VEC_GP, 0x1000, mov gs, eax         ; beyond the limit
        mov eax, 0
        lldt ax
        mov eax, 0x0c
        fault_error VEC_GP, 0x0c, mov gs, eax           ; there is no LDT
        mov ecx, gs
        is ecx, READONLY
        ret

pointer_tests:
        about "lds, les, lfs, lgs, lss"
        mov dword [m1], 0x12345678
        mov word [m1 + 4], SMALL
        les eax, [m1]
        is eax, 0x12345678
        lfs ecx, [m1]
        is ecx, 0x12345678
        lgs dx, [m1 + 2]                ; 16:16 at m1+2: SMALL:1234
        is dx, 0x1234
        mov eax, es
        is eax, SMALL
        mov eax, fs
        is eax, SMALL
        mov eax, gs
        is eax, SMALL
        mov [m1], esp
        mov word [m1 + 4], DATA0
        mov ecx, esp
        lss esp, [m1]
        lds eax, [m1]
        les edx, [m1]
        is eax, ecx
        mov word [m1 + 4], ABSENT
        mov eax, 7
        fault_error VEC_NP, ABSENT, lfs eax, [m1]
        is eax, 7
        ret

look_tests:
        about "lar, lsl"
        mov ecx, DATA0
        lar eax, ecx
        flags ZF, ZF
        and eax, 0xfff0ffff             ; the limit's bits are undefined
        is eax, 0x00c09300
        lsl eax, ecx
        flags ZF, ZF
        is eax, 0xffffffff
        mov ecx, SMALL
        lsl eax, ecx
        is eax, 0xfff
        mov eax, 0x5a5a5a5a
        lar ax, cx
        is eax, 0x5a5a9300
        lsl ax, cx
        is eax, 0x5a5a0fff
        mov dword [m1], TSS
        lar eax, [m1]
        is eax, 0x00008b00              ; busy: LTR
        lsl eax, [m1]
        is eax, 0x88
        mov ecx, GATE0                  ; a gate has rights, but no limit
        lar eax, ecx
        flags ZF, ZF
        mov eax, 0x77
        lsl eax, ecx
        flags ZF, 0
        is eax, 0x77
        mov ecx, 0
        lar eax, ecx
        flags ZF, 0
        mov ecx, 0x1000
        lsl eax, ecx
        flags ZF, 0
        is eax, 0x77
        mov ecx, DATA0 | 3              ; RPL 3 against DPL 0
        lar eax, ecx
        flags ZF, 0
        about "verr, verw"
        mov eax, DATA0
        verr ax
        flags ZF, ZF
        verw ax
        flags ZF, ZF
        mov eax, READONLY
        mov [m1], eax
        verr [m1]
        flags ZF, ZF
        verw [m1]
        flags ZF, 0
        mov eax, EXECUTE
        verr ax
        flags ZF, 0
        mov eax, CODE0
        verr ax
        flags ZF, ZF
        verw ax
        flags ZF, 0
        mov eax, 0
        verr ax
        flags ZF, 0
        mov eax, CONFORM | 3            ; conforming code has no ring
        verr ax
        flags ZF, ZF
        mov eax, DATA0 | 3
        verw ax
        flags ZF, 0
        mov eax, TSS
        verr ax
        flags ZF, 0
        about "arpl"
        mov eax, 0x5a5a0008
        mov ecx, 0x5a5a0003
        flags_in OSZAPC & ~ZF
        arpl ax, cx
        flags OSZAPC, OSZAPC
        is eax, 0x5a5a000b
        arpl ax, cx
        flags OSZAPC, OSZAPC & ~ZF
        mov word [m1], 0x10
        arpl [m1], cx
        is word [m1], 0x13
        ret

far_tests:
        about "far jmp, call, ret"
        jmp CODE0:.one
        call failed
.one:   mov dword [m1], .two
        mov word [m1 + 4], CODE0
        jmp far [m1]
        call failed
.two:   mov dword [m1], esp
        call CODE0:.leaf
        mov dword [m2], .leaf
        mov word [m2 + 4], CODE0
        call far [m2]
        push dword 1
        push dword 2
        call CODE0:.leaf8
        mov eax, esp
        is eax, [m1]
        ; To 16-bit code and back.
        jmp CODE16:.small - 0x100000
.back:  is eax, 0x1234
        is ecx, CODE16
        is edx, 0x77
        jmp .jumps
.leaf:  mov eax, cs
        is eax, CODE0
        retf
.leaf8: retf 8
bits 16
.small: mov ecx, cs
        call CODE16:.small2 - 0x100000
        mov eax, 0x1234
        jmp dword CODE0:.back
.small2:
        mov edx, 0x77
        retf
bits 32
.jumps: about "far transfers that fault"
        fault_error VEC_GP, 0, jmp 0:0
        fault_error VEC_GP, DATA0, jmp DATA0:0
        fault_error VEC_GP, CODE3 & ~3, jmp CODE3:0
        fault_error VEC_GP, TSS + 0x1000, jmp TSS + 0x1000:0
        mov dword [m1], 0
        mov word [m1 + 4], 0
        fault_error VEC_GP, 0, call far [m1]
        fault_error VEC_GP, 0, jmp far [m1]
        push dword 0
        push dword .jumps
        fault_error VEC_GP, 0, retf
        add esp, 8
        jmp CONFORM:.conforming
.conforming:
        mov eax, cs
        is eax, CONFORM
        jmp CODE0:.end
.end:   ret

gate_tests:
        about "call gates, same ring"
        mov dword [gate_cs], 0
        call GATE0:0x12345678           ; the offset is ignored
        is dword [gate_cs], CODE0
        is dword [gate_from], CODE0
        mov dword [gate_cs], 0
        call GATE3:0
        is dword [gate_cs], CODE0
        ret

interrupt_tests:
        about "int, int3, into, int1, bound"
        mov dword [int_count], 0
        int 0x41
        int 0x42
        is dword [int_count], 2
        fault_error VEC_GP, 0x45 * 8 + 2, int 0x45      ; beyond the IDT
        trap VEC_BP, int3
        mov dword [m1], esp
        flags_in OF
        trap VEC_OF, into
        flags_in 0
        no_fault into
        mov eax, esp
        is eax, [m1]
        mov dword [m1], -5
        mov dword [m1 + 4], 10
        mov eax, -5
        no_fault bound eax, [m1]
        mov eax, 10
        no_fault bound eax, [m1]
        mov eax, 11
        fault VEC_BR, bound eax, [m1]
        mov eax, -6
        fault VEC_BR, bound eax, [m1]
        mov dword [m1], 0x000a0003      ; words: 3 to 10
        mov eax, 0xffff0003
        no_fault bound ax, [m1]
        mov eax, 2
        fault VEC_BR, bound ax, [m1]
        fault VEC_UD, {db 0x62, 0xc0}   ; a register
        unless_qemu .iret               ; whose INT1 is a stop of its own
        trap VEC_DB, {db 0xf1}
.iret:  about "iret"
        mov dword [m1], esp
        push dword OSZAPC | 2
        push dword CODE0
        push dword .next
        iretd
        call failed
.next:  flags OSZAPC, OSZAPC
        push word 2
        push word CODE16
        push word .small - 0x100000
        iretw
        call failed
bits 16
.small: jmp dword CODE0:.out
bits 32
.out:   flags OSZAPC, 0
        mov eax, esp
        is eax, [m1]
        push dword 2
        push dword 0
        push dword .next
        fault_error VEC_GP, 0, iretd
        add esp, 12
        ret

fault_tests:
        about "ud2, undefined opcodes"
        fault VEC_UD, ud2
        fault VEC_UD, {db 0x0f, 0x0a}
        fault VEC_UD, {db 0x0f, 0xff, 0xc0}
        fault VEC_UD, {db 0xfe, 0xf8}
        fault VEC_UD, {db 0x8d, 0xc0}           ; lea of a register
        fault VEC_UD, {db 0x8e, 0xc8}           ; mov cs, ax
        fault VEC_UD, {db 0x8c, 0xf8}           ; no such segment register
        fault VEC_UD, {db 0x0f, 0x20, 0xc8}     ; no cr1
        fault VEC_GP, {times 15 db 0x66}, nop   ; over 15 bytes
        about "segment limits"
        unless_qemu .end
        mov eax, SMALL                          ; DS and SS differ
        mov ds, eax
        mov ebp, m1
        mov dword [ebp], 0x1234                 ; by SS, which is flat
        mov eax, [ss:m1]
        mov ecx, DATA0
        mov ds, ecx
        is eax, 0x1234
        mov eax, SMALL
        mov gs, eax
        no_fault mov eax, [gs:0xffc]
        fault_error VEC_GP, 0, mov eax, [gs:0xffd]
        fault_error VEC_GP, 0, mov [gs:0x1000], al
        mov eax, READONLY
        mov gs, eax
        no_fault mov al, [gs:0]
        fault_error VEC_GP, 0, mov [gs:0], al
        mov eax, DOWN                           ; offsets above the limit
        mov gs, eax
        fault_error VEC_GP, 0, mov al, [gs:0xfff]
        no_fault mov al, [gs:0x1000]
        mov eax, 0
        mov gs, eax
        fault_error VEC_GP, 0, mov al, [gs:0]
        fault_error VEC_GP, 0, mov [cs:m1], al
.end:   ret

ring_tests:
        about "ring 3"
        ring3 user
        is dword [m1], CODE3
        is dword [m1 + 4], DATA3
        about "interrupts from ring 3"
        mov dword [int_count], 0
        ring3 user_int
        is dword [int_count], 1
        about "call gates from ring 3"
        ring3 user_gate
        is dword [gate_cs], CODE0
        is dword [gate_from], CODE3
        is dword [gate_parameter], 0x12345678
        about "returning outwards by RETF"
        mov dword [m1], 0
        call .outwards
        is dword [m1], CODE3
        ret
.outwards:                              ; INT 0x40 returns for this call
        mov [ring0_esp], esp
        push dword DATA3
        push dword ring3_stack_top
        push dword CODE3
        push dword user
        mov eax, DATA3
        mov ds, eax
        retf

user:   mov eax, cs
        mov [m1], eax
        mov eax, ss
        mov [m1 + 4], eax
        int 0x40

user_int:
        about "from ring 3"
        fault_error VEC_GP, 0x41 * 8 + 2, int 0x41      ; DPL 0
        int 0x42
        trap VEC_BP, int3
        fault_error VEC_GP, 14 * 8 + 2, int 14
        unless_qemu .into
        trap VEC_DB, {db 0xf1}                  ; no DPL check
.into:  flags_in OF
        trap VEC_OF, into
        push dword 2 | 0x3000                   ; IOPL stays
        popfd
        pushfd
        pop eax
        and eax, 0x3000
        is eax, 0
        mov eax, DATA0
        fault_error VEC_GP, DATA0, mov gs, eax
        fault_error VEC_GP, DATA0, mov ss, eax
        mov ecx, DATA0
        lar eax, ecx
        flags ZF, 0
        verr cx
        flags ZF, 0
        mov ecx, CONFORM
        lar eax, ecx
        flags ZF, ZF
        fault_error VEC_GP, CODE0, jmp CODE0:0
        fault_error VEC_GP, GATE0, call GATE0:0
        push dword CODE0
        push dword user
        fault_error VEC_GP, CODE0, retf
        add esp, 8
        call CONFORM:conforming         ; runs in ring 3
        is dword [m1 + 8], CONFORM | 3
        int 0x40

conforming:
        mov eax, cs
        mov [m1 + 8], eax
        retf

user_gate:
        mov ebp, esp
        push dword 0x12345678
        call GATE3:0
        mov eax, esp
        is eax, ebp
        mov eax, cs
        is eax, CODE3
        int 0x40
