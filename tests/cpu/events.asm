; events.asm - exceptions, gates and IRET, case by case: see cases.inc.
;
; Every line must be the same on any processor that keeps to SDM 3A chapters
; 5 and 6. Left out is what QEMU's interpreter is known not to check:
; segment limits and null selectors at a data access.

%include "cases.inc"

cases:
; ------------------------------------------ the exceptions of instructions
CASE "div by zero"
        xor ebx, ebx
        div ecx
END
CASE "int3"
        int3
END
CASE "into, no overflow"
        xor eax, eax
        into
END
CASE "into, overflow"
        mov eax, 0x7fffffff
        inc eax
        into
END
CASE "bound, inside"
        mov dword [SCRATCH], 1
        mov dword [SCRATCH + 4], 5
        mov eax, 5
        bound eax, [SCRATCH]
END
CASE "bound, outside"
        mov eax, 6
        bound eax, [SCRATCH]
END
CASE "ud2"
        ud2
END
CASE "int 0x30"
        int 0x30
END
CASE "int 13 is no #GP: no error code"
        push dword 0            ; what the stub takes for the error code
        int 13
END
CASE "single step"
        push dword 0x102
        popf
        nop
        nop
END
CASE "single step over pop ss"
        push dword KDATA
        push dword 0x102
        popf
        pop ss
        nop
        nop
END

; ------------------------------------------------- privilege, ring by ring
%assign ring 1
%rep 3
%if ring = 1
%define R 1
%elif ring = 2
%define R 2
%else
%define R 3
%endif
CASE "cli in an outer ring, IOPL 0"
        RING R, %$a, 2
%$a:    cli
END
CASE "cli in an outer ring, IOPL 3"
        RING R, %$b, 0x3202
%$b:    cli
END
CASE "sti in an outer ring, IOPL 0"
        RING R, %$c, 2
%$c:    sti
END
CASE "popf cannot set IF or IOPL"
        RING R, %$d, 2
%$d:    push dword 0x3202
        popf
END
CASE "popf with IOPL 3 sets IF, not IOPL"
        RING R, %$e, 0x3002
%$e:    push dword 0x0202
        popf
END
CASE "hlt in an outer ring"
        RING R, %$f
%$f:    hlt
END
CASE "mov cr0 in an outer ring"
        RING R, %$g
%$g:    mov eax, cr0
END
CASE "lgdt in an outer ring"
        RING R, %$h
%$h:    lgdt [gdtr]
END
CASE "lidt in an outer ring"
        RING R, %$i
%$i:    lidt [idtr]
END
CASE "ltr in an outer ring"
        RING R, %$j
%$j:    ltr ax
END
CASE "invlpg in an outer ring"
        RING R, %$k
%$k:    invlpg [0]
END
CASE "clts in an outer ring"
        RING R, %$l
%$l:    clts
END
CASE "wbinvd in an outer ring"
        RING R, %$m
%$m:    wbinvd
END
CASE "rdmsr in an outer ring"
        RING R, %$n
%$n:    mov ecx, 0x10
        rdmsr
END
CASE "in with IOPL 0 and no bitmap"
        RING R, %$o, 2
%$o:    in al, 0x21
END
CASE "smsw, sldt and str do not trap"
        RING R, %$p, 2
%$p:    sldt ax
        str bx
        and ebx, 0xffff
END
CASE "int 0x40 by a gate of DPL 3"
        RING R, %$q, 2
%$q:    nop
END
CASE "int 0x30 by a gate of DPL 0"
        RING R, %$r, 2
%$r:    int 0x30
END
CASE "int 0x30 by a gate of DPL 1"
        mov byte [IDT(0x30) + 5], 0xae
        RING R, %$s, 2
%$s:    int 0x30
END
CASE "int3 by a gate of DPL 0"
        mov byte [IDT(3) + 5], 0x8e
        RING R, %$t, 2
%$t:    int3
END
CASE "a fault asks no DPL"
        RING R, %$v, 2
%$v:    ud2
END
%assign ring ring + 1
%endrep

; ------------------------------------------------------- the gate in the IDT
CASE "gate not present"
        mov byte [IDT(0x30) + 5], 0x0e
        int 0x30
END
CASE "gate not present, of a fault: EXT"
        mov byte [IDT(6) + 5], 0x0e
        ud2
END
CASE "gate is a code segment"
        mov byte [IDT(0x30) + 5], 0x9a
        int 0x30
END
CASE "gate is a call gate"
        mov byte [IDT(0x30) + 5], 0x8c
        int 0x30
END
CASE "trap gate keeps IF"
        mov byte [IDT(0x30) + 5], 0x8f
        mov dword [IDT(0x30)], (KCODE << 16)
        mov eax, %$here
        mov [IDT(0x30)], ax
        shr eax, 16
        mov [IDT(0x30) + 6], ax
        push dword 0x202
        popf
        int 0x30
%$here: pushf
        pop eax
        and eax, 0x200
END
CASE "16-bit interrupt gate"
        mov eax, %$here
        mov [IDT(0x30)], ax
        mov byte [IDT(0x30) + 5], 0x86
        DESC T0, 0x100000, 0xfffff, 0x9b, 0xc
        sub eax, 0x100000
        mov [IDT(0x30)], ax
        mov word [IDT(0x30) + 2], T0
        mov word [IDT(0x30) + 6], 0
        int 0x30
%$here: mov eax, [esp]
        mov ebx, [esp + 4]
        and ebx, 0xffff
        jmp KCODE:%$out
%$out:
END
CASE "past the IDT's end"
        mov word [SCRATCH], 0x41 * 8 - 1
        mov dword [SCRATCH + 2], idt
        lidt [SCRATCH]
        int 0x41
END
CASE "past the IDT's end, from ring 3"
        mov word [SCRATCH], 0x41 * 8 - 1
        mov dword [SCRATCH + 2], idt
        lidt [SCRATCH]
        RING 3, %$in
%$in:   int 0x41
END
CASE "gate to a null selector"
        mov word [IDT(0x30) + 2], 0
        int 0x30
END
CASE "gate to a null selector, by a fault: EXT"
        mov word [IDT(6) + 2], 0
        ud2
END
CASE "gate to a selector past the GDT's end"
        mov word [IDT(0x30) + 2], PAST
        int 0x30
END
CASE "gate to a data segment"
        mov word [IDT(0x30) + 2], KDATA
        int 0x30
END
CASE "gate to a code segment that is not present"
        DESC T0, 0, 0xfffff, 0x1b, 0xc
        mov word [IDT(0x30) + 2], T0
        mov word [IDT(0x30) + 6], 0
        int 0x30
END
CASE "gate to an outer ring's code"
        mov word [IDT(0x30) + 2], CODE1
        int 0x30
END
CASE "gate to conforming code runs in the caller's ring"
        DESC T0, 0, 0xfffff, 0x9f, 0xc
        GATE IDT(0x30), T0, %$here, 0xee, 0
        RING 3, %$in
%$in:   int 0x30
%$here: mov eax, cs
END
CASE "ring 3 to ring 1 and back by iret"
        GATE IDT(0x30), CODE1, %$one, 0xee, 0
        RING 3, %$in
%$in:   int 0x30
        int 0x40
%$one:  mov ebx, cs
        mov eax, ss
        iret
END

; ------------------------------------------------------- the TSS's stack
CASE "inner stack: null"
        mov dword [tss + 8 * 1 + 8], 0
        GATE IDT(0x30), CODE1, stubs, 0xee, 0
        RING 3, %$in
%$in:   int 0x30
END
CASE "inner stack: wrong RPL"
        mov dword [tss + 16], DATA1 & ~3
        GATE IDT(0x30), CODE1, stubs, 0xee, 0
        RING 3, %$in
%$in:   int 0x30
END
CASE "inner stack: wrong DPL"
        mov dword [tss + 16], DATA2 & ~3 | 1
        GATE IDT(0x30), CODE1, stubs, 0xee, 0
        RING 3, %$in
%$in:   int 0x30
END
CASE "inner stack: past the GDT's end"
        mov dword [tss + 16], PAST | 1
        GATE IDT(0x30), CODE1, stubs, 0xee, 0
        RING 3, %$in
%$in:   int 0x30
END
CASE "inner stack: read-only data"
        DESC T0, 0, 0xfffff, 0xb1, 0xc
        mov dword [tss + 16], T0 | 1
        GATE IDT(0x30), CODE1, stubs, 0xee, 0
        RING 3, %$in
%$in:   int 0x30
END
CASE "inner stack: not present"
        DESC T0, 0, 0xfffff, 0x33, 0xc
        mov dword [tss + 16], T0 | 1
        GATE IDT(0x30), CODE1, stubs, 0xee, 0
        RING 3, %$in
%$in:   int 0x30
END
CASE "inner stack: not present, by a fault: EXT"
        DESC T0, 0, 0xfffff, 0x33, 0xc
        mov dword [tss + 16], T0 | 1
        GATE IDT(6), CODE1, stubs, 0x8e, 0
        RING 3, %$in
%$in:   ud2
END

; ----------------------------------------------------------- double faults
CASE "double fault: #GP, its gate not present"
        mov byte [IDT(13) + 5], 0x0e
        mov byte [IDT(11) + 5], 0x0e
        mov ax, PAST
        mov ds, ax
END
CASE "double fault: #DE, its gate no gate"
        mov byte [IDT(0) + 5], 0
        div ecx
END
CASE "no double fault: #UD, its gate no gate"
        mov byte [IDT(6) + 5], 0
        ud2
END
CASE "no double fault: int 0x30, no gate, then #GP in order"
        mov byte [IDT(0x30) + 5], 0
        int 0x30
END
CASE "double fault: int 0x30, no gate; #GP not present"
        mov byte [IDT(0x30) + 5], 0
        mov byte [IDT(13) + 5], 0x0e
        int 0x30
END

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

; -------------------------------------------------------- control registers
CASE "mov cr1"
        db 0x0f, 0x20, 0xc8
END
CASE "rdtsc with TSD in ring 3"
        mov eax, cr4
        or eax, 4
        mov cr4, eax
        RING 3, %$in
%$in:   rdtsc
END
CASE "rdtsc with TSD in ring 0"
        rdtsc
        mov eax, cr4
        mov ebx, eax
        and eax, ~4
        mov cr4, eax
END
CASE "sysenter without a segment"
        mov ecx, 0x174
        xor eax, eax
        xor edx, edx
        wrmsr
        sysenter
END
CASE "sysexit in ring 3"
        RING 3, %$in
%$in:   sysexit
END
CASE "sysenter and sysexit"
        xor edx, edx
        mov eax, KCODE
        mov ecx, 0x174
        wrmsr
        mov eax, STACK0
        inc ecx
        wrmsr
        mov eax, %$ring0
        inc ecx
        wrmsr
        DESC T0, 0, 0, 0, 0
        RING 3, %$in, 0x202
%$in:   sysenter
%$ring0:
        mov eax, cs
        mov ebx, ss
        mov edx, %$out
        mov ecx, STACK3 - 32
        sysexit
%$out:  mov eax, cs
        mov ebx, ss
END
; ------------------------------------------------------- undefined opcodes
CASE "lock without memory"
        db 0xf0
        inc eax
END
CASE "lock on mov"
        db 0xf0
        mov [SCRATCH], eax
END
CASE "mov cs, ax"
        db 0x8e, 0xc8
END
CASE "lea of a register"
        db 0x8d, 0xc0
END
CASE "sixteen bytes"
        times 15 db 0x66
        nop
END
        jmp finish
