; vm86.asm - virtual-8086 mode, case by case: see cases.inc and vm86.inc. SDM 3A
; chapter 20.

%include "vm86.inc"

cases:
; ----------------------------------------------------------------- in and out
VCASE "in, and out by int3", IOPL0, nop
CASE "in: all flags"
        VM86 0x3ad7 | IOPL3
        VEND
CASE "iret of ring 3 with VM set: ignored"
        ; who enters the mode goes to segment CODE3: stop it there
        mov dword [CODE3 * 16 + ((%$x - image) & 0xffff)], 0xcccccccc
        RING 3, %$in
%$in:   push dword 0x4444
        push dword 0x3333
        push dword 0x2222
        push dword 0x1111
        push dword VSTACK
        push dword 0x1000
        push dword 0x23202
        push dword CODE3
        push dword %$x
        iret
%$x:
END
CASE "iret of 16 bits: no VM"
        DESC T0, 0x100000, 0xffff, 0x9b, 4
        push word 2
        push word T0
        push word %$x - image
        o16 iret
        hlt
%$x:
END
CASE "in by a 16-bit stack: ESP is loaded whole"
        DESC T0, 0x200000, 0xffff, 0x93, 0
        mov eax, T0
        mov ss, ax
        mov esp, 0x8000
        push dword 0
        push dword 0
        push dword 0
        push dword 0
        push dword VSTACK
        push dword 0x55551000
        push dword IOPL0
        push dword VSEG
        push dword %$in - VOFF
        iret
        bits 16
%$in:   VEND
VCASE "the upper half of ESP stays", IOPL0, {mov esp, 0x12341000}, {push ax}
CASE "out: the handler is of ring 1"
        GATE IDT(3), CODE1, %$h, 0xee, 0
        VM86 IOPL0
        int3
        bits 32
%$h:
END
CASE "out: the handler is of ring 3"
        GATE IDT(3), CODE3, %$h, 0xee, 0
        VM86 IOPL0
        int3
        bits 32
%$h:
END
CASE "out: the handler conforms"
        DESC T0, 0, 0xfffff, 0x9f, 0xc
        GATE IDT(3), T0, %$h, 0xee, 0
        VM86 IOPL0
        int3
        bits 32
%$h:
END
CASE "out: the handler conforms, and is not present"
        DESC T0, 0, 0xfffff, 0x1f, 0xc
        GATE IDT(3), T0, %$h, 0xee, 0
        VM86 IOPL0
        int3
        bits 32
%$h:
END
CASE "out: a gate of ring 0, by int3"
        GATE IDT(3), KCODE, %$h, 0x8e, 0
        VM86 IOPL0
        int3
        bits 32
%$h:
END
CASE "out by a trap gate: IF stays, TF and NT go"
        GATE IDT(0x41), KCODE, %$h, 0xef, 0
        VM86 IOPL3 | 0x4200
        int 0x41
        bits 32
%$h:    pushf
        pop eax
        cli
        mov ebx, [esp + 8]
END
CASE "out: nine words; then in again"
        GATE IDT(0x41), KCODE, %$h, 0xee, 0
        VM86 IOPL3
        mov cx, 5
        int 0x41
        inc cx
        mov ax, cx
        int3
        bits 32
%$h:    inc ecx
        mov eax, ss
        mov ds, eax
        iret
END
CASE "out by a 16-bit gate"
        DESC T0, 0x100000, 0xffff, 0x9b, 0
        mov dword [IDT(0x41)], (T0 << 16) + (%$h - image)
        mov dword [IDT(0x41) + 4], 0xe600
        VM86 IOPL3
        int 0x41
        bits 32
%$h:    bits 16
        mov eax, [esp]          ; IP and CS
        mov ebx, [esp + 4]      ; FLAGS and SP
        jmp dword KCODE:%$y
        bits 32
%$y:    xor ebx, [esp + 8]      ; SS and ES
END
CASE "out: an error code"
        GATE IDT(13), KCODE, %$h, 0x8e, 0
        VM86 IOPL0
        hlt
        bits 32
%$h:    pop eax
        mov ebx, [esp + 20]     ; SS
END

; ----------------------------------------------------------------- IOPL
%macro BOTH 2-*                 ; name, code
%strcat %%a %1, ", IOPL 0"
%strcat %%b %1, ", IOPL 3"
VCASE %%a, IOPL0, %{2:-1}
VCASE %%b, IOPL3, %{2:-1}
%endmacro
        BOTH "cli", cli
        BOTH "sti; cli", sti, cli
        BOTH "pushf", pushf, pop ax
        BOTH "pushfd", pushfd, pop eax
        BOTH "popf: IOPL stays", {push word 0x4ed7}, popf, {push dword 2}, popfd
        BOTH "popfd: VM and IOPL stay", {push dword 0x204ad7}, popfd
        BOTH "int n", {int 0x40}
        BOTH "int n, gate of ring 0", {int 0x41}
        BOTH "int3", int3
        BOTH "icebp", {db 0xf1}
        BOTH "into, not", into
CASE "into"
        mov byte [IDT(4) + 5], 0xee
        VM86 IOPL0 | 0x800
        into
        VEND
CASE "iret, IOPL 0"
        VM86 IOPL0
        push word 0x202
        push word VSEG
        push word %$x - VOFF
        iret
%$x:    VEND
CASE "iret, IOPL 3: IOPL stays"
        VM86 IOPL3
        push word 0x4ed7 & ~0x200
        push word VSEG2
        push word %$x - VOFF2
        iret
%$x:    VEND
CASE "iretd, IOPL 3: VM stays"
        VM86 IOPL3
        push dword 0x4cd7
        push dword VSEG2
        push dword %$x - VOFF2
        iretd
%$x:    VEND
CASE "iretd: eip over the limit"
        VM86 IOPL3
        push dword 0x2
        push dword VSEG2
        push dword 0x10000
        iretd
        VEND

; ------------------------------------------------------------------ ports
        BOTH "in: no bitmap", {{in al, 0x80}}
CASE "in, out: open in the bitmap"
        mov word [tss + 102], 104
        mov word [gdt + TSS], 104 + 0x20
        mov byte [gdt + TSS + 5], 0x89
        mov ax, TSS
        ltr ax
        mov edi, tss + 104
        mov ecx, 0x20
        mov al, 0
        rep stosb
        VM86 IOPL0
        out 0x80, al
        mov ax, 0x5555
        VEND
CASE "in: closed in the bitmap, IOPL 3"
        mov word [tss + 102], 104
        mov word [gdt + TSS], 104 + 0x20
        mov byte [gdt + TSS + 5], 0x89
        mov ax, TSS
        ltr ax
        mov edi, tss + 104
        mov ecx, 0x20
        mov al, 0xff
        rep stosb
        VM86 IOPL3
        in al, 0x80
        VEND

; ------------------------------------------------------------- privileged
VCASE "hlt", IOPL3, hlt
VCASE "lgdt", IOPL3, {lgdt [0x1000]}
VCASE "lidt", IOPL3, {lidt [0x1000]}
VCASE "lmsw", IOPL3, {lmsw ax}
VCASE "clts", IOPL3, clts
VCASE "mov cr0", IOPL3, {mov eax, cr0}
VCASE "mov dr7", IOPL3, {mov eax, dr7}
VCASE "invlpg", IOPL3, {invlpg [0x1000]}
VCASE "wbinvd", IOPL3, wbinvd
VCASE "rdmsr", IOPL3, {mov ecx, 0x10}, rdmsr
VCASE "sysexit", IOPL3, sysexit
VCASE "smsw", IOPL0, {smsw ax}, {and ax, 1}
VCASE "sgdt", IOPL0, {mov ax, 0x3000}, {mov ds, ax}, {sgdt [0]}, {mov ax, [0]}
VCASE "cpuid", IOPL0, {xor eax, eax}, cpuid, {xor ebx, ebx}, {xor eax, eax}
; --------------------------------------------------------- not in this mode
%macro NONE 2-*
VCASE %1, IOPL3, %{2:-1}
%endmacro
        NONE "arpl", {{arpl ax, bx}}
        NONE "lar", {{lar ax, bx}}
        NONE "lsl", {{lsl ax, bx}}
        NONE "verr", {verr ax}
        NONE "verw", {verw ax}
        NONE "sldt", {sldt ax}
        NONE "str", {str ax}
        NONE "lldt", {lldt ax}
        NONE "ltr", {ltr ax}
        NONE "lldt of memory beyond the limit: #UD first", {{mov bx, 0xffff}}, {lldt [bx]}

; ---------------------------------------------------- segments and transfers
VCASE "a load needs no descriptor", IOPL0, {mov ax, 0xfffb}, {mov es, ax}, {mov ax, 3}, {mov fs, ax}
VCASE "a null selector is a segment at 0", IOPL0, {xor ax, ax}, {mov gs, ax}, {mov eax, [gs:0x1000]}, {xor eax, eax}
VCASE "cs can be written", IOPL0, {mov dword [cs:case_next + 0 - VOFF + 4], 0x77}, {mov eax, [cs:case_next - VOFF + 4]}
CASE "far jump"
        VM86 IOPL0
        jmp VSEG2:%$x - VOFF2
        hlt
%$x:    VEND
CASE "far jump of 32 bits, over the limit"
        VM86 IOPL0
        jmp dword VSEG2:0x10000
        VEND
CASE "far call and retf"
        VM86 IOPL0
        push word 0x99
        call VSEG2:%$f - VOFF2
        jmp %$x
%$f:    mov ax, [esp]
        mov bx, [esp + 2]
        retf 2
%$x:    VEND
CASE "far call and retf of 32 bits"
        VM86 IOPL0
        call dword VSEG2:%$f - VOFF2
        jmp %$x
%$f:    mov ax, [esp]
        mov bx, [esp + 4]
        o32 retf
%$x:    VEND
VCASE "les", IOPL0, {les bx, [cs:image - VOFF]}, {mov ax, es}
VCASE "pop ss", IOPL0, {push word 0x2100}, {pop ss}
VCASE "push wraps at SP 0", IOPL0, {mov sp, 0}, {push word 0x1234}, {pop ax}
; The segment's end; QEMU does not ask where it is.
VCASE "a word at 0xffff", IOPL0, {mov ax, [0xffff]}
VCASE "a byte at 0x10000", IOPL0, {mov ebx, 0x10000}, {mov al, [ebx]}
VCASE "a word at ss:0xffff", IOPL0, {mov bp, 0xffff}, {mov ax, [bp]}
VCASE "pop with SP 0xffff", IOPL0, {mov sp, 0xffff}, {pop ax}
VCASE "near jump beyond the limit", IOPL0, {mov eax, 0x10000}, {jmp eax}

; --------------------------------------------------------- exceptions, traps
VCASE "div by 0", IOPL0, {xor cx, cx}, {div cx}
VCASE "bound", IOPL0, {mov ax, 0xffff}, {bound ax, [image - VOFF + 28]}
VCASE "ud2", IOPL0, ud2
VCASE "lock nop", IOPL0, {db 0xf0}, nop
CASE "a single step"
        VM86 IOPL0 | 0x100
        nop
        VEND
CASE "a single step, set by popf"
        VM86 IOPL3
        push word 0x3102
        popf
        nop
        inc ax
        VEND
CASE "a page of ring 0"
        mov edi, SCRATCH        ; the directory, and one table: 4 MiB flat
        mov dword [edi], SCRATCH + 0x1007
        mov edi, SCRATCH + 0x1000
        mov eax, 7
        mov ecx, 1024
%$fill: stosd
        add eax, 0x1000
        loop %$fill
        and dword [SCRATCH + 0x1000 + 4 * 0x30], ~4
        mov eax, SCRATCH
        mov cr3, eax
        mov eax, cr0
        bts eax, 31
        mov cr0, eax
        GATE IDT(14), KCODE, %$h, 0x8e, 0
        VM86 IOPL0
        mov ax, 0x3000
        mov ds, ax
        mov al, [5]
        bits 32
%$h:    mov eax, cr0
        btr eax, 31
        mov cr0, eax
        pop eax
        mov ebx, cr2
END
CASE "sysenter out of the mode"
        mov ecx, 0x174
        mov eax, KCODE
        xor edx, edx
        wrmsr
        inc ecx
        mov eax, OWN - 16
        wrmsr
        inc ecx
        mov eax, %$h
        wrmsr
        VM86 IOPL3
        sysenter
        bits 32
%$h:    mov ax, KDATA
        mov ds, ax
        mov es, ax
        pushf
        pop eax
END

; -------------------------------------------------------------- by a task
CASE "a task switch into the mode"
        mov edi, SCRATCH
        mov ecx, 26
        xor eax, eax
        rep stosd
        mov dword [SCRATCH + 4], STACK0
        mov dword [SCRATCH + 8], KDATA
        mov dword [SCRATCH + 32], %$in - VOFF
        mov dword [SCRATCH + 36], IOPL3
        mov dword [SCRATCH + 56], 0x1000
        mov dword [SCRATCH + 72], 0x1112
        mov dword [SCRATCH + 76], VSEG
        mov dword [SCRATCH + 80], VSTACK
        mov dword [SCRATCH + 84], 0x2223
        mov dword [SCRATCH + 88], 0x3331
        mov dword [SCRATCH + 92], 0x4443
        DESC T0, SCRATCH, 103, 0x89, 0
        jmp T0:0
        bits 16
%$in:   mov ax, ds
        VEND
        jmp finish
