; events.asm - exceptions and the gates of the IDT, case by case: see
; cases.inc.
;
; Every line must be the same on any processor that keeps to SDM 3A chapter
; 6. Left out is what QEMU's interpreter is known not to check: segment
; limits and null selectors at a data access.

%include "cases.inc"

cases:
; ------------------------------------------ the exceptions of instructions
CASE "div by zero"
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
