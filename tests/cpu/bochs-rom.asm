; bochs-rom.asm - a ROM in place of a BIOS, that starts a flat image as
; Multiboot does: for tests and benchmarks on Bochs.
;
; The image (IMAGE, a file's name) stands in the ROM. At reset the processor
; is at the ROM's last 16 bytes in real mode; from there to protected mode, copy
; the image to 1 MiB, and enter it 32 bytes in, or ENTRY bytes. LINE, a string,
; is its command line.

%ifndef ENTRY
%define ENTRY 32
%endif
%ifndef LINE
%define LINE ''
%endif

SIZE    equ 0x80000             ; of the ROM: it ends where 4 GiB end
        org -SIZE & 0xffffffff
        bits 32
image:  incbin IMAGE
image_end:
        align 4
information:                    ; Multiboot's: flags, memory, and the line
        dd 4, 0, 0, 0, line
line:   db LINE, 0

        times SIZE - 0x100 - ($ - $$) db 0
flat:   mov ax, 0x10
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov esi, image
        mov edi, 0x100000
        mov ecx, image_end - image
        cld
        rep movsb
        mov eax, 0x2badb002
        mov ebx, information
        mov ecx, 0x100000 + ENTRY
        jmp ecx
        align 8
gdt:    dq 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdtr:   dw 23
        dd gdt

        bits 16
real:   cli
        o32 lgdt [cs:gdtr - image - SIZE + 0x10000]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp dword 8:flat

        times SIZE - 16 - ($ - $$) db 0
        jmp real
        times SIZE - ($ - $$) db 0
