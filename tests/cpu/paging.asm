; paging.asm - what paging permits, and the marks it leaves: see cases.inc.
;
; First every combination of U/S and R/W in both levels, CR0.WP, ring and
; access, with 4 KiB and with 4 MiB pages; then what comes of faults in the
; middle of things. After a line of the matrix come the entries' A, D and
; permission bits.
;
; A matrix line's name is digits: the directory entry's and the table entry's
; U and R/W bits as the manual places them (6 is both), WP, the ring, and the
; access (0 read, 1 write, 2 execute).

%include "cases.inc"

DIR     equ 0x300000            ; the page directory
LOW     equ 0x301000            ; the first 4 MiB, as they are
TABLE   equ 0x302000            ; the table under test
FRAME   equ 0x400000            ; what is mapped
SMALL      equ 0x800000            ; where, by 4 KiB pages
LARGE   equ 0xc00000            ; and by one of 4 MiB

cases:  call make_tables
        mov eax, cr4
        or al, 0x10             ; PSE
        mov cr4, eax
        mov eax, DIR
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        mov dword [case_name], name
        jmp matrix

make_tables:
        mov edi, DIR
        xor eax, eax
        mov ecx, 3 * 1024
        rep stosd
        mov eax, 7
        mov edi, LOW
        mov ecx, 1024
.next:  stosd
        add eax, 4096
        loop .next
        mov dword [DIR], LOW | 7
        mov dword [DIR + 4], FRAME | 0x83
        ret

; ------------------------------------------------------------- the matrix

matrix: mov byte [wp], 0
.wp:    mov byte [ring], 0
.ring:  mov byte [access], 0
.access:
        mov byte [dir_bits], 0
.dir:   mov byte [table_bits], 0
.table: mov dword [where], SMALL
        mov dword [case_next], .large
        jmp try
.large: call marks
        cmp byte [table_bits], 6
        jne .more
        mov dword [where], LARGE
        mov dword [case_next], .done
        jmp try
.done:  call marks
.more:  add byte [table_bits], 2
        cmp byte [table_bits], 8
        jne .table
        add byte [dir_bits], 2
        cmp byte [dir_bits], 8
        jne .dir
        inc byte [access]
        cmp byte [access], 3
        jne .access
        inc byte [ring]
        cmp byte [ring], 4
        jne .ring
        inc byte [wp]
        cmp byte [wp], 2
        jne .wp
        jmp single

try:    movzx eax, byte [dir_bits]
        mov [DIR + SMALL / 0x100000], eax
        or dword [DIR + SMALL / 0x100000], TABLE | 1
        mov [DIR + LARGE / 0x100000], eax
        or dword [DIR + LARGE / 0x100000], FRAME | 0x81
        movzx eax, byte [table_bits]
        mov [TABLE], eax
        or dword [TABLE], FRAME | 1
        mov dword [FRAME], 0x40cd40cd   ; INT 0x40, twice
        mov edi, name                   ; the digits
        mov esi, dir_bits
        mov ecx, 5
.digit: lodsb
        add al, '0'
        stosb
        loop .digit
        cmp dword [where], LARGE
        jne .small
        mov byte [name + 1], 'L'
.small: mov eax, cr0
        and eax, ~0x10000
        movzx ebx, byte [wp]
        shl ebx, 16
        or eax, ebx
        mov cr0, eax
        mov eax, cr3
        mov cr3, eax
        mov ebx, [where]
        mov [case_start], ebx
        movzx ecx, byte [access]
        mov ecx, [accesses + ecx * 4]
        movzx eax, byte [ring]
        test eax, eax
        jz .in
        movzx eax, byte [ring]
        mov edx, eax
        shl edx, 4
        or eax, edx
        add eax, 0x10                   ; DATA of that ring
        push eax
        push dword STACK3
        push dword 0x3002
        sub eax, 8
        push eax
        push ecx
        add eax, 8
        mov ds, ax
        mov es, ax
        iret
.in:    jmp ecx

read:   mov eax, [ebx]
        int 0x40
write:  mov dword [ebx], 0x40cd40cd
        int 0x40
execute:
        jmp ebx

marks:  mov esi, s_pde
        mov eax, [where]
        shr eax, 20
        mov eax, [DIR + eax]
        and eax, 0xfff
        cmp byte [r_what], 14   ; A of a directory entry on the way to a
        jne .pde                ; refusal: the manual leaves it open
        and eax, ~0x20
.pde:   call field
        mov esi, s_pte
        mov eax, [TABLE]
        and eax, 0xfff
        call field
        mov al, 10
        out 0xe9, al
        ret

        section .rodata
s_pde:  db "  pde=", 0
s_pte:  db " pte=", 0
accesses: dd read, write, execute
        section .data
dir_bits: db 0
table_bits: db 0
wp:     db 0
ring:   db 0
access: db 0
name:   db "00000", 0
        align 4
where:  dd 0
        section .text

; ------------------------------------------------------------ single cases

; The page at SMALL, two pages on, and the large one: present, for all.
%macro MAP 2                    ; entry of the table, bits
        mov dword [TABLE + (%1) * 4], FRAME + (%1) * 4096 + (%2)
        invlpg [SMALL + (%1) * 4096]
%endmacro
single: mov dword [DIR + SMALL / 0x100000], TABLE | 7
        mov dword [DIR + LARGE / 0x100000], FRAME | 0x87
        mov eax, cr0
        or eax, 0x10000
        mov cr0, eax
        mov eax, cr3
        mov cr3, eax

CASE "directory entry not present"
        mov eax, [0x1000000]
END
CASE "table entry not present, write"
        MAP 1, 0
        mov [SMALL + 4096], eax
END
CASE "table entry not present, from ring 3"
        RING 3, %$in
%$in:   mov eax, [SMALL + 4096]
END
CASE "read sets A, write then D"
        MAP 0, 7
        mov eax, [SMALL]
        mov ebx, [TABLE]
        mov [SMALL], eax
        mov eax, [TABLE]
END
CASE "large: read sets A, write then D"
        mov dword [DIR + LARGE / 0x100000], FRAME | 0x87
        invlpg [LARGE]
        mov eax, [LARGE + 0x5000]
        mov ebx, [DIR + LARGE / 0x100000]
        mov [LARGE + 0x5000], eax
        mov eax, [DIR + LARGE / 0x100000]
END
CASE "large: invlpg anywhere drops all of it"
        mov eax, [LARGE + 0x5000]
        mov dword [DIR + LARGE / 0x100000], 0
        invlpg [LARGE + 0x9000]
        mov eax, [LARGE + 0x5000]
END
CASE "large: a reserved bit"
        mov dword [DIR + LARGE / 0x100000], FRAME | 0x200087
        invlpg [LARGE]
        mov eax, [LARGE]
END
        mov dword [DIR + LARGE / 0x100000], FRAME | 0x87
CASE "without PSE the bit says nothing"
        mov dword [DIR + LARGE / 0x100000], TABLE | 0x87
        MAP 0, 7
        mov dword [FRAME], 0x1234
        mov eax, cr4
        and eax, ~0x10
        mov cr4, eax
        mov ebx, [LARGE]
        or eax, 0x10
        mov cr4, eax
        mov dword [DIR + LARGE / 0x100000], FRAME | 0x87
        mov dword [FRAME], 0x40cd40cd
        invlpg [LARGE]
END
CASE "a read across two pages, the second missing"
        MAP 0, 7
        MAP 1, 0
        mov eax, [SMALL + 4094]
END
CASE "a write across two pages, the second missing"
        mov dword [FRAME + 4092], 0x55555555
        mov dword [SMALL + 4094], 0x77777777
END
CASE "and nothing was written"
        mov eax, [FRAME + 4092]
END
CASE "a write across two pages, the first read-only"
        MAP 0, 5
        MAP 1, 7
        mov dword [SMALL + 4094], 0x77777777
END
CASE "a read-modify-write of a read-only page"
        MAP 0, 5
        add dword [SMALL], 1
END
CASE "an instruction across two pages, the second missing"
        MAP 0, 7
        MAP 1, 0
        mov word [FRAME + 4094], 0xb866 ; mov ax, ...
        jmp SMALL + 4094
END
CASE "the same, both there"
        MAP 1, 7
        mov dword [FRAME + 4096], 0x40cd1234
        jmp SMALL + 4094
END
CASE "push onto a missing page: esp stays"
        MAP 0, 0
        RING 3, %$in
%$in:   mov esp, SMALL + 4096
        push eax
END
CASE "pusha onto a missing page"
        MAP 0, 0
        MAP 1, 7
        RING 3, %$in
%$in:   mov esp, SMALL + 4096 + 16
        pusha
END
CASE "rep movsb faults in the middle"
        MAP 0, 7
        xor ebx, ebx
        MAP 1, 0
        mov esi, FRAME
        mov edi, SMALL + 4092
        mov ecx, 16
        mov eax, [case_start]
        rep movsb
END
CASE "rep stosd faults in the middle, seen by ring 3"
        MAP 0, 7
        MAP 1, 5
        RING 3, %$in
%$in:   mov edi, SMALL + 4088
        mov ecx, 16
        mov eax, 0x01010101
        rep stosd
END
CASE "how far it came"
        mov eax, [FRAME + 4088]
        mov ebx, [FRAME + 4092]
END
CASE "the inner stack is missing: #PF of the supervisor"
        MAP 0, 0
        mov dword [tss + 12], SMALL + 4096
        GATE IDT(0x30), CODE1, stubs, 0xee, 0
        RING 3, %$in
%$in:   int 0x30
END
CASE "the inner stack is read-only"
        MAP 0, 5
        mov dword [tss + 12], SMALL + 4096
        GATE IDT(0x30), CODE1, stubs, 0xee, 0
        RING 3, %$in
%$in:   int 0x30
END
CASE "the inner stack may be the supervisor's own"
        MAP 0, 3
        mov dword [tss + 12], SMALL + 4096
        GATE IDT(0x30), CODE1, %$one, 0xee, 0
        RING 3, %$in
%$in:   int 0x30
%$one:  mov eax, esp
END
CASE "double fault: #PF, its gate not present"
        mov byte [IDT(14) + 5], 0x0e
        mov eax, [0x1000000]
END
CASE "double fault: #GP and #PF, their gates on a missing page"
        mov eax, idt
        mov edi, FRAME
        mov esi, idt
        mov ecx, 512
        rep movsd
        mov word [SCRATCH], 2047
        mov dword [SCRATCH + 2], SMALL + 4096 - 13 * 8
        MAP 0, 7
        MAP 1, 0
        mov esi, FRAME
        mov edi, FRAME + 4096 - 13 * 8
        mov ecx, 13 * 2
        rep movsd
        lidt [SCRATCH]
        mov ax, PAST
        mov ds, ax
END
CASE "an LDT on a read-only page: the accessed bit"
        DESC T0, SMALL, 15, 0x82, 0
        mov dword [FRAME + 8], 0x0000ffff
        mov dword [FRAME + 12], 0x00cf9200
        MAP 0, 5
        mov ax, T0
        lldt ax
        mov ax, 0x0c
        mov es, ax
END
CASE "the same, already set"
        DESC T0, SMALL, 15, 0x82, 0
        mov dword [FRAME + 8], 0x0000ffff
        mov dword [FRAME + 12], 0x00cf9300
        mov ax, T0
        lldt ax
        mov ax, 0x0c
        mov es, ax
END
CASE "an LDT of the supervisor, from ring 3"
        DESC T0, SMALL, 15, 0x82, 0
        mov dword [FRAME + 12], 0x00cff300
        MAP 0, 3
        mov ax, T0
        lldt ax
        RING 3, %$in
%$in:   mov ax, 0x0f
        mov es, ax
END
CASE "new code over old, by another address"
        MAP 0, 7
        mov dword [FRAME], 0xc301b0     ; mov al, 1; ret
        mov eax, SMALL
        call eax
        mov ebx, eax
        mov byte [FRAME + 1], 2
        mov eax, SMALL
        call eax
END
CASE "code that changes the next instruction"
        mov eax, 0
        mov byte [%$to + 1], 7
        jmp %$to
%$to:   mov al, 1
END
CASE "from the supervisor's page to ring 3 on the same page"
        mov dword [FRAME], 0x40cdcf     ; iret; int 0x40
        MAP 0, 3
        push dword DATA3
        push dword STACK3
        push dword 0x3002
        push dword CODE3
        push dword SMALL + 1
        mov eax, SMALL
        jmp eax
END
CASE "large: no execution without a mapping after a flush"
        mov dword [FRAME], 0x40cd40cd
        mov dword [DIR + LARGE / 0x100000], 0
        mov eax, cr3
        mov cr3, eax
        mov eax, LARGE
        jmp eax
END
        jmp finish
