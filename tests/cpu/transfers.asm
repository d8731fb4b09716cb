; transfers.asm - segment loads, far jumps, calls and returns, call gates,
; IRET, LDT and TSS, case by case: see cases.inc. SDM 3A chapter 5.
;
; Left out is what QEMU's interpreter does not check: see events.asm.

%include "cases.inc"

cases:
; -------------------------------------------------------- segment registers
%macro LOAD 2                   ; register, selector
        mov ax, %2
        mov %1, ax
END
%endmacro
CASE "ds: null"
        LOAD ds, 3
CASE "ds: past the end"
        LOAD ds, PAST | 1
CASE "ds: past the end, in an LDT that is not there"
        xor eax, eax
        lldt ax
        LOAD ds, 0x0f
CASE "ds: code that can be read"
        LOAD ds, KCODE
CASE "ds: code that cannot"
        DESC T0, 0, 0xfffff, 0x99, 0xc
        LOAD ds, T0
CASE "ds: a TSS"
        LOAD ds, TSS
CASE "ds: not present"
        DESC T0, 0, 0xfffff, 0x12, 0xc
        LOAD ds, T0
CASE "ds: RPL over DPL"
        LOAD ds, KDATA | 1
CASE "ds: inner ring's, from ring 3"
        RING 3, %$in
%$in:   LOAD ds, KDATA
CASE "ds: conforming code of ring 0, from ring 3"
        DESC T0, 0, 0xfffff, 0x9f, 0xc
        RING 3, %$in
%$in:   LOAD ds, T0 | 3
CASE "ds: ring 3's with RPL 0, from ring 3"
        RING 3, %$in
%$in:   LOAD ds, DATA3 & ~3
CASE "es sets the accessed bit"
        DESC T0, 0, 0xfffff, 0x92, 0xc
        mov ax, T0
        mov es, ax
        mov eax, [gdt + T0 + 4]
END
CASE "ss: null"
        LOAD ss, 0
CASE "ss: past the end"
        LOAD ss, PAST
CASE "ss: RPL is not CPL"
        LOAD ss, DATA3
CASE "ss: DPL is not CPL"
        LOAD ss, DATA3 & ~3
CASE "ss: code"
        LOAD ss, KCODE
CASE "ss: read-only"
        DESC T0, 0, 0xfffff, 0x91, 0xc
        LOAD ss, T0
CASE "ss: not present is #SS"
        DESC T0, 0, 0xfffff, 0x13, 0xc
        LOAD ss, T0
CASE "ss: null, from ring 3"
        RING 3, %$in
%$in:   LOAD ss, 3
CASE "pop ss: not present; esp stays"
        DESC T0, 0, 0xfffff, 0x13, 0xc
        push dword T0
        pop ss
END
CASE "lss"
        mov dword [SCRATCH], OWN - 64
        mov word [SCRATCH + 4], KDATA
        lss esp, [SCRATCH]
END
CASE "les: past the end; the register stays"
        mov dword [SCRATCH], 0x1234
        mov word [SCRATCH + 4], PAST
        mov eax, 0x77
        les eax, [SCRATCH]
END

; ----------------------------------------------------------- far transfers
CASE "jmp far: null"
        jmp 0:%$x
%$x:
END
CASE "jmp far: past the end"
        jmp PAST:%$x
%$x:
END
CASE "jmp far: data"
        jmp KDATA:%$x
%$x:
END
CASE "jmp far: outer ring"
        jmp CODE3:%$x
%$x:
END
CASE "jmp far: not present"
        DESC T0, 0, 0xfffff, 0x1b, 0xc
        jmp T0:%$x
%$x:
END
CASE "jmp far: conforming, RPL 3 is cut to CPL"
        DESC T0, 0, 0xfffff, 0x9f, 0xc
        jmp T0 | 3:%$x
%$x:    mov eax, cs
END
CASE "jmp far: beyond the limit"
        DESC T0, 0, 0x10, 0x9b, 0
        jmp T0:%$x
%$x:
END
CASE "jmp far: ring 3 to ring 0's code"
        RING 3, %$in
%$in:   jmp KCODE:%$x
%$x:
END
CASE "jmp far: ring 3 to conforming code"
        DESC T0, 0, 0xfffff, 0x9f, 0xc
        RING 3, %$in
%$in:   jmp T0:%$x
%$x:    mov eax, cs
END
CASE "call far and back"
        call KCODE:%$x
        int 0x40
%$x:    mov eax, [esp]
        sub eax, [case_start]
        mov ebx, [esp + 4]
        retf
END
CASE "call far, 16-bit operand"
        DESC T0, 0x100000, 0xfffff, 0x9b, 0xc
        mov word [SCRATCH], %$x - $$
        mov word [SCRATCH + 2], T0
        call word far [SCRATCH]
%$x:    movzx ebx, word [esp + 2]
        jmp KCODE:%$y
%$y:
END
CASE "call gate from ring 3 with two parameters"
        GATE gdt + T0, KCODE, %$x, 0xec, 2
        RING 3, %$in
%$in:   push dword 0x11
        push dword 0x22
        call T0 | 3:0
        int 0x40
%$x:    mov eax, [esp + 8]
        mov ebx, [esp + 12]
        retf 8
END
CASE "call gate: what is on the inner stack"
        GATE gdt + T0, KCODE, %$x, 0xec, 1
        RING 3, %$in
%$in:   push dword 0x11
        call T0 | 3:0
%$x:    mov eax, [esp + 12]
        mov ebx, [esp + 16]
END
CASE "call gate: DPL under CPL"
        GATE gdt + T0, KCODE, %$x, 0x8c, 0
        RING 3, %$in
%$in:   call T0:0
%$x:
END
CASE "call gate: RPL over DPL"
        GATE gdt + T0, KCODE, %$x, 0x8c, 0
        call T0 | 1:0
%$x:
END
CASE "call gate: not present"
        GATE gdt + T0, KCODE, %$x, 0x0c, 0
        call T0:0
%$x:
END
CASE "call gate: null code"
        GATE gdt + T0, 0, %$x, 0x8c, 0
        call T0:0
%$x:
END
CASE "call gate: code past the end"
        GATE gdt + T0, PAST, %$x, 0x8c, 0
        call T0:0
%$x:
END
CASE "call gate: to data"
        GATE gdt + T0, KDATA, %$x, 0x8c, 0
        call T0:0
%$x:
END
CASE "call gate: outward"
        GATE gdt + T0, CODE1, %$x, 0x8c, 0
        call T0:0
%$x:
END
CASE "call gate: same ring"
        GATE gdt + T0, KCODE, %$x, 0x8c, 3
        call T0:0
%$x:    mov eax, [esp]
        sub eax, [case_start]
        mov ebx, [esp + 4]
END
CASE "call gate: code not present"
        DESC T1, 0, 0xfffff, 0x1b, 0xc
        GATE gdt + T0, T1, %$x, 0x8c, 0
        call T0:0
%$x:
END
CASE "call gate: inner stack of the wrong ring"
        mov dword [tss + 8], DATA1
        GATE gdt + T0, KCODE, %$x, 0xec, 0
        mov dword [IDT(10) + 2], CODE1
        mov eax, stubs + 160
        mov [IDT(10)], ax
        shr eax, 16
        mov word [IDT(10) + 4], 0x8e00
        mov [IDT(10) + 6], ax
        mov dword [tss + 8], KDATA
        mov dword [tss + 16], KDATA
        GATE gdt + T0, CODE1, %$x, 0xec, 0
        mov word [IDT(10) + 2], KCODE
        RING 3, %$in
%$in:   call T0 | 3:0
%$x:
END
CASE "jmp by a call gate"
        GATE gdt + T0, KCODE, %$x, 0x8c, 0
        jmp T0:0
%$x:    mov eax, cs
END
CASE "jmp by a call gate: may not go inward"
        GATE gdt + T0, KCODE, %$x, 0xec, 0
        RING 3, %$in
%$in:   jmp T0 | 3:0
%$x:
END

; ----------------------------------------------------------- RETF and IRET
%macro RETURN 3                 ; how, selector, SS
        push dword %3
        push dword STACK3
%ifidn %1, iret
        push dword 0x3202
%endif
        push dword %2
        push dword %$x
        %1
%$x:    mov eax, cs
END
%endmacro
%macro RETURNS 1
%defstr HOW %1
CASE {HOW, ": null cs"}
        RETURN %1, 0, DATA3
CASE {HOW, ": past the end"}
        RETURN %1, PAST | 3, DATA3
CASE {HOW, ": cs is data"}
        RETURN %1, DATA3, DATA3
CASE {HOW, ": DPL is not RPL"}
        RETURN %1, CODE3 & ~3 | 1, DATA3
CASE {HOW, ": not present"}
        DESC T0, 0, 0xfffff, 0x7b, 0xc
        RETURN %1, T0 | 3, DATA3
CASE {HOW, ": conforming code of an inner ring"}
        DESC T0, 0, 0xfffff, 0x9f, 0xc
        RETURN %1, T0 | 3, DATA3
CASE {HOW, ": conforming code of an outer ring"}
        DESC T0, 0, 0xfffff, 0xff, 0xc
        RETURN %1, T0 | 1, DATA1
CASE {HOW, ": null ss"}
        RETURN %1, CODE3, 0
CASE {HOW, ": ss past the end"}
        RETURN %1, CODE3, PAST | 3
CASE {HOW, ": RPL of ss is not cs's"}
        RETURN %1, CODE3, DATA3 & ~3
CASE {HOW, ": DPL of ss is not cs's"}
        RETURN %1, CODE3, DATA1 | 3
CASE {HOW, ": ss is code"}
        RETURN %1, CODE3, CODE3
CASE {HOW, ": ss is read-only"}
        DESC T0, 0, 0xfffff, 0xf1, 0xc
        RETURN %1, CODE3, T0 | 3
CASE {HOW, ": ss is not present"}
        DESC T0, 0, 0xfffff, 0x73, 0xc
        RETURN %1, CODE3, T0 | 3
CASE {HOW, ": eip over the limit"}
        DESC T0, 0, 0x10, 0xfb, 0
        RETURN %1, T0 | 3, DATA3
CASE {HOW, ": to ring 3"}
        RETURN %1, CODE3, DATA3
CASE {HOW, ": to ring 1"}
        RETURN %1, CODE1, DATA1
CASE {HOW, ": inner data segments become null"}
        DESC T0, 0, 0xfffff, 0x9f, 0xc
        DESC T1, 0, 0xfffff, 0x9b, 0xc
        mov ax, KDATA
        mov fs, ax
        mov ax, T0
        mov gs, ax
        mov ax, DATA3
        mov es, ax
        RETURN %1, CODE3, DATA3
CASE {HOW, ": from ring 3 inward"}
        RING 3, %$in
%$in:   RETURN %1, KCODE, KDATA
%endmacro
        RETURNS retf
        RETURNS iret
CASE "iret: same ring"
        push dword 0x3003
        push dword KCODE
        push dword %$x
        iret
%$x:    mov eax, cs
END
CASE "iret: ring 3 cannot set IF or IOPL"
        RING 3, %$in, 2
%$in:   push dword 0x3203
        push dword CODE3
        push dword %$x
        iret
%$x:
END
CASE "iret: ring 1 with IOPL 1 sets IF, not IOPL"
        RING 1, %$in, 0x1002
%$in:   push dword 0x3203
        push dword CODE1
        push dword %$x
        iret
%$x:
END
CASE "iret, 16-bit operand"
        DESC T0, 0x100000, 0xfffff, 0x9b, 0xc
        push word 0x3003
        push word T0
        push word %$x - $$
        o16 iret
%$x:    mov eax, cs
        jmp KCODE:%$y
%$y:
END
CASE "retf 8: both stacks drop"
        push dword DATA3
        push dword STACK3
        push dword 0
        push dword 0
        push dword CODE3
        push dword %$x
        retf 8
%$x:
END

; ------------------------------------------------- 16-bit code and stacks
CASE "16-bit stack: sp moves, the upper half stays"
        DESC T0, 0x240000, 0xffff, 0x93, 0
        mov esp, 0x12340008
        mov ax, T0
        mov ss, ax
        push dword 0x11111111
        push word 0x2222
        mov eax, esp
        mov ebx, [0x240002]
        mov cx, KDATA
        mov ss, cx
        mov esp, OWN
END
CASE "16-bit stack: sp wraps"
        DESC T0, 0x240000, 0xffff, 0x93, 0
        mov esp, 0x12340000
        mov ax, T0
        mov ss, ax
        push dword 0x33333333
        mov eax, esp
        pop ebx
        sub eax, esp
        mov cx, KDATA
        mov ss, cx
        mov esp, OWN
END
CASE "an interrupt to a 16-bit inner stack"
        DESC T0, 0x240000, 0xffff, 0xb3, 0
        mov dword [tss + 16], T0 | 1
        mov dword [tss + 12], 0x8000
        GATE IDT(0x30), CODE1, %$one, 0xee, 0
        RING 3, %$in
%$in:   int 0x30
%$one:  movzx eax, sp
        mov ebx, [ss:eax + 12]
END
CASE "iret to a 16-bit stack"
        DESC T0, 0x240000, 0xffff, 0xf3, 0
        push dword T0 | 3
        push dword 0x8000
        push dword 0x3002
        push dword CODE3
        push dword %$x
        iret
%$x:    movzx eax, sp
        mov bx, DATA3
        mov ds, bx
        mov ss, bx
        mov esp, STACK3
END
CASE "call gate of 16 bits with parameters"
        DESC T1, 0x100000, 0xfffff, 0x9b, 0xc
        GATE gdt + T0, T1, %$x - 0x100000, 0xe4, 2
        RING 3, %$in
%$in:   push word 0x1111
        push word 0x2222
        call T0 | 3:0
%$x:    mov eax, [esp + 4]
        mov ebx, [esp + 8]
END
CASE "16-bit code"
        DESC T0, 0x100000, 0xffff, 0x9b, 0
        jmp T0:%$x - $$
        bits 16
%$x:    mov ax, 0x1234
        mov bx, 1
        add ax, bx
        call %$sub
        jmp dword KCODE:%$y
%$sub:  mov bx, sp
        movzx ebx, word [ss:esp]
        ret
        bits 32
%$y:    sub ebx, [case_start]
        add ebx, 0x100000
END

; -------------------------------------------------- tables and TSS selectors
CASE "lldt: null"
        mov eax, 3
        lldt ax
        sldt eax
END
CASE "lldt: not an LDT"
        mov ax, KDATA
        lldt ax
END
CASE "lldt: past the end"
        mov ax, PAST
        lldt ax
END
CASE "lldt: not present"
        DESC T0, 0, 0xff, 0x02, 0
        mov ax, T0
        lldt ax
END
CASE "lldt: in the LDT"
        mov ax, 4
        lldt ax
END
CASE "an LDT in use"
        DESC T0, SCRATCH, 15, 0x82, 0
        mov dword [SCRATCH + 8], 0x0000ffff
        mov dword [SCRATCH + 12], 0x00cf9200
        mov ax, T0
        lldt ax
        mov ax, 0x0c
        mov es, ax
        mov ax, 0x14
        mov fs, ax
END
CASE "ltr: busy"
        mov ax, TSS
        ltr ax
END
CASE "ltr: not present"
        DESC T0, SCRATCH, 103, 0x09, 0
        mov ax, T0
        ltr ax
END
CASE "ltr: not a TSS"
        mov ax, KDATA
        ltr ax
END
%macro ASK 2                    ; name, selector
CASE %1
        mov ecx, %2
        xor eax, eax
        xor ebx, ebx
        lar eax, ecx
        setz bl
        push ebx
        xor ebx, ebx
        lsl eax, ecx
        setz bh
        or [esp], ebx
        xor ebx, ebx
        verr cx
        setz bl
        shl ebx, 16
        or [esp], ebx
        xor ebx, ebx
        verw cx
        setz bl
        shl ebx, 24
        or [esp], ebx
        pop ebx
        lar ax, cx
END
%endmacro
        ASK "lar and others: null", 0
        ASK "lar and others: past the end", PAST
        ASK "lar and others: ring 0's code", KCODE
        ASK "lar and others: ring 0's data", KDATA
        ASK "lar and others: RPL over DPL", KDATA | 3
        ASK "lar and others: ring 3's data", DATA3
        ASK "lar and others: a TSS", TSS
%assign type 0
%rep 32
%if (type & 31) >= 16
%define S 0x10
%else
%define S 0
%endif
CASE "descriptor types through lar, lsl, verr, verw"
        mov dword [gdt + T0], 0x0000ffff
        mov dword [gdt + T0 + 4], 0x00cf8000 | (type << 8)
        mov eax, type
        mov ebx, eax
        mov ecx, T0
        lar edx, ecx
        jnz %$a
        or ebx, 0x100
        mov eax, edx
%$a:    lsl edx, ecx
        jnz %$b
        or ebx, 0x200
        xor eax, edx
%$b:    verr cx
        jnz %$c
        or ebx, 0x400
%$c:    verw cx
        jnz %$d
        or ebx, 0x800
%$d:
END
%assign type type + 1
%endrep
CASE "arpl raises RPL"
        mov ebx, KDATA
        mov ecx, 3
        arpl bx, cx
        setz al
END
CASE "arpl leaves it"
        mov ebx, KDATA | 3
        mov ecx, 1
        arpl bx, cx
        setz al
END

        jmp finish
