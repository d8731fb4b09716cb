; tasks.asm - hardware task switches, case by case: see cases.inc. SDM 3A
; chapter 7, table 7-1.
;
; Every way into a task (JMP and CALL, straight and by a task gate, INT n,
; faults without and with an error code) is tried with each thing that can be
; wrong with the TSS, the gate, or what the TSS wants to be loaded; then IRET
; with each thing that can be wrong with the way back. TBITS is the size of
; the new task's TSS: tasks16.asm is the same with 16.
;
; A task that is reached runs `landed`, which tells what became of it:
;
;   a = TR, the access byte of the new TSS's descriptor << 16, the old's << 24
;   b = a sum over the registers that the new task found, the old task's TSS,
;       the back link, LDTR and CR0.TS
;
; Of a fault the manual says that it is to be handled by a task of its own
; (SDM 3A 6.15, vector 10): so are vectors 8 and 10 to 13. Then eip, cs and fl
; are those of the task that faulted, as saved in its TSS,
;
;   a = whose fault it was: the back link, and access bytes as above
;   b = a sum over that task's TSS

%include "cases.inc"
%ifndef TBITS
%define TBITS 32
%endif

NEW     equ T0                  ; the new task's TSS
TGATE   equ T1                  ; a task gate to it
BAD     equ T2                  ; what is wrong with something
BASED   equ T3                  ; 32-bit code from `image` on, in reach of 16 bits
TABLE   equ T4                  ; an LDT
ABSENT  equ T5                  ; data that is not present: #NP
STACK16 equ T6                  ; the SS of a 16-bit task: 64 KiB, SP alone
WATCH   equ T7                  ; five tasks that take faults
BASE16  equ 0x230000            ; where that is
TOP     equ OWN + 0x1000        ; the new task's stack

        jmp cases

; Everything that the task found is summed up first.
landed: pushf
        pusha
%macro SEGREG 1                 ; pushed with its upper half
        xor eax, eax
        mov ax, %1
        push eax
%endmacro
        SEGREG ds
        SEGREG es
        SEGREG fs
        SEGREG gs
        mov ax, KDATA
        mov ds, ax
        mov es, ax
%if TBITS = 32
        mov esi, esp
%else
        movzx esi, sp
        add esi, BASE16
        mov ss, ax
        mov esp, OWN
%endif
        mov eax, [esi + 48]
        mov [found], eax        ; EFLAGS
        and dword [tss + 36], ~0x10000  ; RF, which QEMU does not set
        xor ebx, ebx
        mov ecx, 13
        call .sum
        mov esi, tss
        mov ecx, 104 / 4
        call .sum
        movzx eax, word [new_tss]
        add ebx, eax
        rol ebx, 5
        sldt ax
        movzx eax, ax
        add ebx, eax
        mov eax, cr0
        and eax, 8
        add ebx, eax
        mov ecx, [gdt + TSS + 4]
        shl ecx, 16
        mov cx, [gdt + NEW + 4]
        mov cl, ch
        movzx edx, cl
        shl edx, 16
        and ecx, 0xff000000
        xor eax, eax
        str ax
        or eax, edx
        or eax, ecx
        push dword [found]
        popf
        int 0x40
.sum:   rol ebx, 5
        add ebx, [esi]
        add esi, 4
        loop .sum
        ret

; A fault: in EDX the vector, on the stack its error code.
%macro WATCHER 1
watch%1:
        mov edx, %1
        jmp near watched
%endmacro
        WATCHER 8
        WATCHER 10
        WATCHER 11
        WATCHER 12
        WATCHER 13
watched:
        pop ecx                 ; the error code
        xor eax, eax
        str ax
        mov esi, eax
        sub esi, WATCH
        imul esi, esi, 104 / 8
        movzx eax, word [watches + esi] ; who faulted
        and dword [tss + 36], ~0x10000  ; RF, which QEMU does not set
        mov esi, tss
        cmp ax, TSS
        je .whose
        mov esi, new_tss
%if TBITS = 32
        and dword [new_tss + 36], ~0x10000
%else
        movzx edi, word [esi + 16]
        push edi
        movzx edi, word [esi + 36]
        push edi
        movzx edi, word [esi + 14]
        jmp .sum
%endif
.whose: push dword [esi + 36]
        push dword [esi + 76]
        mov edi, [esi + 32]
.sum:   push edi
        push ecx
        push edx
        xor ebx, ebx
        mov ecx, 104 / 4
        call landed.sum
        mov edx, [gdt + TSS + 4]
        shl edx, 16
        and edx, 0xff000000
        or eax, edx
        mov edx, [gdt + NEW + 4]
        shl edx, 8
        and edx, 0x00ff0000
        or eax, edx
        jmp came

; The new task's TSS and descriptors, good in every way; the gates that lead
; to it; and registers to be saved.
prepare:
        mov edi, new_tss
        mov esi, new_good
        mov ecx, 112 / 4
        rep movsd
        mov dword [gdt + BASED], 0x0000ffff
        mov dword [gdt + BASED + 4], 0x00cf9b10
        mov edx, new_tss
        mov [gdt + NEW + 2], dx
        shr edx, 16
        mov [gdt + NEW + 4], edx
%if TBITS = 32
        mov word [gdt + NEW], 103
        mov byte [gdt + NEW + 5], 0xe9
%else
        mov word [gdt + NEW], 43
        mov byte [gdt + NEW + 5], 0xe1
%endif
        mov dword [gdt + ABSENT], 0x0000ffff
        mov dword [gdt + ABSENT + 4], 0x00cf7300
        mov dword [gdt + TABLE], 15
        mov dword [gdt + TABLE + 4], 0x8200 | 0x25
        mov edi, watches
        xor edx, edx
.watch: mov esi, watch_good
        mov ecx, 104 / 4
        rep movsd
        mov eax, [.entries + edx * 4]
        mov [edi - 104 + 32], eax
        lea eax, [edi - 104]
        mov word [gdt + WATCH + edx * 8], 103
        mov [gdt + WATCH + edx * 8 + 2], ax
        shr eax, 16
        mov [gdt + WATCH + edx * 8 + 4], al
        mov word [gdt + WATCH + edx * 8 + 5], 0x89
        movzx ecx, byte [.vectors + edx]
        lea eax, [WATCH + edx * 8]
        shl eax, 16
        mov [idt + ecx * 8], eax
        mov dword [idt + ecx * 8 + 4], 0x8500
        inc edx
        cmp edx, 5
        jb .watch
        mov eax, NEW << 16
        mov edx, 0xe500
        mov edi, gdt + TGATE
        call .gate
        mov edi, IDT(0x30)
        call .gate
        mov edi, IDT(6)
        call .gate
        mov eax, 0xaaaaaaaa
        mov ebx, 0xbbbbbbbb
        mov ecx, 0xcccccccc
        mov edx, 0xdddddddd
        mov ebp, 0xeeeeeeee
        mov esi, 0x5e5e5e5e
        mov edi, 0xd1d1d1d1
        ret
.gate:  mov [edi], eax
        mov [edi + 4], edx
        ret
.entries: dd watch8, watch10, watch11, watch12, watch13
.vectors: db 8, 10, 11, 12, 13

        section .rodata
        align 4
watch_good:
        dd 0, STACK0, KDATA, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0
        dd STACK1, 0, 0, 0, KDATA, KCODE, KDATA, KDATA, 0, 0, 0, 0x680000
new_good:
%if TBITS = 32
        dd 0, STACK0, KDATA, 0, 0, 0, 0, 0
        dd landed, 2, 0x11223344, 0x22334455, 0x33445566
        dd 0x44556677, TOP, 0x55667788, 0x66778899, 0x778899aa
        dd KDATA, KCODE, KDATA, KDATA, 0, KDATA
        dd 0, 0x680000, 0, 0
%else
        dw 0, 0xff00, KDATA, 0, 0, 0, 0
        dw landed - image, 2, 0x1122, 0x2233, 0x3344, 0x4455, 0xff00
        dw 0x5566, 0x6677, 0x7788
        dw KDATA, BASED, STACK16, KDATA, 0
        times 112 - 44 db 0
%endif
        section .data
        align 4
new_tss: times 112 db 0
watches: times 5 * 104 db 0
found:  dd 0
        section .text

; A field of the new TSS, by its place in the 32-bit and 16-bit form.
%macro FIELD 3
%if TBITS = 32
        mov word [new_tss + %1], %3
%else
        mov word [new_tss + %2], %3
%endif
%endmacro
%define F_FLAGS 36, 16
%define F_ES 72, 34
%define F_CS 76, 36
%define F_SS 80, 38
%define F_DS 84, 40
%define F_LDT 96, 42
; The selector in all the gates.
%macro LEADS 1
        mov word [gdt + TGATE + 2], %1
        mov word [IDT(0x30) + 2], %1
        mov word [IDT(6) + 2], %1
%if way = 7
        mov word [IDT(11) + 2], %1
%endif
%endmacro
; The access byte of all the gates.
%macro GATES 1
        mov byte [gdt + TGATE + 5], %1
        mov byte [IDT(0x30) + 5], %1
        mov byte [IDT(6) + 5], %1
%if way = 7
        mov byte [IDT(11) + 5], %1
%endif
%endmacro
%macro TRY 1
CASE {NAME, ": ", %1}
        call prepare
%if way = 7
        mov dword [IDT(11)], NEW << 16
        mov dword [IDT(11) + 4], 0xe500
%endif
%if TBITS = 16
        DESC STACK16, BASE16, 0xffff, 0x93, 0
%endif
%endmacro
%macro GO 0
%if way = 1
        jmp NEW:0x12345678
%elif way = 2
        call NEW:0x12345678
%elif way = 3
        jmp TGATE:0x12345678
%elif way = 4
        call TGATE:0x12345678
%elif way = 5
        int 0x30
%elif way = 6
        ud2
%else
        push ABSENT
        pop ds
%endif
END
%endmacro

cases:
%assign way 1
%rep 7
%if way = 1
%define NAME "jmp"
%elif way = 2
%define NAME "call"
%elif way = 3
%define NAME "jmp by gate"
%elif way = 4
%define NAME "call by gate"
%elif way = 5
%define NAME "int"
%elif way = 6
%define NAME "a fault"
%else
%define NAME "a fault with an error code"
%endif

; --------------------------------------------------------- all is well
TRY "there"
        GO
TRY "IF and CF come from the TSS"
        FIELD F_FLAGS, 0x4203
        GO
TRY "IOPL and AC too"
        FIELD F_FLAGS, 0x3002
        GO
TRY "reserved flags do not"
        FIELD F_FLAGS, 0x802a
        GO
TRY "an LDT"
        FIELD F_LDT, TABLE
        GO
TRY "null data segments"
        FIELD F_DS, 0
        FIELD F_ES, 3
        GO
TRY "from ring 3"
        RING 3, %$in
%$in:   GO
TRY "from ring 3, DPL 2"
        mov byte [gdt + NEW + 5], 0xc9 - (32 - TBITS) / 2
        GATES 0xc5
        RING 3, %$in
%$in:   GO
TRY "from ring 3, DPL of the TSS 0, of the gate 3"
        mov byte [gdt + NEW + 5], 0x89 - (32 - TBITS) / 2
        RING 3, %$in
%$in:   GO
TRY "from ring 2, DPL 2"
        mov byte [gdt + NEW + 5], 0xc9 - (32 - TBITS) / 2
        GATES 0xc5
        RING 2, %$in
%$in:   GO
TRY "NT is saved, not inherited"
        push dword 0x4002
        popf
        GO
TRY "TF, IF and DF are saved"
        push dword 0x0602
        popf
        GO
TRY "to ring 3"
        DESC BAD, 0x100000, 0xfffff, 0xfb, 0xc
        FIELD F_CS, BAD | 3
%if TBITS = 16
        DESC STACK16, BASE16, 0xffff, 0xf3, 0
        FIELD F_SS, STACK16 | 3
%else
        sub dword [new_tss + 32], 0x100000
        FIELD F_SS, DATA3
%endif
        FIELD F_DS, DATA3
        FIELD F_ES, DATA3
        mov word [new_tss + 92], 0
        GO
TRY "to conforming code of ring 0, in ring 3"
        DESC BAD, 0x100000, 0xfffff, 0x9f, 0xc
        FIELD F_CS, BAD | 3
%if TBITS = 16
        DESC STACK16, BASE16, 0xffff, 0xf3, 0
        FIELD F_SS, STACK16 | 3
%else
        sub dword [new_tss + 32], 0x100000
        FIELD F_SS, DATA3
%endif
        FIELD F_DS, DATA3
        FIELD F_ES, DATA3
        mov word [new_tss + 92], 0
        GO

; ------------------------------------------------- the TSS and the gate
TRY "TSS busy"
        or byte [gdt + NEW + 5], 2
        GO
TRY "TSS not present"
        and byte [gdt + NEW + 5], 0x7f
        GO
TRY "TSS is an LDT"
        mov byte [gdt + NEW + 5], 0xe2
        GO
TRY "TSS is code"
        mov byte [gdt + NEW + 5], 0xfb
        GO
TRY "TSS too small"
        dec word [gdt + NEW]
        GO
TRY "TSS too small, and busy"
        dec word [gdt + NEW]
        or byte [gdt + NEW + 5], 2
        GO
TRY "TSS too small, and not present"
        dec word [gdt + NEW]
        and byte [gdt + NEW + 5], 0x7f
        GO
TRY "gate to an LDT's selector"
        LEADS NEW | 4
        GO
TRY "gate with an RPL"
        LEADS NEW | 3
        GO
TRY "gate to null"
        LEADS 0
        GO
TRY "gate past the GDT's end"
        LEADS PAST
        GO
TRY "gate to data"
        LEADS KDATA
        GO
TRY "gate not present"
        GATES 0x65
        GO
TRY "gate not present, DPL 0, from ring 3"
        GATES 0x05
        mov byte [gdt + NEW + 5], 0x09 - (32 - TBITS) / 2
        RING 3, %$in
%$in:   GO

; ------------------------------------------------ what is to be loaded
TRY "LDT: past the end"
        FIELD F_LDT, PAST
        GO
TRY "LDT: in an LDT"
        FIELD F_LDT, TABLE | 4
        GO
TRY "LDT: code"
        FIELD F_LDT, KCODE
        GO
TRY "LDT: a TSS"
        FIELD F_LDT, TSS
        GO
TRY "LDT: not present"
        mov byte [gdt + TABLE + 5], 2
        FIELD F_LDT, TABLE
        GO
TRY "CS: null"
        FIELD F_CS, 0
        GO
TRY "CS: past the end"
        FIELD F_CS, PAST
        GO
TRY "CS: in an LDT that is not there"
        FIELD F_CS, KCODE | 4
        GO
TRY "CS: data"
        FIELD F_CS, KDATA
        GO
TRY "CS: a TSS"
        FIELD F_CS, TSS
        GO
TRY "CS: not present"
        DESC BAD, 0x100000, 0xfffff, 0x1b, 0xc
        FIELD F_CS, BAD
        GO
TRY "CS: DPL over RPL"
        DESC BAD, 0x100000, 0xfffff, 0xfb, 0xc
        FIELD F_CS, BAD
        GO
TRY "CS: conforming, DPL over RPL"
        DESC BAD, 0x100000, 0xfffff, 0xff, 0xc
        FIELD F_CS, BAD
        GO
TRY "EIP over the limit"
        DESC BAD, 0x100000, 0xf, 0x9b, 0x4
        FIELD F_CS, BAD
        GO
TRY "SS: null"
        FIELD F_SS, 0
        GO
TRY "SS: past the end"
        FIELD F_SS, PAST
        GO
TRY "SS: code"
        FIELD F_SS, KCODE
        GO
TRY "SS: read-only"
        DESC BAD, 0, 0xfffff, 0x91, 0xc
        FIELD F_SS, BAD
        GO
TRY "SS: DPL 3"
        FIELD F_SS, DATA3 & ~3
        GO
TRY "SS: RPL 3"
        FIELD F_SS, KDATA | 3
        GO
TRY "DS: past the end"
        FIELD F_DS, PAST
        GO
TRY "DS: code that cannot be read"
        DESC BAD, 0, 0xfffff, 0x99, 0xc
        FIELD F_DS, BAD
        GO
TRY "DS: code that can"
        FIELD F_DS, KCODE
        GO
TRY "DS: a TSS"
        FIELD F_DS, TSS
        GO
TRY "DS: not present"
        FIELD F_DS, ABSENT
        GO
TRY "DS: RPL over DPL"
        FIELD F_DS, KDATA | 3
        GO
TRY "ES: past the end"
        FIELD F_ES, PAST
        GO
%if TBITS = 32
TRY "FS: past the end"
        mov word [new_tss + 88], PAST
        GO
TRY "GS: not present"
        mov word [new_tss + 92], ABSENT
        GO
%endif

; ------------------------------------------------------- the old task
TRY "the old TSS is too small"
        mov byte [gdt + TSS + 5], 0x89
        mov word [gdt + TSS], 103 - 50
        mov ax, TSS
        ltr ax
        GATE IDT(8), KCODE, stubs + 8 * 16, 0x8e, 0
        GATE IDT(10), KCODE, stubs + 10 * 16, 0x8e, 0
        GO
TRY "from a 16-bit TSS"
        mov byte [gdt + TSS + 5], 0x81
        push eax
        mov ax, TSS
        ltr ax
        pop eax
        GO
%assign way way + 1
%endrep

; ------------------------------- faults in the new task, and no other task
%if TBITS = 32                  ; the harness needs a flat stack
%define NAME "jmp, a handler by interrupt gate"
%macro PLAIN 0
        GATE IDT(10), KCODE, stubs + 10 * 16, 0x8e, 0
        GATE IDT(11), KCODE, stubs + 11 * 16, 0x8e, 0
        GATE IDT(12), KCODE, stubs + 12 * 16, 0x8e, 0
        GATE IDT(13), KCODE, stubs + 13 * 16, 0x8e, 0
%endmacro
TRY "LDT"
        PLAIN
        FIELD F_LDT, PAST
        jmp NEW:0
END
TRY "CS"
        PLAIN
        FIELD F_CS, PAST
        jmp NEW:0
END
TRY "SS"
        PLAIN
        FIELD F_SS, PAST
        jmp NEW:0
END
TRY "DS"
        PLAIN
        FIELD F_DS, ABSENT
        jmp NEW:0
END
TRY "EIP over the limit"
        PLAIN
        DESC BAD, 0x100000, 0xf, 0x9b, 0x4
        FIELD F_CS, BAD
        jmp NEW:0
END
%endif

; ------------------------------------------------------------- the way back
%define NAME "iret"
%macro NESTED 0                 ; TR is NEW, nested in TSS, as CALL leaves it
        mov word [new_tss], TSS
        mov byte [gdt + TSS + 5], 0x89
        or byte [gdt + TSS + 5], 2
        push eax
        mov ax, NEW
        ltr ax
        mov dword [tss + 32], %$x
        mov dword [tss + 36], 0x4002
        mov dword [tss + 40], 0x01020304
        mov dword [tss + 56], OWN - 64
        mov dword [tss + 72], KDATA
        mov dword [tss + 76], KCODE
        mov dword [tss + 80], KDATA
        mov dword [tss + 84], KDATA
        pop eax
        push dword 0x4002
        popf
%endmacro
%macro BACK 0
        iret
        nop
%$x:    pushf
        xor eax, eax
        str ax
        mov ah, [gdt + NEW + 5]
        shl eax, 8
        mov al, [gdt + TSS + 5]
        mov ebx, cr0
        shl ebx, 16
%if TBITS = 32
        mov bx, [new_tss + 36]
%else
        mov bx, [new_tss + 16]
%endif
        popf
END
%endmacro
TRY "back"
        NESTED
        BACK
TRY "call and back"
        mov dword [tss + 36], 0
%if TBITS = 32
        mov dword [new_tss + 32], %$in
%else
        mov eax, %$in - image
        mov [new_tss + 14], ax
%endif
        call NEW:0
%$x:    xor eax, eax
        str ax
        mov ah, [gdt + NEW + 5]
        shl eax, 8
        mov al, [gdt + TSS + 5]
        int 0x40
%$in:   iret
END
TRY "twice around"
%if TBITS = 32
        mov dword [new_tss + 32], %$in
%else
        mov eax, %$in - image
        mov [new_tss + 14], ax
%endif
        call NEW:0
        call NEW:0
        int 0x40
%$in:   inc ebx
        iret
        shl ebx, 4
        iret
END
TRY "a fault's task and back"
%if TBITS = 32
        mov dword [new_tss + 32], %$in
%else
        mov eax, %$in - image
        mov [new_tss + 14], ax
%endif
        ud2
        int 0x40
%$in:   add dword [ss:tss + 32], 2
        iret
END
TRY "link: null"
        NESTED
        mov word [new_tss], 0
        BACK
TRY "link: in an LDT"
        NESTED
        mov word [new_tss], TSS | 4
        BACK
TRY "link: past the end"
        NESTED
        mov word [new_tss], PAST
        BACK
TRY "link: not busy"
        NESTED
        mov byte [gdt + TSS + 5], 0x89
        BACK
TRY "link: a data segment"
        NESTED
        mov word [new_tss], KDATA
        BACK
TRY "link: a task gate"
        NESTED
        mov word [new_tss], TGATE
        BACK
TRY "link: not present"
        NESTED
        mov byte [gdt + TSS + 5], 0x0b
        BACK
TRY "link: too small"
        NESTED
        mov word [gdt + TSS], 102
        BACK
TRY "link: with an RPL"
        NESTED
        mov word [new_tss], TSS | 3
        BACK
%if TBITS = 32                  ; EIP does not survive a 16-bit TSS
TRY "link: itself"
        NESTED
        mov word [new_tss], NEW
        FIELD F_FLAGS, 2
        BACK
%endif
TRY "CS: null"
        NESTED
        mov word [tss + 76], 0
        BACK
TRY "SS: null"
        NESTED
        mov word [tss + 80], 0
        BACK
TRY "NT in ring 3, no link"
        RING 3, %$in, 0x4002
%$in:   iret
END
TRY "ltr: a TSS of this size"
        mov ax, NEW
        ltr ax
        mov al, [gdt + NEW + 5]
END
TRY "ltr: busy"
        or byte [gdt + NEW + 5], 2
        mov ax, NEW
        ltr ax
END
TRY "an inner stack from a TSS of this size"
        mov ax, NEW
        ltr ax
        GATE IDT(0x30), KCODE, %$h, 0xee, 0
        RING 3, %$in
%$in:   int 0x30
%$h:    mov eax, esp
        mov ebx, [esp + 12]
        mov esp, OWN
END
        jmp finish
