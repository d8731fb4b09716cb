; vm86 - an 8086 program as a task of ring 3, and its monitor in a page.
;
; In virtual-8086 mode the program's segments are an 8086's, and whatever
; touches IF is #GP(0), for IOPL is 0: CLI, STI, PUSHF, POPF, INT n, IRET. Ports
; ask the TSS's bitmap, and there is none. So the monitor below sees all that
; matters, does it to a virtual IF and virtual devices, and goes on: trap and
; emulate, in hardware since 1985, for one kind of guest.
;
; Bare, and all that interpret or translate its kernel: runs.
; Full:  stopped, and told why: real and virtual-8086 mode have no ring that
;        could be pushed outward, and no descriptors that could have shadows.
;
;     ringside run vm86 --technique bare
%include "lesson.inc"

PLACE   equ 0x1000              ; where the program is: at 64 KiB

lesson: mov esi, program
        mov edi, PLACE * 16
        mov ecx, program_end - program
        cld
        rep movsb
        mov eax, tss            ; the stack of ring 0, for the way out
        mov [gdt_task + 2], ax
        shr eax, 16
        mov [gdt_task + 4], al
        mov word [gdt_task], 103
        mov byte [gdt_task + 5], 0x89
        mov dword [tss + 4], stack_top - 1024
        mov dword [tss + 8], DATA
        mov eax, TASK
        ltr ax
        gate 13, monitor
        push dword 0            ; GS, FS, DS, ES
        push dword 0
        push dword PLACE
        push dword PLACE
        push dword PLACE      ; SS, ESP
        push dword 0x1000
        push dword 0x20002      ; EFLAGS: VM, IOPL 0
        push dword PLACE      ; CS, EIP
        push dword 0
        iret

; ------------------------------------------------------------- the monitor
; What is on its stack, from EBP up.
ERROR   equ 0
IP      equ 4
CS_     equ 8
SP_     equ 16
SS_     equ 20

monitor:
        mov ebp, esp
        mov [ss:r_eax], eax     ; all segments but CS and SS are null
        mov [ss:r_edx], edx
        mov ax, DATA
        mov ds, eax
        mov es, eax
        mov esi, [ebp + CS_]    ; the instruction
        shl esi, 4
        add esi, [ebp + IP]
        mov al, [esi]
        cmp al, 0xfa
        je .cli
        cmp al, 0xfb
        je .sti
        cmp al, 0x9c
        je .pushf
        cmp al, 0xcd
        je .int
        cmp al, 0xe4
        je .in
        say "an instruction that this monitor does not know", 10
        quit 1
.cli:   say "CLI: the virtual IF is 0", 10
        mov dword [virtual_if], 0
        jmp .next
.sti:   say "STI: the virtual IF is 1", 10
        mov dword [virtual_if], 0x200
        jmp .next
.pushf: say "PUSHF: shows the virtual IF", 10
        sub word [ebp + SP_], 2
        mov edi, [ebp + SS_]
        shl edi, 4
        add edi, [ebp + SP_]
        mov eax, [virtual_if]
        or eax, 2
        mov [edi], ax
        jmp .next
.in:    say "IN: a virtual port", 10
        mov byte [r_eax], 0x42
        inc dword [ebp + IP]
        jmp .next
.int:   inc dword [ebp + IP]
        cmp byte [esi + 1], 0x21
        jne .end
        say "INT 21h: the program says "
        mov al, [r_edx]
        out 0xe9, al
        say 10
.next:  inc dword [ebp + IP]
        mov eax, [r_eax]
        mov edx, [r_edx]
        mov esp, ebp
        add esp, 4              ; the error code
        iret
.end:   say "INT 20h: the program ends", 10
        quit 0

; ------------------------------------------------------------- the program
        bits 16
program:
        cli
        in al, 0x60
        mov bl, al
        pushf
        pop ax
        test ah, 2
        mov dl, 'C'             ; IF is clear
        jz .clear
        mov dl, 'S'
.clear: mov ah, 2
        int 0x21
        mov dl, bl              ; what the port gave
        int 0x21
        sti
        int 0x20
program_end:
        bits 32

section .data
virtual_if: dd 0
r_eax:  dd 0
r_edx:  dd 0
        align 4
tss:    times 25 dd 0
        dw 0, 104               ; no I/O bitmap
