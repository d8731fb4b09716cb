; neighbour.asm - who lives beside the hostile: it looks after its own.
;
; Each round it waits for a tick of its timer, and then looks at all that a
; neighbour could have spoilt: 64 KiB of memory, the x87 and the debug
; registers, its segments, its flags. Then it changes them.
%include "lesson.inc"

ROUNDS equ 6
DATA_AT equ 0x200000
WORDS equ 0x4000

lesson: gate 0x20, tick
        mov al, 0x11            ; the 8259: vectors from 0x20, IRQ 0 alone
        out 0x20, al
        mov al, 0x20
        out 0x21, al
        mov al, 4
        out 0x21, al
        mov al, 1
        out 0x21, al
        mov al, 0xfe
        out 0x21, al
        mov al, 0x34            ; the 8254: 1,000 Hz
        out 0x43, al
        mov al, 1193 & 0xff
        out 0x40, al
        mov al, 1193 >> 8
        out 0x40, al
        fninit
        mov dword [seed], 12345
        call fill
.round: sti
.wait:  hlt
        cmp dword [ticks], 0
        je .wait
        cli
        mov dword [ticks], 0
        call check
        call fill
        dec dword [left]
        jnz .round
        say "neighbour: all is as it was", 10
        quit 0

fill:   mov eax, [seed]
        imul eax, eax, 1103515245
        add eax, 12345
        mov [seed], eax
        mov edi, DATA_AT
        mov ecx, WORDS
        rep stosd
        fninit
        fild dword [seed]
        mov eax, [seed]
        and eax, 0xfffffffc
        mov dr0, eax
        ret

check:  mov eax, [seed]
        mov edi, DATA_AT
        mov ecx, WORDS
        repe scasd
        jne .bad
        fist dword [value]
        cmp eax, [value]
        jne .bad
        fnstcw [value]
        cmp word [value], 0x37f
        jne .bad
        and eax, 0xfffffffc
        mov ebx, dr0
        cmp eax, ebx
        jne .bad
        mov ax, ds
        cmp ax, DATA
        jne .bad
        pushf
        pop eax
        test eax, 0x7600        ; IF, DF, IOPL, NT
        jnz .bad
        ret
.bad:   say "neighbour: something has changed", 10
        quit 1

tick:   push eax
        inc dword [ticks]
        mov al, 0x20
        out 0x20, al
        pop eax
        iret

section .data
left:   dd ROUNDS
ticks:  dd 0
seed:   dd 0
value:  dd 0
