; pages - what a page costs that is touched for the first time.
;
; The guest maps its first 4 MiB, page for page, in two directories alike, and
; turns paging on. Then it writes to one word of each of PAGES pages, goes to
; the other directory and back, and last has one page taken away: the write to
; it is a page fault of its own, and the handler brings the page back.
%include "lib.inc"

PAGES equ 5 + SEED % 7
SWITCHES equ 2 + SEED % 3
FIRST equ 0x200000
GONE equ 0x300000

lesson: gate 14, fault
        mov edi, table
        mov eax, 3                      ; present, writable
        mov ecx, 1024
.fill:  stosd
        add eax, 4096
        dec ecx
        jnz .fill
        mov dword [one], table + 3
        mov dword [two], table + 3
        mov dword [table + (GONE >> 12) * 4], 0
        mov eax, one
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax

        mov edi, FIRST
        mov ecx, PAGES
.touch: mov dword [edi], 1
        mov dword [edi + 4], 2          ; the page is there by now
        add edi, 4096
        dec ecx
        jnz .touch

        mov ecx, SWITCHES
.other: mov eax, two
        mov cr3, eax
        mov eax, one
        mov cr3, eax
        dec ecx
        jnz .other

        mov dword [GONE], 3
        quit 0

fault:  push eax
        mov eax, cr2
        mov dword [table + (GONE >> 12) * 4], GONE + 3
        invlpg [eax]
        pop eax
        add esp, 4                      ; the error code
        iret

section .bss
        alignb 4096
one:    resb 4096
two:    resb 4096
table:  resb 4096
