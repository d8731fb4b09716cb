; pae.asm - the PAE pointers, what loads them, and large and global pages
; under PAE: see cases.inc. What its entries permit is in permissions-pae.asm.
;
; Of the TLB only what the manual promises is asked: what is gone after
; INVLPG, MOV CR3 and a change of CR4.PGE; never what is still there.

%include "cases.inc"

POINTERS equ 0x300000           ; four entries, and as many again at +32
PAE_DIR equ 0x301000            ; the first GiB
PAE_LOW equ 0x302000            ; the first 4 MiB, as they are: two tables
TABLE   equ 0x304000            ; the table under test
FRAME   equ 0x400000            ; what is mapped: 2 MiB from here
SMALL   equ 0x800000            ; where, by 4 KiB pages
LARGE   equ 0xa00000            ; and by one of 2 MiB
SECOND  equ 0x40000000          ; the second GiB's start

cases:  mov edi, POINTERS
        xor eax, eax
        mov ecx, 5 * 1024
        rep stosd
        mov dword [FRAME], 0x11111111
        mov dword [FRAME + 4096], 0x22222222
        mov eax, 7
        mov edi, PAE_LOW
.next:  mov [edi], eax
        add edi, 8
        add eax, 4096
        cmp eax, 0x400000
        jb .next
        mov dword [POINTERS], PAE_DIR | 1
        mov dword [PAE_DIR], PAE_LOW | 7
        mov dword [PAE_DIR + 8], PAE_LOW + 0x1000 | 7
        mov dword [PAE_DIR + 16], FRAME | 0x87
        mov dword [PAE_DIR + SMALL / 0x200000 * 8], TABLE | 7
        mov dword [PAE_DIR + LARGE / 0x200000 * 8], FRAME | 0x87
        mov dword [TABLE], FRAME | 7
        mov eax, 0x20
        mov cr4, eax
        mov eax, POINTERS
        mov cr3, eax
        mov eax, cr0
        and eax, 0x9fffffff     ; the caches, as firmware has them
        or eax, 0x80010000
        mov cr0, eax

%macro RELOAD 0
        mov eax, cr3
        mov cr3, eax
%endmacro
; Paging off, and on again, while the image goes on where it stands.
%macro OFF 0
        mov eax, cr0
        and eax, 0x7fffffff
        mov cr0, eax
%endmacro
%macro ON 0
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
%endmacro
; A case is left with pointers 1 to 3 empty.
%macro CLEAN 0
        mov dword [POINTERS + 8], 0
        mov dword [POINTERS + 12], 0
        mov dword [POINTERS + 16], 0
        mov dword [POINTERS + 20], 0
        RELOAD
%endmacro

; ----------------------------------------------------------- the pointers

CASE "a pointer that is not present"
        mov eax, [SECOND + 0x123]
END
CASE "a pointer that is not present, a write by ring 3"
        RING 3, %$in
%$in:   mov [SECOND + SMALL], eax
END
CASE "pointers are in registers: a change waits for MOV CR3"
        mov dword [POINTERS + 8], PAE_DIR | 1
        mov eax, [SECOND + SMALL]
END
CASE "and is there after it"
        RELOAD
        mov eax, [SECOND + SMALL]
        mov ebx, [SECOND + LARGE + 4096]
END
        CLEAN
CASE "MOV CR4 that changes PGE loads them"
        mov dword [POINTERS + 8], PAE_DIR | 1
        mov eax, cr4
        xor al, 0x80
        mov cr4, eax
        mov ebx, [SECOND + SMALL]
        xor al, 0x80
        mov cr4, eax
END
        CLEAN
CASE "MOV CR0 that sets PG loads them"
        OFF
        mov dword [POINTERS + 8], PAE_DIR | 1
        ON
        mov ebx, [SECOND + SMALL]
        xor eax, eax
END
        CLEAN
CASE "bits 11:5 of CR3 name them too"
        mov dword [POINTERS + 32], PAE_DIR | 1
        mov dword [POINTERS + 40], PAE_DIR | 1
        mov eax, POINTERS + 32
        mov cr3, eax
        mov ebx, [SECOND + SMALL]
END
        mov eax, POINTERS
        mov cr3, eax
CASE "PWT and PCD in a pointer and in CR3"
        mov dword [POINTERS + 8], PAE_DIR | 0x19
        mov eax, POINTERS | 0x18
        mov cr3, eax
        mov ebx, [SECOND + SMALL]
        mov eax, cr3
END
        CLEAN
CASE "bits 11:9 of a pointer are free"
        mov dword [POINTERS + 8], PAE_DIR | 0xe01
        RELOAD
        mov ebx, [SECOND + SMALL]
END
        CLEAN
%macro RESERVED 3               ; bit, low half, high half
%defstr bit_ %1
%strcat name "reserved in a pointer: bit ", bit_
CASE name
        mov dword [POINTERS + 16], PAE_DIR | 1 | (%2)
        mov dword [POINTERS + 20], %3
        mov eax, POINTERS
        mov cr3, eax
END
        CLEAN
%endmacro
        RESERVED 1, 2, 0
        RESERVED 2, 4, 0
        RESERVED 5, 0x20, 0
        RESERVED 6, 0x40, 0
        RESERVED 7, 0x80, 0
        RESERVED 8, 0x100, 0
        RESERVED 40, 0, 0x100
        RESERVED 63, 0, 0x80000000
CASE "reserved bits of a pointer that is not present"
        mov dword [POINTERS + 16], 0x1fe
        mov dword [POINTERS + 20], 0xfffffff0
        RELOAD
        mov eax, [SMALL]
END
        CLEAN
CASE "refused by MOV CR3: CR3 and the pointers stay"
        mov dword [IDT(13)], KCODE << 16 | (%$on - $$ + 0x100000) & 0xffff
        mov word [IDT(13) + 6], (%$on - $$ + 0x100000) >> 16
        mov dword [POINTERS + 32], PAE_DIR | 1
        mov dword [POINTERS + 40], PAE_DIR | 3
        mov eax, POINTERS + 32
        mov cr3, eax
%$on:   mov eax, cr3
        mov ebx, [SECOND]
END
        mov dword [POINTERS + 40], 0
        mov eax, POINTERS
        mov cr3, eax
CASE "refused by MOV CR0: PG stays clear"
        OFF
        mov dword [POINTERS + 24], PAE_DIR | 5
        ON
END
        mov dword [POINTERS + 24], 0
        ON
CASE "PG is set again"
        mov eax, [SMALL]
END
CASE "without paging a load of CR3 looks at nothing"
        OFF
        mov dword [POINTERS + 24], PAE_DIR | 5
        RELOAD
        mov dword [POINTERS + 24], 0
        ON
        mov eax, [SMALL]
END
CASE "PAE off and on, with paging off"
        OFF
        xor eax, eax
        mov cr4, eax
        mov eax, 0x20
        mov cr4, eax
        ON
        mov eax, [SMALL]
END

; ---------------------------------------------- reserved bits and their error

%macro ENTRY 3                  ; of the table, low half, high half
        mov dword [TABLE + (%1) * 8], %2
        mov dword [TABLE + (%1) * 8 + 4], %3
        invlpg [SMALL + (%1) * 4096]
%endmacro
CASE "a reserved bit, read"
        ENTRY 1, FRAME | 7, 0x80000000
        mov eax, [SMALL + 4096]
END
CASE "a reserved bit in a read-only page, written by ring 3"
        ENTRY 1, FRAME | 5, 0x80000000
        RING 3, %$in
%$in:   mov [SMALL + 4100], eax
END
CASE "reserved bits and not present"
        ENTRY 1, FRAME | 6, 0xfffffff0
        mov eax, [SMALL + 4096]
END
CASE "a reserved bit in the directory, executed"
        mov dword [PAE_DIR + SMALL / 0x200000 * 8 + 4], 0x80000000
        RELOAD
        mov eax, SMALL
        jmp eax
END
        mov dword [PAE_DIR + SMALL / 0x200000 * 8 + 4], 0
        RELOAD
CASE "a fault leaves no A and no D"
        ENTRY 1, FRAME | 7, 0x80000000
        mov dword [IDT(14)], KCODE << 16 | (%$on - $$ + 0x100000) & 0xffff
        mov word [IDT(14) + 6], (%$on - $$ + 0x100000) >> 16
        mov [SMALL + 4096], eax
%$on:   mov eax, [TABLE + 8]
        mov ebx, [TABLE + 12]
END
CASE "above 4 GiB: a page that may be there or not"
        ENTRY 1, FRAME | 7, 1
        mov eax, [SMALL + 4096]
        xor eax, eax
        mov [SMALL + 4096], eax         ; and it is not the one below
        mov eax, [FRAME]
        mov ebx, [TABLE + 8]
END

; ---------------------------------------------------------------- the TLB

CASE "invlpg drops a small page"
        ENTRY 1, FRAME | 7, 0
        mov eax, [SMALL + 4096]
        mov dword [TABLE + 8], 0
        invlpg [SMALL + 4096 + 77]
        mov eax, [SMALL + 4096]
END
CASE "invlpg drops all of 2 MiB"
        mov eax, [LARGE]
        mov eax, [LARGE + 0x1ff000]
        mov dword [PAE_DIR + LARGE / 0x200000 * 8], 0
        invlpg [LARGE + 0x100000]
        mov eax, [LARGE + 0x1ffffc]
END
        mov dword [PAE_DIR + LARGE / 0x200000 * 8], FRAME | 0x87
CASE "invlpg drops a global page"
        mov eax, 0xa0
        mov cr4, eax
        ENTRY 1, FRAME | 0x107, 0
        mov eax, [SMALL + 4096]
        mov dword [TABLE + 8], 0
        invlpg [SMALL + 4096]
        mov eax, [SMALL + 4096]
END
CASE "a change of PGE drops a global page"
        ENTRY 1, FRAME | 0x107, 0
        mov eax, [SMALL + 4096]
        mov dword [TABLE + 8], 0
        mov eax, 0x20
        mov cr4, eax
        mov eax, [SMALL + 4096]
END
CASE "MOV CR3 drops a page that says global, without PGE"
        ENTRY 1, FRAME | 0x107, 0
        mov eax, [SMALL + 4096]
        mov dword [TABLE + 8], 0
        RELOAD
        mov eax, [SMALL + 4096]
END
CASE "MOV CR3 drops a large page"
        mov eax, [LARGE + 4096]
        mov dword [PAE_DIR + LARGE / 0x200000 * 8], 0
        RELOAD
        mov eax, [LARGE + 4096]
END
        mov dword [PAE_DIR + LARGE / 0x200000 * 8], FRAME | 0x87
CASE "MOV CR0 that clears PG drops all"
        mov eax, 0xa0
        mov cr4, eax
        ENTRY 1, FRAME | 0x107, 0
        mov eax, [SMALL + 4096]
        OFF
        mov dword [TABLE + 8], 0
        ON
        mov eax, 0x20
        mov eax, [SMALL + 4096]
END
        mov eax, 0x20
        mov cr4, eax
CASE "what was not present is not remembered"
        mov dword [TABLE + 16], FRAME + 4096 | 7
        mov eax, [SMALL + 8192]
END
CASE "a page of another directory's after MOV CR3"
        mov eax, [SMALL]
        mov dword [POINTERS + 32], PAE_DIR + 0x4000 | 1 ; a second directory
        mov esi, PAE_DIR
        mov edi, PAE_DIR + 0x4000
        mov ecx, 1024
        rep movsd
        mov dword [PAE_DIR + 0x4000 + SMALL / 0x200000 * 8], FRAME | 0x87
        mov eax, POINTERS + 32
        mov cr3, eax
        mov eax, [SMALL + 4096]
        mov ebx, [SMALL]
END
        mov eax, POINTERS
        mov cr3, eax

; ------------------------------------- the processor's own accesses, in ring 3

CASE "ring 3, int: the stack is the supervisor's"
        ENTRY 1, FRAME | 3, 0
        mov dword [tss + 4], SMALL + 8192
        RING 3, %$in
%$in:
END
CASE "ring 3, a descriptor on a supervisor's page"
        ENTRY 1, FRAME | 3, 0
        DESC T0, SMALL + 4096, 15, 0x82, 0
        mov dword [FRAME + 8], 0x0000ffff
        mov dword [FRAME + 12], 0x00cff200
        mov ax, T0
        lldt ax
        RING 3, %$in
%$in:   mov ax, 0x0f
        mov es, ax
        xor eax, eax
END
CASE "and its accessed bit was written"
        mov eax, [FRAME + 12]
END
CASE "ring 3, a descriptor on a missing page: the supervisor's read"
        ENTRY 1, 0, 0
        DESC T0, SMALL + 4096, 15, 0x82, 0
        mov ax, T0
        lldt ax
        RING 3, %$in
%$in:   mov ax, 0x0f
        mov es, ax
END
        jmp finish
