; system.asm - SYSENTER and SYSEXIT, CMPXCHG8B, control registers, and the
; encodings after 0F that mean nothing: see cases.inc.

%include "cases.inc"

MSR_CS  equ 0x174
MSR_ESP equ 0x175
MSR_EIP equ 0x176

; What SYSENTER loads: CS, ESP, EIP.
%macro MSRS 3
        xor edx, edx
        mov ecx, MSR_CS
        mov eax, %1
        wrmsr
        mov ecx, MSR_ESP
        mov eax, %2
        wrmsr
        mov ecx, MSR_EIP
        mov eax, %3
        wrmsr
        xor eax, eax
%endmacro
; To ring 3 by SYSEXIT.
%macro LEAVE 1-2 STACK3
        mov edx, %1
        mov ecx, %2
        sysexit
%endmacro

        section .text
cases:

; --------------------------------------------------------------- SYSENTER

CASE "sysenter: CS is 0"
        MSRS 0, STACK1, %$in
        sysenter
%$in:
END
CASE "sysenter: CS is 3, null all the same"
        MSRS 3, STACK1, %$in
        RING 3, %$go
%$go:   sysenter
%$in:
END
%assign ring 0
%rep 4
%defstr digit ring
%strcat name "sysenter: from ring ", digit
CASE name
        MSRS KCODE, STACK1, %$in
%if ring > 0
        RING ring, %$go, 0x3202
%else
        sti
%endif
%$go:   mov eax, esp
        sysenter
        nop
%$in:
END
%assign ring ring + 1
%endrep
CASE "sysenter: the MSR's RPL is nothing"
        MSRS KCODE | 3, STACK1 | 1, %$in
        RING 3, %$go
%$go:   sysenter
%$in:
END
CASE "sysenter: no descriptor is looked at"
        MSRS 0x500, STACK1, %$in
        RING 3, %$go
%$go:   sysenter
%$in:
END
CASE "sysenter: flat, whatever CS was; TF, DF and NT stay"
        MSRS KCODE, STACK1, %$in
        DESC T0, 0x100000, 0xffff, 0xfa, 4
        push dword 0x7402
        popf
        push dword DATA3
        push dword STACK3
        push dword 0x3402
        push dword T0 | 3
        push dword %$go - 0x100000
        push dword 2
        popf
        iret
%$go:   sysenter
%$in:   mov eax, cs
        lsl ebx, eax
END
CASE "sysenter: the stack is there to use"
        MSRS KCODE, STACK1, %$in
        RING 3, %$go
%$go:   sysenter
        ud2
%$in:   mov eax, [esp - 4]
        xor eax, eax
END

; ---------------------------------------------------------------- SYSEXIT

CASE "sysexit: CS is 0"
        MSRS 0, 0, 0
        LEAVE %$in
%$in:
END
%assign ring 1
%rep 3
%defstr digit ring
%strcat name "sysexit: from ring ", digit
CASE name
        MSRS KCODE, 0, 0
        RING ring, %$go
%$go:   LEAVE %$in
%$in:
END
%assign ring ring + 1
%endrep
CASE "sysexit: to ring 3, selectors 16 and 24 on"
        MSRS KCODE, 0, 0
        LEAVE %$in, STACK3 - 4
%$in:   mov eax, cs
        mov ebx, ss
END
CASE "sysexit: no descriptor is looked at"
        MSRS 0x500, 0, 0
        LEAVE %$in
%$in:   push eax
        pop ebx
END
CASE "sysexit: the MSR's RPL is nothing"
        MSRS KCODE | 3, 0, 0
        LEAVE %$in
%$in:
END
CASE "sysexit: IF stays"
        MSRS KCODE, 0, 0
        push dword 0x3202
        popf
        LEAVE %$in
%$in:
END
CASE "sysexit: data segments stay"
        MSRS KCODE, 0, 0
        mov ax, KDATA
        mov fs, ax
        LEAVE %$in
%$in:   mov eax, [fs:gdt]
END
CASE "there and back"
        MSRS KCODE, STACK1, %$in
        LEAVE %$out
%$in:   mov ebx, esp
        LEAVE %$end
%$out:  sysenter
%$end:
END

; -------------------------------------------------------------- CMPXCHG8B

%macro EIGHT 2
        mov dword [SCRATCH], %1
        mov dword [SCRATCH + 4], %2
        mov eax, 0x11111111
        mov edx, 0x22222222
        mov ebx, 0x33333333
        mov ecx, 0x44444444
%endmacro
CASE "cmpxchg8b: equal"
        EIGHT 0x11111111, 0x22222222
        cmpxchg8b [SCRATCH]
        setz bl
        mov eax, [SCRATCH]
        sub eax, [SCRATCH + 4]
END
CASE "cmpxchg8b: the lower half differs"
        EIGHT 0x11111110, 0x22222222
        lock cmpxchg8b [SCRATCH]
        setz bl
        sub eax, edx
END
CASE "cmpxchg8b: the upper half differs"
        EIGHT 0x11111111, 0x22222223
        lock cmpxchg8b [SCRATCH]
        setz bl
        mov eax, edx
END
CASE "cmpxchg8b: flags but ZF stay"
        EIGHT 0, 0
        push dword 0x8d7
        popf
        cmpxchg8b [SCRATCH]
        pushf
        pop eax
        push dword 2
        popf
        xor ebx, ebx
END
CASE "cmpxchg8b: a register"
        db 0x0f, 0xc7, 0xc8
END
CASE "cmpxchg8b: a register, with LOCK"
        db 0xf0, 0x0f, 0xc7, 0xc9
END
CASE "cmpxchg8b: over the limit"
        DESC T0, 0, 0x102, 0x92, 4
        mov ax, T0
        mov fs, ax
        cmpxchg8b [fs:0xfc]
END
CASE "cmpxchg8b: a read-only segment"
        DESC T0, 0, 0xfffff, 0x90, 12
        mov ax, T0
        mov fs, ax
        cmpxchg8b [fs:SCRATCH]
END

; ------------------------------------------------------ control registers

CASE "mov from cr1"
        db 0x0f, 0x20, 0xc8
END
CASE "mov to cr5"
        db 0x0f, 0x22, 0xe8
END
CASE "mov cr: mod is nothing, nor is the operand size"
        mov ebx, 0x12345678
        mov cr2, ebx
        db 0x66, 0x0f, 0x20, 0x10       ; mov eax, cr2 with mod 0
END
%assign ring 1
%rep 3
%defstr digit ring
%strcat name "mov from cr0: ring ", digit
CASE name
        RING ring, %$in
%$in:   mov eax, cr0
END
%strcat name "wrmsr: ring ", digit
CASE name
        RING ring, %$in
%$in:   wrmsr
END
%strcat name "invlpg: ring ", digit
CASE name
        RING ring, %$in
%$in:   invlpg [0]
END
%strcat name "wbinvd: ring ", digit
CASE name
        RING ring, %$in
%$in:   wbinvd
END
%assign ring ring + 1
%endrep
CASE "wbinvd and invlpg in ring 0"
        wbinvd
        invlpg [0xffffffff]
END
CASE "invlpg: a register"
        db 0x0f, 0x01, 0xf8
END
CASE "rsm outside system management mode"
        rsm
END
CASE "lmsw cannot clear PE"
        xor eax, eax
        lmsw ax
        smsw eax
        mov ebx, eax
        and ebx, 0x11
        xor eax, eax
END

; ------------------------------------------------- what means nothing

; Second opcode bytes that no Intel processor up to the Pentium III has, and
; groups' members. ModRM is a register, or where that is something, memory.
%macro NOTHING 2
CASE %1
        db 0x0f, %2
        dd 0, 0
END
%endmacro
        NOTHING "0f 04", 0x04
        NOTHING "0f 05", 0x05
        NOTHING "0f 07", 0x07
        NOTHING "0f 0a", 0x0a
        NOTHING "0f 0c", 0x0c
        NOTHING "0f 0f", 0x0f
        NOTHING "0f 24", 0x24
        NOTHING "0f 25", 0x25
        NOTHING "0f 26", 0x26
        NOTHING "0f 27", 0x27
        NOTHING "0f 36", 0x36
        NOTHING "0f 37", 0x37
        NOTHING "0f 38", 0x38
        NOTHING "0f 39", 0x39
        NOTHING "0f 3a", 0x3a
        NOTHING "0f 3b", 0x3b
        NOTHING "0f 3c", 0x3c
        NOTHING "0f 3d", 0x3d
        NOTHING "0f 3e", 0x3e
        NOTHING "0f 3f", 0x3f
        NOTHING "0f 7a", 0x7a
        NOTHING "0f 7b", 0x7b
        NOTHING "0f 7c", 0x7c
        NOTHING "0f 7d", 0x7d
        NOTHING "0f a6", 0xa6
        NOTHING "0f a7", 0xa7
        NOTHING "0f b8", 0xb8
        NOTHING "0f b9", 0xb9
        NOTHING "0f d0", 0xd0
        NOTHING "0f ff", 0xff
        NOTHING "0f 00 /6", {0x00, 0xf0}
        NOTHING "0f 00 /7", {0x00, 0xf8}
        NOTHING "0f 01 /5", {0x01, 0xe8}
        NOTHING "0f ba /0", {0xba, 0xc0, 1}
        NOTHING "0f ba /3", {0xba, 0xd8, 1}
        NOTHING "0f c7 /0", {0xc7, 0x03}
        NOTHING "0f c7 /2", {0xc7, 0x13}
        NOTHING "0f c7 /7", {0xc7, 0x3b}
        NOTHING "0f 01 /0, a register", {0x01, 0xc6}
        NOTHING "0f 01 /3, a register", {0x01, 0xde}
        NOTHING "0f b2, a register", {0xb2, 0xc0}
        NOTHING "0f b5, a register", {0xb5, 0xc0}
        jmp finish
