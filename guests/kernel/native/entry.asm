; entry.asm, native - from the loader to kernel_main, on a PC.
;
; A Multiboot 1 loader leaves us in 32-bit protected mode, paging off, with
; EBX pointing to its information. We map the first 64 MiB at 3 GiB, jump
; there, and forget the mapping that the jump needed at 0.
bits 32

BASE equ 0xc0000000
MAGIC equ 0x1badb002
FLAGS equ 3                     ; modules on pages, and how much memory

global start
global boot_directory
extern kernel_main

section .boot exec
        align 4
        dd MAGIC, FLAGS, -(MAGIC + FLAGS)

start:  mov edi, boot_tables - BASE     ; entry n maps frame n
        mov eax, 3                      ; present, writable
        mov ecx, 16 * 1024
.entry: stosd
        add eax, 4096
        loop .entry

        mov edi, boot_directory - BASE
        mov eax, boot_tables - BASE + 3
        mov [edi], eax                  ; for the jump
        add edi, (BASE >> 22) * 4
        mov ecx, 16
.table: stosd
        add eax, 4096
        loop .table

        mov eax, boot_directory - BASE
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80010000              ; PG; WP: the kernel, too, obeys
        mov cr0, eax                    ; read-only pages
        mov eax, high
        jmp eax

section .text
high:   mov dword [boot_directory], 0
        mov eax, cr3
        mov cr3, eax
        mov esp, boot_stack_top
        xor ebp, ebp
        push ebx
        call kernel_main                ; does not return

section .bss
        alignb 4096
boot_directory: resb 4096
boot_tables:    resb 16 * 4096
boot_stack:     resb 4096
boot_stack_top:
