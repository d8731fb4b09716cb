; exceptions.asm - every exception that an instruction can raise, from every
; ring, through every kind of gate: see cases.inc. SDM 3A chapter 6.
;
; Each handler tells what it found, and the line has its stack and flags:
;
;   a = EIP of the frame from the case's start, and in bits 31:16 its CS
;   b = the handler's CS in bits 31:16, IF and NT as it finds them, and the
;       error code
;
; Through a task gate: a is of the old task's TSS, b the error code.

%include "cases.inc"

BASED   equ T0                  ; 32-bit code from `image` on, for 16-bit gates
CONF    equ T1                  ; flat conforming code of ring 0
NEW     equ T2                  ; a task's TSS
ABSENT  equ T3                  ; data that is not present
NOSTACK equ T4                  ; a stack that is not, of this ring
DIR     equ 0x300000            ; a page directory: 4 MiB that are there
MISSING equ 0x800000            ; and what is not
TASK_AT equ OWN + 0x2000        ; the task's stack

        jmp cases

; The frame's words are of %2 bytes. How many of them are the error code is
; known by the case: [errors].
%macro HANDLER 2
%1:     mov ebp, [ss:errors]
        xor ebx, ebx
%if %2 = 4
        test ebp, ebp
        jz %%none
        pop ebx
%%none: mov eax, [esp]
        mov ecx, [esp + 4]
%else
        test ebp, ebp
        jz %%none
        pop bx
%%none: movzx eax, word [esp]
        mov cx, [esp + 2]
%endif
        sub eax, [ss:case_start]
        movzx eax, ax
        shl ecx, 16
        or eax, ecx
        mov ecx, cs
        shl ecx, 16
        or ebx, ecx
        pushf
        pop ecx
        and ecx, 0x4200
        or ebx, ecx
        int 0x40
%endmacro
        HANDLER by32, 4
        HANDLER by16, 2

by_task:
        xor ebx, ebx
        cmp dword [errors], 0
        je .none
        pop ebx
.none:  mov eax, [tss + 32]
        sub eax, [case_start]
        movzx eax, ax
        mov ecx, [tss + 76]
        shl ecx, 16
        or eax, ecx
        int 0x40

        section .rodata
        align 4
task_good:
        dd 0, STACK0, KDATA, 0, 0, 0, 0, DIR, by_task, 2, 0, 0, 0, 0
        dd TASK_AT, 0, 0, 0, KDATA, KCODE, KDATA, KDATA, 0, 0, 0, 0x680000
limits: dd 1, 5
        section .data
        align 4
task:   times 104 db 0
errors: dd 0
        section .text

; All that a case needs. The gate of vector ECX: offset EAX, selector EBX,
; type EDX.
prepare:
        mov [idt + ecx * 8], ax
        mov [idt + ecx * 8 + 2], bx
        mov [idt + ecx * 8 + 4], dx
        shr eax, 16
        mov [idt + ecx * 8 + 6], ax
        mov dword [gdt + BASED], 0x0000ffff
        mov dword [gdt + BASED + 4], 0x00cf9b10
        DESC CONF, 0, 0xfffff, 0x9f, 0xc
        DESC ABSENT, 0, 0xfffff, 0x73, 0xc
        mov esi, task_good
        mov edi, task
        mov ecx, 104 / 4
        rep movsd
        mov eax, task
        mov word [gdt + NEW], 103
        mov [gdt + NEW + 2], ax
        shr eax, 16
        mov [gdt + NEW + 4], al
        mov word [gdt + NEW + 5], 0x89
        mov dword [DIR], 0xe7
        mov eax, cr4
        or al, 0x10             ; PSE
        mov cr4, eax
        mov eax, DIR
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80040000      ; PG, AM
        mov cr0, eax
        ret

; %1 vector, %2 has it an error code
%macro TRY 2
CASE {NAME, " in ring ", RINGNAME, ", ", KINDNAME}
        mov dword [errors], %2
        mov eax, GATEWAY
%if kind = 3
        sub eax, image
%endif
        mov ebx, GATESEL
        mov ecx, %1
        mov edx, GATEBITS
        call prepare
%endmacro
; Into the ring, if it is not 0.
%macro GO 0
%if ring > 0
        RING ring, %$in
%$in:
%endif
%endmacro

cases:
%assign kind 1
%rep 5
%if kind = 1
%define KINDNAME "interrupt gate"
%define GATEWAY by32
%define GATESEL KCODE
%define GATEBITS 0xee00
%elif kind = 2
%define KINDNAME "trap gate"
%define GATEWAY by32
%define GATESEL KCODE
%define GATEBITS 0xef00
%elif kind = 3
%define KINDNAME "16-bit interrupt gate"
%define GATEWAY by16
%define GATESEL BASED
%define GATEBITS 0xe600
%elif kind = 4
%define KINDNAME "conforming handler"
%define GATEWAY by32
%define GATESEL CONF
%define GATEBITS 0xee00
%else
%define KINDNAME "task gate"
%define GATEWAY 0
%define GATESEL NEW
%define GATEBITS 0xe500
%endif
%assign ring 0
%rep 4
%if ring = 0
%define RINGNAME "0"
%elif ring = 1
%define RINGNAME "1"
%elif ring = 2
%define RINGNAME "2"
%else
%define RINGNAME "3"
%endif

%define NAME "#DE"
TRY 0, 0
        GO
        xor ecx, ecx
        div ecx
END
%define NAME "#DB of a step"
TRY 1, 0
        GO
        pushf
        or dword [esp], 0x100
        popf
        nop
END
%define NAME "#DB of a breakpoint"
TRY 1, 0
        mov eax, %$b
        mov dr2, eax
        mov eax, 0x20
        mov dr7, eax
        GO
%$b:    nop
END
%define NAME "#BP"
TRY 3, 0
        GO
        int3
END
%define NAME "#OF"
TRY 4, 0
        GO
        mov al, 0x7f
        inc al
        into
END
%define NAME "#BR"
TRY 5, 0
        GO
        xor eax, eax
        bound eax, [limits]
END
%define NAME "#UD"
TRY 6, 0
        GO
        ud2
END
%define NAME "#NM"
TRY 7, 0
        mov eax, cr0
        or al, 8
        mov cr0, eax
        GO
        fnop
END
%define NAME "#NP"
TRY 11, 1
        GO
        push dword ABSENT
        pop ds
END
%define NAME "#SS"
TRY 12, 1
        DESC NOSTACK, 0, 0xfffff, (0x13 | ring << 5), 0xc
        GO
        mov ax, NOSTACK | ring
        mov ss, ax
END
%define NAME "#GP"
TRY 13, 1
        GO
        push dword PAST
        pop ds
END
%define NAME "#PF"
TRY 14, 1
        GO
        mov byte [MISSING], 1
END
%define NAME "#AC"
TRY 17, 1
        GO
        pushf
        or byte [esp + 2], 4
        popf
        mov eax, [limits + 1]
END
%define NAME "INT n"
TRY 0x30, 0
        GO
        int 0x30
END
%assign ring ring + 1
%endrep
%assign kind kind + 1
%endrep
        jmp finish
