; debug.asm - single steps, instruction breakpoints, the debug registers
; themselves, INT1, and task switches: see debug.inc.

%include "debug.inc"

cases:
; ------------------------------------------------------------ single steps
CASE "step: to the handler"
        STEP
        nop
        nop
END
CASE "step: nop"
        NOTE
        STEP
        nop
        nop
        CALM
        nop
END
CASE "step: branches"
        NOTE
        STEP
        jmp %$a
        nop
%$a:    call %$b
        CALM
        int 0x40
%$b:    mov ecx, 2
%$c:    loop %$c
        ret
END
CASE "step: mov ss and pop ss hold it back"
        NOTE
        mov ebx, ss
        STEP
        mov ss, bx
        nop
        push ss
        pop ss
        nop
        CALM
END
CASE "step: sti, cli, cld"
        NOTE
        STEP
        cli
        cld
        CALM
END
CASE "step: rep movsb"
        NOTE
        mov esi, bytes
        mov edi, bytes + 8
        mov ecx, 3
        STEP
        rep movsb
        nop
        CALM
END
CASE "step: rep with a count of none"
        NOTE
        xor ecx, ecx
        STEP
        rep stosb
        CALM
END
CASE "step: repe cmpsb that ends early"
        NOTE
        mov dword [bytes], 0x01020304
        mov dword [bytes + 8], 0x01050304
        mov esi, bytes
        mov edi, bytes + 8
        mov ecx, 9
        STEP
        repe cmpsb
        CALM
END
CASE "step: int n"
        NOTE
        GATE IDT(0x30), KCODE, %$h, 0x8e, 0
        STEP
        int 0x30
        nop
        CALM
        int 0x40
%$h:    nop
        iret
END
CASE "step: int3"
        NOTE
        GATE IDT(3), KCODE, %$h, 0x8e, 0
        STEP
        int3
        nop
        CALM
        int 0x40
%$h:    nop
        iret
END
CASE "step: into, taken and not"
        NOTE
        GATE IDT(4), KCODE, %$h, 0x8e, 0
        STEP
        into
        STEP 0x902
        into
        nop
        CALM
        int 0x40
%$h:    nop
        iret
END
CASE "step: icebp"
        NOTE
        STEP
        db 0xf1
        nop
        CALM
END
CASE "step: a fault"
        NOTE
        GATE IDT(6), KCODE, %$h, 0x8e, 0
        STEP
        ud2
        nop
        CALM
        int 0x40
%$h:    add dword [esp], 2
        iret
END
CASE "step: iret to it"
        NOTE
        push dword 0x102
        push cs
        push dword %$a
        iret
%$a:    nop
        nop
        CALM
END
CASE "step: iret from it"
        NOTE
        push dword 2
        push cs
        push dword %$a
        STEP
        iret
%$a:    nop
        nop
END
CASE "step: pushf shows TF"
        NOTE
        STEP
        pushf
        CALM
        pop eax
END
CASE "step: ring 3"
        NOTE
        RING 3, %$in, 0x3102
%$in:   nop
        mov eax, cs
        CALM
END
CASE "step: ring 3, a far call inward and back"
        NOTE
        GATE gdt + T0, KCODE, %$x, 0xec, 0
        RING 3, %$in, 0x3102
%$in:   nop
        call T0 | 3:0
        CALM
        int 0x40
%$x:    nop
        retf
END
CASE "step: mov to ds, lss"
        NOTE
        mov dword [bytes], OWN - 64
        mov dword [bytes + 4], KDATA
        mov eax, ds
        STEP
        mov ds, ax
        lss esp, [bytes]
        nop
        CALM
END

; ------------------------------------------------- breakpoints on instructions
CASE "fetch: to the handler"
        BREAK 0, %$a, 0, 0
        nop
%$a:    nop
END
CASE "fetch: RF lets it go on"
        NOTE
        mov byte [resume], 1
        BREAK 2, %$a, 0, 0
        nop
%$a:    nop
        nop
END
CASE "fetch: without RF it comes again"
        NOTE
        BREAK 1, %$a, 0, 0
        nop
%$a:    nop
        nop
END
CASE "fetch: enabled locally; and not at all"
        NOTE
        mov byte [resume], 1
        mov eax, %$a
        mov dr0, eax
        mov dr1, eax
        mov dr3, eax
        mov eax, 1 | 0x80       ; L0, G3
        mov dr7, eax
%$a:    nop
END
CASE "fetch: in a loop"
        NOTE
        mov byte [resume], 1
        mov ecx, 3
        BREAK 0, %$a, 0, 0
%$a:    nop
        loop %$a
END
CASE "fetch: a branch to itself"
        NOTE
        mov byte [resume], 1
        mov ecx, 3
        BREAK 0, %$a, 0, 0
%$a:    loop %$a
END
CASE "fetch: rep movsb hits once"
        NOTE
        mov byte [resume], 1
        mov esi, bytes
        mov edi, bytes + 8
        mov ecx, 3
        BREAK 0, %$a, 0, 0
%$a:    rep movsb
END
CASE "fetch: rep, stepped"
        NOTE
        mov byte [resume], 1
        mov esi, bytes
        mov edi, bytes + 8
        mov ecx, 3
        BREAK 0, %$a, 0, 0
        STEP
%$a:    rep movsb
        CALM
END
CASE "fetch: not in the middle of an instruction"
        NOTE
        BREAK 0, %$a + 1, 0, 0
%$a:    mov ebx, 0x12345678
END
CASE "fetch: after mov ss and pop ss not at all"
        NOTE
        mov byte [resume], 1
        mov ebx, ss
        mov eax, %$b
        mov dr1, eax
        BREAK 0, %$a, 0, 0
        mov eax, ARM(0, 0, 0) | ARM(1, 0, 0)
        mov dr7, eax
        mov ss, bx
%$a:    nop
        push ss
        pop ss
%$b:    nop
END
CASE "fetch: after sti"
        NOTE
        mov byte [resume], 1
        BREAK 0, %$a, 0, 0
        sti
%$a:    cli
END
CASE "fetch: a step, then it"
        NOTE
        mov byte [resume], 1
        BREAK 0, %$a, 0, 0
        STEP
        nop
%$a:    nop
        CALM
END
CASE "fetch: on an instruction that faults"
        NOTE
        mov byte [resume], 1
        GATE IDT(6), KCODE, %$h, 0x8e, 0
        BREAK 0, %$a, 0, 0
%$a:    ud2
        int 0x40
%$h:    add dword [esp], 2
        mov eax, [esp + 8]
        and eax, 0x10000
        iret
END
CASE "fetch: iret with RF"
        NOTE
        BREAK 0, %$a, 0, 0
        push dword 0x10002
        push cs
        push dword %$a
        iret
%$a:    nop
        nop
END
CASE "fetch: popf does not set RF"
        NOTE
        mov byte [resume], 1
        BREAK 0, %$a, 0, 0
        push dword 0x10002
        popf
%$a:    nop
END
CASE "fetch: the handler of an interrupt"
        NOTE
        mov byte [resume], 1
        GATE IDT(0x30), KCODE, %$h, 0x8e, 0
        BREAK 0, %$h, 0, 0
        int 0x30
        int 0x40
%$h:    nop
        iret
END
CASE "fetch: four at once"
        NOTE
        mov byte [resume], 1
        mov eax, %$a
        mov dr0, eax
        mov dr1, eax
        mov dr2, eax
        mov dr3, eax
        mov eax, 0xaa
        mov dr7, eax
%$a:    nop
END

; ------------------------------------------------- the registers themselves
CASE "dr: fixed bits"
        mov eax, 0x0000d000     ; of those that enable nothing
        mov dr7, eax
        mov eax, dr7
        mov ebx, 0xffffffff
        mov dr6, ebx
        mov ebx, dr6
END
CASE "dr: zeros"
        xor eax, eax
        mov dr7, eax
        mov dr6, eax
        mov eax, dr7
        mov ebx, dr6
END
CASE "dr: DR4 and DR5 are DR6 and DR7"
        mov eax, cr4
        and al, ~8
        mov cr4, eax
        mov eax, 0x00010000
        db 0x0f, 0x23, 0xe8     ; mov dr5, eax
        mov eax, dr7
        db 0x0f, 0x21, 0xe3     ; mov ebx, dr4
END
CASE "dr: with DE they are not"
        DE
        db 0x0f, 0x21, 0xe3
END
CASE "dr: ring 3"
        RING 3, %$in
%$in:   mov eax, dr7
END
CASE "dr: ring 3, DR4, DE and GD"
        DE
        mov eax, 0x2000
        mov dr7, eax
        RING 3, %$in
%$in:   db 0x0f, 0x21, 0xe3
END
CASE "dr: GD, DR4 and DE"
        DE
        mov eax, 0x2000
        mov dr7, eax
        db 0x0f, 0x21, 0xe3
END
CASE "dr: GD, a read"
        mov eax, 0x2000
        mov dr7, eax
        mov eax, dr0
END
CASE "dr: GD, a write, and on"
        NOTE
        mov eax, 0x2000
        mov dr7, eax
        mov eax, bytes
        mov dr0, eax
        mov ebx, dr0
        sub ebx, eax
        xor eax, eax
END
CASE "dr: GD is cleared by any #DB"
        NOTE
        mov eax, 0x2000
        mov dr7, eax
        STEP
        nop
        CALM
        mov ebx, dr7
END
CASE "dr: GD and INT 1"
        GATE IDT(1), KCODE, %$h, 0x8e, 0
        mov eax, 0x2000
        mov dr7, eax
        int 1
%$h:    GATE IDT(1), KCODE, stubs + 16, 0x8e, 0
        mov eax, dr7
END
CASE "dr: DR6 and what software left"
        mov eax, 0xffff0ff3
        mov dr6, eax
        STEP
        nop
END

; ------------------------------------------------------- INT1 and the gate
CASE "icebp: to the handler"
        db 0xf1
END
CASE "icebp: from ring 3, a gate of DPL 0"
        RING 3, %$in
%$in:   db 0xf1
END
CASE "int 1: from ring 3, a gate of DPL 0"
        RING 3, %$in
%$in:   int 1
END
CASE "icebp: gate not present"
        mov byte [IDT(1) + 5], 0x0e
        db 0xf1
END
CASE "step: gate not present"
        mov byte [IDT(1) + 5], 0x0e
        STEP
        nop
END
CASE "fetch: gate not present"
        mov byte [IDT(1) + 5], 0x0e
        BREAK 0, %$a, 0, 0
%$a:    nop
END

; -------------------------------------------------------------- task switches
%macro TASK 1
        call prepare_task
        mov dword [bytes_tss + 32], %1
%endmacro
CASE "task: the T bit"
        NOTE
        TASK %$t
        or byte [bytes_tss + 100], 1
        jmp T0:0
%$t:    nop
END
CASE "task: the T bit, by call and back"
        NOTE
        TASK %$t
        or byte [bytes_tss + 100], 1
        or byte [tss + 100], 1
        call T0:0
        nop
        int 0x40
%$t:    iret
END
CASE "task: TF in the new one's EFLAGS"
        NOTE
        TASK %$t
        or byte [bytes_tss + 37], 1
        jmp T0:0
%$t:    nop
        nop
        CALM
END
CASE "task: TF and T"
        NOTE
        TASK %$t
        or byte [bytes_tss + 37], 1
        or byte [bytes_tss + 100], 1
        jmp T0:0
%$t:    nop
        CALM
END
CASE "task: TF in the old one's"
        NOTE
        TASK %$t
        STEP
        jmp T0:0
%$t:    nop
        nop
        CALM
END
CASE "task: RF in the new one's"
        NOTE
        TASK %$t
        or byte [bytes_tss + 38], 1
        BREAK 0, %$t, 0, 0
        jmp T0:0
%$t:    nop
        nop
END
CASE "task: local breakpoints are off, global ones on"
        NOTE
        TASK %$t
        mov byte [resume], 1
        mov eax, %$t
        mov dr0, eax
        mov dr1, eax
        mov eax, 0x309 | 0x55
        mov dr7, eax
        jmp T0:0
%$t:    mov eax, dr7
END
CASE "task: #DB's handler is one"
        TASK %$t
        mov dword [IDT(1)], T0 << 16
        mov dword [IDT(1) + 4], 0x8500
        STEP
        nop
        CALM
        int 0x40
%$t:    mov eax, dr6
        mov [bytes], eax
        mov eax, 0xffff0ff0
        mov dr6, eax
        mov eax, [tss + 32]
        sub eax, [case_start]
        mov ebx, [tss + 36]
        shl ebx, 16
        mov bx, [bytes]
        int 0x40
END
        jmp finish
