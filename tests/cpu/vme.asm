; vme.asm - CR4.VME and CR4.PVI, case by case: see cases.inc and vm86.inc. SDM
; 3A 20.3. QEMU's interpreter has neither.

%include "vm86.inc"

VIF     equ 0x80000
VIP     equ 0x100000

; The TSS with its bitmaps: redirection at 104, all to the program's own
; handlers but INT 40h and 42h; after it no port.
%macro VME 1
        mov eax, cr4
        or eax, %1
        mov cr4, eax
        mov word [tss + 102], 104 + 32
        mov word [gdt + TSS], 104 + 32
        mov byte [gdt + TSS + 5], 0x89
        mov edi, tss + 104
        mov ecx, 33
        xor eax, eax
        rep stosb
        mov byte [tss + 104 + 8], 5
        mov byte [tss + 104 + 32], 0xff
        mov ax, TSS
        ltr ax
        xor eax, eax
%endmacro
%macro ECASE 3-*                ; a case of the mode, with CR4.VME
CASE %1
        VME 1
        VM86 %2
%rotate 2
%rep %0 - 2
        %1
%rotate 1
%endrep
        VEND
%endmacro

cases:
CASE "cpuid says so; CR4 takes both"
        mov eax, 1
        cpuid
        and edx, 2
        mov eax, 3
        mov cr4, eax
        mov eax, cr4
        mov ebx, edx
        xor edx, edx
        mov cr4, edx
END
; ---------------------------------------------------------- IOPL below 3
ECASE "sti", IOPL0, sti
ECASE "sti, cli", IOPL0, sti, cli
ECASE "sti with VIP", IOPL0 | VIP, sti
ECASE "cli with VIP", IOPL0 | VIF | VIP, cli
ECASE "pushf: IOPL 3, and VIF as IF", IOPL0 | VIF, pushf, {pop ax}
ECASE "pushf: IF is not seen", IOPL0 | 0x200, pushf, {pop ax}
ECASE "pushfd", IOPL0, pushfd
ECASE "popf: IF goes to VIF", IOPL0, {push word 0x7ed7}, popf
ECASE "popf: and clears it", IOPL0 | VIF, {push word 2}, popf
ECASE "popf: IF, and VIP", IOPL0 | VIP, {push word 0x202}, popf
ECASE "popf: no IF, and VIP", IOPL0 | VIP | VIF, {push word 2}, popf
ECASE "popf: TF", IOPL0, {push word 0x102}, popf
ECASE "popfd", IOPL0, {push dword 2}, popfd
CASE "iret"
        VME 1
        VM86 IOPL0
        push word 0x7ed7
        push word VSEG2
        push word %$x - VOFF2
        iret
%$x:    VEND
CASE "iret: IF, and VIP"
        VME 1
        VM86 IOPL0 | VIP
        push word 0x202
        push word VSEG2
        push word %$x - VOFF2
        iret
%$x:    VEND
CASE "iretd"
        VME 1
        VM86 IOPL0
        push dword 0x202
        push dword VSEG2
        push dword %$x - VOFF2
        iretd
%$x:    VEND
ECASE "hlt", IOPL0, hlt
ECASE "in", IOPL0, {in al, 0x80}

; ------------------------------------------------------------- INT n
%macro OWN_HANDLER 1            ; of the program, at linear 0
        mov word [0x41 * 4], %1 - VOFF
        mov word [0x41 * 4 + 2], VSEG
%endmacro
CASE "int n, IOPL 0: to the program"
        VME 1
        OWN_HANDLER %$h
        VM86 IOPL0 | 0x200 | VIF
        int 0x41
        nop
%$h:    pop eax                 ; IP, CS
        pop bx                  ; FLAGS
        VEND
CASE "int n, IOPL 0, VIF clear"
        VME 1
        OWN_HANDLER %$h
        VM86 IOPL0 | 0x200
        int 0x41
        nop
%$h:    pop eax
        pop bx
        VEND
CASE "int n, IOPL 3: to the program"
        VME 1
        OWN_HANDLER %$h
        VM86 IOPL3 | 0x200
        int 0x41
        nop
%$h:    pop eax
        pop bx
        VEND
CASE "int n and back by iret, IOPL 0"
        VME 1
        OWN_HANDLER %$h
        VM86 IOPL0 | VIF
        int 0x41
        jmp %$x
%$h:    inc ax
        iret
%$x:    VEND
ECASE "int n, IOPL 0: to the monitor", IOPL0, {int 0x42}
ECASE "int n, IOPL 3: to the monitor", IOPL3, {int 0x40}
ECASE "int3 is not asked", IOPL0, int3
CASE "int n: the TSS is too small for the bitmap"
        VME 1
        mov word [gdt + TSS], 104 + 4
        mov byte [gdt + TSS + 5], 0x89
        mov ax, TSS
        ltr ax
        VM86 IOPL0
        int 0x41
        VEND
; ------------------------------------------------------------ IOPL 3: as ever
ECASE "IOPL 3: sti is of IF", IOPL3, sti
ECASE "IOPL 3: pushf", IOPL3 | VIF, pushf, {pop ax}
ECASE "IOPL 3: popf", IOPL3, {push word 0x202}, popf
; --------------------------------------------- IRET of ring 0 sets VIF and VIP
CASE "iretd of ring 0: VIF and VIP"
        push dword VIF | VIP | 2
        push dword KCODE
        push dword %$x
        iret
%$x:
END
CASE "popfd of ring 0: not VIF and VIP"
        push dword VIF | VIP | 2
        popf
END
CASE "iretd of ring 3: not VIF and VIP"
        RING 3, %$in
%$in:   push dword VIF | VIP | 0x3002
        push dword CODE3
        push dword %$x
        iret
%$x:
END

; -------------------------------------------------------------- CR4.PVI
%macro PCASE 3-*                ; ring 3, with flags
CASE %1
        VME 2
        push dword DATA3
        push dword STACK3
        push dword %2
        push dword CODE3
        push dword %%in
        mov ax, DATA3
        mov ds, ax
        mov es, ax
        iret
%%in:
%rotate 2
%rep %0 - 2
        %1
%rotate 1
%endrep
END
%endmacro
PCASE "PVI: sti", 2, sti
PCASE "PVI: cli", 2 | VIF, cli
PCASE "PVI: sti with VIP", 2 | VIP, sti
PCASE "PVI: pushf", 2 | VIF, pushf, {pop eax}
PCASE "PVI: popf", 2, {push dword 0x202}, popf
PCASE "PVI: IOPL 3, sti", 0x3002, sti, cli
PCASE "PVI: hlt", 2, hlt
CASE "PVI: ring 1, sti"
        VME 2
        RING 1, %$in, 2
%$in:   sti
END
        jmp finish
