; full-machine.asm - the top of the address space, where the monitor lives;
; segments from odd places; registers; interrupts that wait for their window:
; see full.inc.

%include "full.inc"

begin:
; ------------------------------------------------- the top of memory

CASE "a page where the monitor lives"
        mov dword [TOP], PAGE(34) | 7
        mov eax, [HOLE]
END
CASE "written"
        mov dword [HOLE + 8], 0x1234
        mov eax, [PAGE(34) + 8]
        mov ebx, [TOP]
END
CASE "read, changed and written"
        xor dword [HOLE + 8], 0xff00
        mov eax, [HOLE + 8]
END
CASE "no page there"
        mov eax, [HOLE + 0x22000]
END
CASE "no page there, a write by ring 3"
        RING 3, %$in
%$in:   mov [HOLE + 0x20008], eax
END
CASE "a page of the supervisor's there"
        mov dword [TOP + 4], PAGE(35) | 3
        FLUSH
        RING 3, %$in
%$in:   mov eax, [HOLE + 4096]
END
CASE "over its lower edge"
        mov dword [DIR + 1022 * 4], SPARE | 7
        mov dword [SPARE + 1023 * 4], PAGE(36) | 7
        mov dword [HOLE - 2], 0xaabbccdd
        mov eax, [HOLE - 2]
        movzx ebx, word [PAGE(34)]
END
CASE "the last four bytes"
        mov dword [TOP + 1023 * 4], PAGE(37) | 7
        mov dword [0xfffffffc], 0x600df00d
        mov eax, [PAGE(37) + 4092]
END
CASE "a stack there"
        mov ebx, esp
        mov esp, HOLE + 64
        push dword 0x77
        pop eax
        xchg ebx, esp
END
CASE "a stack there that is not mapped"
        RING 3, %$in
%$in:   mov esp, HOLE + 0x8000
        push eax
END
CASE "code there"
        mov dword [PAGE(34) + 64], 0x001234b8   ; mov eax, 0x1234; ret
        mov word [PAGE(34) + 68], 0xc300
        mov eax, HOLE + 64
        call eax
END
CASE "code there that faults"
        mov dword [PAGE(34) + 64], 0x0b0f9090
        mov eax, HOLE + 64
        jmp eax
END
CASE "code there that traps"
        mov dword [PAGE(34) + 64], 0xc3fbfafa
        mov eax, HOLE + 64
        call eax
        cli
END
CASE "code there is not mapped"
        mov eax, HOLE + 0x9000
        jmp eax
END
CASE "code that is changed from there"
        mov dword [TOP + 10 * 4], PAGE(50) | 7
        mov dword [PAGE(50)], 0xc301b0  ; mov al, 1; ret
        mov edx, PAGE(50)
        call edx
        mov ebx, eax
        mov byte [HOLE + 0xa001], 2
        call edx
END
CASE "rep movsd into it"
        mov esi, PAGE(3)
        mov edi, HOLE - 8
        mov ecx, 4
        rep movsd
        mov eax, [HOLE - 8]
        mov ebx, edi
END
CASE "the interrupt table there"
        mov esi, idt
        mov edi, HOLE
        mov ecx, 512
        rep movsd
        mov word [SCRATCH], 2047
        mov dword [SCRATCH + 2], HOLE
        lidt [SCRATCH]
        ud2
END
CASE "a segment that begins there, to its limit (not on QEMU)"
        DESC T0, HOLE, 0xfff, 0x92, 4
        mov ax, T0
        mov es, ax
        mov dword [HOLE], 34
        mov eax, [es:0]
        mov ebx, [es:0xffd]
END
CASE "a segment that reaches into it, to its limit (not on QEMU)"
        DESC T0, 0xff000000, 0xfff, 0x92, 0xc
        mov ax, T0
        mov es, ax
        mov eax, [es:0xc00000]
        mov ebx, [es:0x1000000]
END
CASE "a segment that goes round the end"
        DESC T0, 0xc0000000, 0xfffff, 0x92, 0xc
        mov ax, T0
        mov es, ax
        mov eax, [es:0x3fc00000]
        mov ebx, [es:0x40000000 + PAGE(3)]
END
CASE "an expand-down segment"
        DESC T0, 0, PAGE(1) >> 12, 0x96, 0xc
        mov ax, T0
        mov es, ax
        mov eax, [es:PAGE(38)]
        mov ebx, [es:HOLE]
END
CASE "a 16-bit expand-down segment"
        DESC T0, PAGE(0), 0x1fff, 0x96, 0
        mov ax, T0
        mov es, ax
        mov eax, [es:0x2000]
        mov ebx, [es:0xf000]
END
CASE "a stack segment that begins there"
        DESC T0, HOLE, 0xfff, 0x92, 4
        mov ax, T0
        mov ebx, esp
        mov ss, ax
        mov esp, 0x100
        push dword 0x88
        pop eax
        mov cx, KDATA
        mov ss, cx
        mov esp, ebx
        mov ebx, [PAGE(34) + 0xfc]
END
CASE "a code segment that begins there"
        DESC T0, HOLE, 0xfff, 0x9a, 4
        mov dword [PAGE(34) + 64], 0xcb44b0 ; mov al, 0x44; retf
        call T0:64
END

; ----------------------------------------------------------------- segments

CASE "a segment outlives its descriptor"
        DESC T0, PAGE(39), 0xfff, 0x92, 4
        mov ax, T0
        mov fs, ax
        DESC T0, PAGE(40), 0xfff, 0x92, 4
        mov eax, [fs:0]
        cli
        mov ebx, [fs:0]
        xor ecx, ecx
        mov fs, cx
END
CASE "the stack's too"
        DESC T0, PAGE(41), 0xfff, 0x92, 4
        mov ax, T0
        mov ebx, esp
        mov ss, ax
        mov esp, 0x800
        DESC T0, PAGE(42), 0xfff, 0x92, 4
        cli
        push dword 0x99
        pop eax
        mov cx, KDATA
        mov ss, cx
        mov esp, ebx
        mov ebx, [PAGE(41) + 0x7fc]
END
CASE "code and stack from one descriptor"
        DESC T0, 0, 0xfffff, 0x92, 0xc
        mov ax, T0
        mov ss, ax
        DESC T0, 0, 0xfffff, 0x9a, 0xc
        jmp T0:%$in
%$in:   cli
        mov eax, cs
        mov ebx, ss
        push eax
        pop eax
END
CASE "segments of an LDT"
        DESC T0, PAGE(43), 31, 0x82, 0
        mov dword [PAGE(43) + 8], 0x0000ffff
        mov dword [PAGE(43) + 12], 0x00cffa00
        mov dword [PAGE(43) + 16], 0x0000ffff
        mov dword [PAGE(43) + 20], 0x00cff200
        mov ax, T0
        lldt ax
        push dword 0x17
        push dword STACK3
        push dword 0x3002
        push dword 0x0f
        push dword %$in
        iret
%$in:   mov ax, 0x17
        mov ds, ax
        cli
        pushf
        popf
        mov eax, cs
        mov ebx, ss
END
CASE "a table of 8192 descriptors"
        mov edi, FRAME + 0x200000
        mov ecx, 0x4000
        xor eax, eax
        rep stosd
        mov esi, gdt
        mov edi, FRAME + 0x200000
        mov ecx, (gdt_end - gdt) / 4
        rep movsd
        mov dword [FRAME + 0x200000 + 0xe008], 0x0000ffff
        mov dword [FRAME + 0x200000 + 0xe00c], 0x00cf9a00
        mov dword [FRAME + 0x200000 + 0xfff8], 0x0000ffff
        mov dword [FRAME + 0x200000 + 0xfffc], 0x00cf9200
        mov word [SCRATCH], 0xffff
        mov dword [SCRATCH + 2], FRAME + 0x200000
        lgdt [SCRATCH]
        mov eax, 0xfff8
        mov ss, ax
        mov ds, ax
        jmp 0xe008:%$in
%$in:   cli
        mov eax, cs
        mov ebx, ss
        jmp KCODE:%$out
%$out:
END
CASE "a data segment of ring 0, in ring 3 by sysexit"
        mov ecx, 0x174
        mov eax, KCODE
        xor edx, edx
        wrmsr
        mov edx, %$in
        mov ecx, STACK3
        DESC T0, 0, 0xfffff, 0xfa, 0xc
        sysexit
%$in:   cli
END
CASE "sysenter"
        mov ecx, 0x174
        mov eax, KCODE
        xor edx, edx
        wrmsr
        mov ecx, 0x175
        mov eax, OWN
        wrmsr
        mov ecx, 0x176
        mov eax, %$here
        wrmsr
        RING 3, %$in
%$in:   sysenter
%$here: mov eax, cs
        mov ebx, esp
END
CASE "16-bit code"
        DESC T0, 0x100000, 0xffff, 0x9a, 0
        mov dword [SCRATCH], 0
        jmp T0:%$in - 0x100000
        bits 16
%$in:   cli
        mov eax, cs
        pushf
        pop bx
        o32 jmp dword KCODE:%$out
        bits 32
%$out:
END

; ---------------------------------------------------------------- registers

CASE "fwait with MP and TS"
        mov eax, cr0
        or al, 0x0a
        mov cr0, eax
        fwait
END
CASE "smsw says so; clts"
        smsw ax
        and eax, 0xf
        clts
        mov ebx, cr0
        and ebx, 0xf
        lmsw bx
        fwait
        mov ecx, cr0
        and ecx, ~0xa
        mov cr0, ecx
END
CASE "rdtsc with TSD in ring 3"
        mov eax, cr4
        or al, 4
        mov cr4, eax
        RING 3, %$in
%$in:   rdtsc
END
CASE "rdtsc with TSD in ring 0 goes on"
        rdtsc
        mov ebx, eax
        mov ecx, edx
        rdtsc
        sub eax, ebx
        sbb edx, ecx
        mov eax, edx            ; 0: less than 2^32 cycles, and not backwards
        mov ecx, cr4
        and cl, ~4
        mov cr4, ecx
        mov ebx, 0
END
CASE "the TSC is written (not on QEMU)"
        mov ecx, 0x10
        mov eax, 0x40000000
        mov edx, 0x123
        wrmsr
        rdtsc
        mov eax, edx
END
CASE "debug registers"
        mov eax, 0x12345678
        mov dr0, eax
        mov ebx, dr0
        mov eax, dr7
END
CASE "mov to cr1"
        db 0x0f, 0x22, 0xc8
END
CASE "a string to a port"
        mov esi, s_port
        mov ecx, s_port_end - s_port
        mov dx, 0xe9
        rep outsb
        mov eax, ecx
END
CASE "a string from ports, over two pages, the second missing"
        mov dword [PTE(70)], PAGE(44) | 7
        mov dword [PTE(71)], 0
        mov dx, 0x80
        mov edi, WIN(71) - 3
        mov ecx, 8
        rep insb
END
CASE "int1 is a debug trap (not on QEMU)"
        mov dr6, eax
        db 0xf1
END
CASE "and no single step (not on QEMU)"
        mov eax, dr6
END
CASE "single steps over what traps"
        pushf
        or dword [esp], 0x100
        popf
        cli
        nop
END
CASE "single steps over mov cr3"
        mov eax, cr3
        pushf
        or dword [esp], 0x100
        popf
        mov cr3, eax
        nop
END

; --------------------------------------------------------------- interrupts

; IRQ 0 comes at vector 0x20: irq_waits leaves one that waits already, arm one
; that is still to come.
CASE "sti lets one instruction pass"
        call irq_waits
        sti
        nop
        nop
        nop
END
CASE "popf lets none"
        call end_of_irq
        call irq_waits
        push dword 0x202
        popf
        nop
        nop
END
CASE "iret lets none"
        call end_of_irq
        call irq_waits
        push dword 0x202
        push dword KCODE
        push dword %$to
        iret
%$to:   nop
END
CASE "sti and hlt"
        call end_of_irq
        call irq_waits
        sti
        hlt
        nop
END
CASE "sti and cli: none"
        call end_of_irq
        call irq_waits
        sti
        cli
        nop
END
CASE "sti and iret to ring 3"
        push dword DATA3
        push dword STACK3
        push dword 0x3202
        push dword CODE3
        push dword %$to
        sti
        iret
%$to:   nop
END
CASE "sti and a page fault, hidden or not"
        call end_of_irq
        call irq_waits
        mov dword [PTE(72)], PAGE(45) | 7
        sti
        mov eax, [WIN(72)]
        nop
END
CASE "sti and a traced write"
        call end_of_irq
        call irq_waits
        sti
        mov dword [PTE(72)], PAGE(46) | 7
        nop
END
CASE "sti and a true fault"
        call end_of_irq
        call irq_waits
        sti
        ud2
END
CASE "a loop on the instruction behind sti"
        call end_of_irq
        call arm
        sti
%$loop: jmp %$loop
END
CASE "asleep, with the interrupt still to come"
        call end_of_irq
        call arm
        sti
        hlt
        nop
END
CASE "an interrupt in ring 3"
        call end_of_irq
        call arm
        RING 3, %$in, 0x202
%$in:   jmp %$in
END
CASE "masked: it waits"
        call end_of_irq
        mov byte [irq_mask], 0xff
        call irq_waits
        sti
        nop
        nop
        cli
        mov eax, 1
END
CASE "unmasked: it comes"
        sti
        nop
        mov al, 0xfe
        out 0x21, al
%$more: jmp %$more
END
        call end_of_irq
        mov al, 0xff
        out 0x21, al
        jmp finish

; One-shot: IRQ 0 in 1000 ticks of 1.19 MHz.
arm:    push eax
        mov al, 0x11
        out 0x20, al
        mov al, 0x20
        out 0x21, al
        mov al, 4
        out 0x21, al
        mov al, 1
        out 0x21, al
        mov al, [irq_mask]
        out 0x21, al
        mov al, 0x30            ; channel 0, mode 0
        out 0x43, al
        mov al, 1000 & 255
        out 0x40, al
        mov al, 1000 >> 8
        out 0x40, al
        pop eax
        ret
irq_waits:
        push eax
        call arm
.poll:  mov al, 0x0a            ; the requests
        out 0x20, al
        in al, 0x20
        test al, 1
        jz .poll
        pop eax
        ret
end_of_irq:
        push eax
        mov al, 0x20
        out 0x20, al
        pop eax
        ret

        section .rodata
s_port: db "outsb: these words", 10
s_port_end:
        section .data
irq_mask: db 0xfe
        section .text
