; breaks.asm - breakpoints on data and ports, and one under a segment with a
; base: see debug.inc. QEMU 7.2 does not survive these.

%include "debug.inc"

cases:
; ----------------------------------------------------- breakpoints on data
CASE "data: to the handler"
        BREAK 0, bytes, 1, 3
        mov [bytes], eax
        nop
END
CASE "data: a write"
        NOTE
        BREAK 0, bytes, 1, 3
        mov ebx, [bytes]
        mov [bytes + 3], al
        mov [bytes + 4], al
        nop
END
CASE "data: an access"
        NOTE
        BREAK 3, bytes, 3, 1
        mov ebx, [bytes]
        mov [bytes + 1], al
        mov [bytes + 2], al
        mov bx, [bytes + 1]
        nop
END
CASE "data: read, change, write"
        NOTE
        BREAK 0, bytes, 1, 3
        inc dword [bytes]
        xchg [bytes], eax
        lock add [bytes], eax
        cmp [bytes], eax
        test [bytes], al
        nop
END
CASE "data: the stack"
        NOTE
        BREAK 0, OWN - 4, 3, 3
        push eax
        pop eax
        call %$a
%$a:    pop eax
        pushf
        popf
        nop
END
CASE "data: pusha and enter"
        NOTE
        BREAK 0, OWN - 12, 1, 0
        pusha
        mov esp, OWN
        enter 32, 1
        nop
END
CASE "data: rep movsb"
        NOTE
        mov esi, bytes
        mov edi, bytes + 16
        mov ecx, 4
        BREAK 0, bytes + 1, 3, 0
        mov eax, bytes + 18
        mov dr1, eax
        mov eax, ARM(0, 3, 0) | ARM(1, 1, 0)
        mov dr7, eax
        rep movsb
        nop
END
CASE "data: two at once"
        NOTE
        mov eax, bytes + 8
        mov dr1, eax
        BREAK 0, bytes, 3, 3
        mov eax, ARM(0, 3, 3) | ARM(1, 1, 3)
        mov dr7, eax
        mov esi, bytes
        mov edi, bytes + 8
        movsd
        nop
END
CASE "data: one on fetch and one on data, the same instruction"
        NOTE
        mov byte [resume], 1
        mov eax, %$a
        mov dr1, eax
        BREAK 0, bytes, 3, 3
        mov eax, ARM(0, 3, 3) | ARM(1, 0, 0)
        mov dr7, eax
%$a:    mov [bytes], eax
        nop
END
CASE "data: and a step"
        NOTE
        BREAK 0, bytes, 3, 3
        STEP
        mov [bytes], eax
        nop
        CALM
END
CASE "data: across its edges"
        NOTE
        BREAK 0, bytes + 8, 1, 1
        mov [bytes + 5], eax
        mov [bytes + 4], eax
        mov [bytes + 9], ax
        mov [bytes + 10], ax
        mov [bytes + 7], ax
        mov [bytes + 6], ax
        nop
END
CASE "data: an address that is not aligned"
        NOTE
        BREAK 0, bytes + 7, 1, 3        ; stands for bytes + 4
        mov [bytes + 3], al
        mov [bytes + 4], al
        mov [bytes + 7], al
        mov [bytes + 8], al
        nop
END
CASE "data: mov ss waits for the next"
        NOTE
        mov word [bytes], KDATA
        BREAK 0, bytes, 3, 1
        mov ss, [bytes]
        nop
        nop
END
CASE "data: pop ss waits for the next, which hits too"
        NOTE
        push dword KDATA
        mov eax, bytes
        mov dr1, eax
        BREAK 0, OWN - 4, 3, 3
        mov eax, ARM(0, 3, 3) | ARM(1, 1, 0)
        mov dr7, eax
        pop ss
        mov [bytes], al
        nop
END
CASE "data: mov ss, then int n"
        NOTE
        GATE IDT(0x30), KCODE, %$h, 0x8e, 0
        mov word [bytes], KDATA
        BREAK 0, bytes, 3, 1
        mov ss, [bytes]
        int 0x30
        int 0x40
%$h:    nop
        iret
END
CASE "data: an instruction that faults"
        NOTE
        GATE IDT(13), KCODE, %$h, 0x8e, 0
        DESC T0, 0, 0xf, 0x93, 0
        mov ax, T0
        mov es, ax
        BREAK 0, bytes, 3, 3
        mov esi, bytes
        mov edi, 0x100
        movsd
        nop
        int 0x40
%$h:    add esp, 4
        inc dword [esp]
        iret
END
CASE "data: the frame of an interrupt"
        NOTE
        GATE IDT(0x30), KCODE, %$h, 0x8e, 0
        BREAK 0, OWN - 12, 1, 3
        int 0x30
        int 0x40
%$h:    nop
        add esp, 12
        mov eax, 0
        mov dr7, eax
        jmp %$b
%$b:
END
CASE "data: from ring 3"
        NOTE
        BREAK 0, bytes, 1, 3
        RING 3, %$in
%$in:   mov [bytes], eax
        nop
END
CASE "data: of a branch that is taken"
        NOTE
        mov dword [bytes], %$a
        BREAK 0, bytes, 3, 3
        jmp [bytes]
        nop
%$a:    nop
END

; ----------------------------------------------------- breakpoints on ports
CASE "port: out and in"
        NOTE
        DE
        BREAK 0, 0x80, 2, 0
        mov al, 0
        out 0x80, al
        in al, 0x80
        xor eax, eax
        out 0x81, al
        nop
END
CASE "port: sizes"
        NOTE
        DE
        BREAK 0, 0x82, 2, 1
        out 0x80, ax
        out 0x81, ax
        out 0x80, eax
        out 0x83, al
        out 0x84, al
        nop
END
CASE "port: rep outsb"
        NOTE
        DE
        BREAK 0, 0x80, 2, 0
        mov esi, bytes
        mov edx, 0x80
        mov ecx, 2
        rep outsb
        nop
END
CASE "port: not memory"
        NOTE
        DE
        BREAK 0, bytes, 2, 3
        mov [bytes], eax
        nop
END

; --------------------------------------------------------- a linear address
CASE "fetch: CS with a base"
        NOTE
        mov byte [resume], 1
        DESC T0, 0x100000, 0xfffff, 0x9b, 0xc
        BREAK 0, %$a, 0, 0
        mov eax, %$a
        sub eax, 0x100000
        mov [bytes], eax
        mov word [bytes + 4], T0
        jmp far [bytes]
%$a:    nop
        jmp KCODE:%$b
%$b:
END
        jmp finish
