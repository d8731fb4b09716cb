; boot-modes - a boot sector: from real mode to protected mode, and back.
;
; What changes is how a selector becomes an address. In real mode the base is
; sixteen times the selector. In protected mode it comes from a descriptor, and
; it stays in the segment register, unseen, until the next load: that is why
; the code goes on running between the two instructions of each change, and
; why what comes next is a far jump.
;
; Bare, and all that interpret or translate its kernel: runs.
; Full, para: refused. Their guests have protected mode alone: a processor in
;             real mode has no ring to push a guest out of.
;
;     ringside run boot-modes --technique bare
%include "boot.inc"

CODE16  equ 0x08
CODE32  equ 0x10
DATA32  equ 0x18
DATA16  equ 0x20

lesson: mov ax, 0x1234
        mov ds, ax
        say "real: CR0.PE = "
        smsw ax
        and ax, 1
        call say_ax
        say ", DS 1234 has base 12340: "
        mov dword [0], 0x600d   ; at 12340
        xor ax, ax
        mov ds, ax
        mov ax, 0x1230
        mov es, ax
        mov ax, [es:0x40]
        call say_ax
        say 10

        lgdt [gdt_register]
        mov eax, cr0
        or al, 1
        mov cr0, eax            ; protected: but CS is still as it was
        jmp CODE32:protected

        bits 32
protected:
        mov eax, DATA32
        mov ds, eax
        mov ss, eax
        mov ebx, 0x500000       ; 5 MiB: no selector reaches it in real mode
        mov dword [ebx], 0xca11
        mov eax, [ebx]
        mov [value], ax
        ; The way back: first to segments that are as real mode's are.
        jmp CODE16:leaving

        bits 16
leaving:
        mov ax, DATA16
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov eax, cr0
        and al, ~1
        mov cr0, eax            ; real: but CS is still CODE16
        say "CS is "
        mov ax, cs
        call say_ax
        jmp 0:real

real:   xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        say ", after the jump "
        mov ax, cs
        call say_ax
        say 10, "protected: at 5 MiB: "
        mov ax, [value]
        call say_ax
        say 10
        quit 0

value:  dw 0
        align 8
gdt:    dq 0
        dq 0x00009a000000ffff   ; CODE16: 64 KiB, 16-bit
        dq 0x00cf9a000000ffff   ; CODE32: 4 GiB, 32-bit
        dq 0x00cf92000000ffff   ; DATA32
        dq 0x000092000000ffff   ; DATA16
gdt_register:
        dw gdt_register - gdt - 1
        dd gdt
        boot_end
