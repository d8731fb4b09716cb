; entry.asm, para - from the monitor to kernel_main, and what the monitor
; reads of us before.
;
; We start in ring 1 with paging on: the monitor has mapped the first 4 MiB
; at 3 GiB, or more if the kernel needs it, and ESI points to start_info.
bits 32

BASE equ 0xc0000000

global start
global hypercall_page
extern kernel_main

section .boot exec
start:  cld
        xor ebp, ebp
        push esi
        call kernel_main                ; does not return

section .text
        align 4096
hypercall_page: times 4096 db 0xcc      ; the monitor fills it

; Xen's elfnote.h: name size, data size, type; name; data.
section .note.xen note noalloc align=4
%macro NOTE 2
        dd 4, 4, %1
        db "Xen", 0
        dd %2
%endmacro
        NOTE 1, start                   ; ENTRY
        NOTE 2, hypercall_page          ; HYPERCALL_PAGE
        NOTE 3, BASE                    ; VIRT_BASE
        NOTE 4, 0                       ; PADDR_OFFSET
        dd 4, 9, 6                      ; GUEST_OS
        db "Xen", 0, "ringside", 0, 0, 0, 0
        dd 4, 8, 8                      ; LOADER
        db "Xen", 0, "generic", 0
        dd 4, 3, 9                      ; PAE_MODE
        db "Xen", 0, "no", 0, 0
