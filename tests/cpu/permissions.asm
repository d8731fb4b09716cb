; permissions.asm - every combination of what decides whether an access to a
; page is permitted, and of what it leaves behind.
;
;   format      4 KiB pages without and with PSE, pages of 4 MiB; or, with PAE
;               defined (permissions-pae.asm), its pages of 4 KiB and 2 MiB
;   presence    of the directory's entry and of the table's
;   A and D     before: none, A, both
;   CR0.WP, the ring, and the access: a read, a write, a fetch; then by itself
;               a read-modify-write, which is a write from the start
;   U/S and R/W of the directory's entry and of the table's
;
; After each the vector, the error code, CR2 and both entries are compared
; with what the manual says, which stands below as tables. A line tells how
; many cases a format had, and how many went wrong; each of those has a line
; of its own before it. The A of a directory's entry on the way to a refusal
; is left open by the manual, and not looked at.
;
; Then each bit of an entry by itself: the reserved ones fault, with RSVD in
; the error code, and all others do not.

%include "cases.inc"

DIR     equ 0x300000            ; the directory of 32-bit paging
LOW     equ 0x301000            ; the first 4 MiB, as they are
TABLE   equ 0x302000            ; the table under test, of either format
POINTERS equ 0x303000           ; of PAE: four entries
PAE_DIR equ 0x304000            ; the first GiB
PAE_LOW equ 0x305000            ; the first 4 MiB: two tables
FRAME   equ 0x400000            ; what is mapped
WHERE   equ 0xc00000            ; and where
SPOT    equ 0x128               ; what is accessed there
MODIFY  equ 3                   ; the access that has its own round
P       equ 1
W       equ 2
U       equ 4
A       equ 0x20
D       equ 0x40
PS      equ 0x80

; A format: its name, CR4, CR3, the addresses of the two entries under test,
; and whether the directory's maps the page itself.
struc format
.name:  resd 1
.cr4:   resd 1
.cr3:   resd 1
.dir:   resd 1
.table: resd 1
.large: resd 1
endstruc

        section .rodata align=4
formats:
%ifdef PAE
small:  dd n_pae, 0x20, POINTERS, PAE_DIR + WHERE / 0x40000, TABLE, 0
large:  dd n_2m, 0x20, POINTERS, PAE_DIR + WHERE / 0x40000, TABLE, PS
%else
plain:  dd n_32, 0x00, DIR, DIR + WHERE / 0x100000, TABLE, 0
small:  dd n_4k, 0x10, DIR, DIR + WHERE / 0x100000, TABLE, 0
large:  dd n_pse, 0x10, DIR, DIR + WHERE / 0x100000, TABLE, PS
%endif
FORMATS equ ($ - formats) / format_size
n_32:   db "32-bit, 4 KiB", 0
n_4k:   db "32-bit, 4 KiB, PSE", 0
n_pse:  db "32-bit, 4 MiB", 0
n_pae:  db "PAE, 4 KiB", 0
n_2m:   db "PAE, 2 MiB", 0

; SDM 3A 4.6. A page is a user's if U/S is set in all entries, and writable
; if R/W is; in this order: neither, writable, a user's, both.
permitted:
        db "1111", "1111"       ; supervisor's read or fetch: from any page
        db "1111", "0101"       ; its write: any if WP is 0, else writable ones
        db "0011", "0011"       ; a user's read or fetch: user pages
        db "0001", "0001"       ; its write: user pages that are writable
        section .text

cases:  call make_tables
        mov esi, formats
        mov ecx, FORMATS
.next:  push ecx
        mov [fmt], esi
        call turn_on
        call quiet
        mov byte [access], 0
        call matrix
        mov byte [access], MODIFY
        call matrix
        call loud
        mov esi, [fmt]
        add esi, format_size
        pop ecx
        loop .next
        jmp by_bit

make_tables:
        mov edi, DIR
        xor eax, eax
        mov ecx, 7 * 1024
        rep stosd
        mov eax, 7
        mov edi, LOW
        mov ebx, PAE_LOW
.next:  stosd
        mov [ebx], eax
        add ebx, 8
        add eax, 4096
        cmp eax, 0x400000
        jb .next
        mov dword [DIR], LOW | 7
        mov dword [POINTERS], PAE_DIR | P
        mov dword [PAE_DIR], PAE_LOW | 7
        mov dword [PAE_DIR + 8], PAE_LOW + 0x1000 | 7
        ret

; Paging on in the format at ESI. It is off in between.
turn_on:
        mov eax, cr0
        and eax, 0x7fffffff
        mov cr0, eax
        mov dword [FRAME + SPOT], 0x40cd40cd    ; INT 0x40, twice
        mov eax, [esi + format.cr4]
        mov cr4, eax
        mov eax, [esi + format.cr3]
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        ret

; Page faults and INT 0x40 are noted; and printed again.
quiet:  GATE IDT(14), KCODE, fault, 0x8e, 0
        GATE IDT(0x40), KCODE, done, 0xee, 0
        ret
loud:   mov eax, cr0
        and eax, 0x7fffffff
        mov cr0, eax
        jmp fill_idt

; ------------------------------------------------------------- the matrix

; A digit for each dimension, the fastest last, and how many values it has.
        section .data
radix:  db 2, 2, 3, 2, 4, 3, 4, 4
digit:
dir_p:  db 0
table_p: db 0
ad:     db 0
wp:     db 0
ring:   db 0
access: db 0
dir_uw: db 0
table_uw: db 0
        align 4
fmt:    dd 0
count:  dd 0
wrong:  dd 0
vector: dd 0                    ; what became of it
error:  dd 0
cr_2:   dd 0
dir_before: dd 0
table_before: dd 0
want_error: dd 0
want_fault: dd 0
back:   dd 0                    ; where the attempt returns to
stack:  dd 0
        section .text

; For one access if [access] is MODIFY, else for all others.
matrix: xor eax, eax
        mov [count], eax
        mov [wrong], eax
        mov [digit], eax        ; the access is not among these
        mov [dir_uw], ax
        mov [ring], al
.case:  call try
        call check
        inc dword [count]
        mov ecx, 7              ; count up
.digit: mov al, [digit + ecx]
        inc al
        cmp ecx, access - digit
        jne .plain
        cmp al, MODIFY
        ja .carry
.plain: cmp al, [radix + ecx]
        jb .set
        mov byte [digit + ecx], 0
.carry: dec ecx
        jns .digit
        jmp summary
.set:   mov [digit + ecx], al
        jmp .case

; ECX: A and D as [ad] says, for a page's own entry.
marks:  movzx ecx, byte [ad]
        movzx ecx, byte [.table + ecx]
        ret
        section .rodata
.table: db 0, A, A | D
        section .text

; The two entries, by the digits. With large pages the table is not there, and
; its digits say nothing.
entries:
        mov esi, [fmt]
        call marks
        movzx eax, byte [table_uw]
        add eax, eax
        or al, [table_p]
        or eax, ecx
        or eax, FRAME
        mov edi, [esi + format.table]
        mov [edi], eax
        mov [table_before], eax
        movzx eax, byte [dir_uw]
        add eax, eax
        or al, [dir_p]
        cmp dword [esi + format.large], 0
        jne .large
        and ecx, A
        or eax, ecx
        or eax, TABLE
        jmp .set
.large: or eax, ecx
        or eax, FRAME | PS
.set:   mov edi, [esi + format.dir]
        mov [edi], eax
        mov [dir_before], eax
        ret

try:    call entries
.entered:
        mov eax, cr0
        and eax, ~0x10000
        movzx ebx, byte [wp]
        shl ebx, 16
        or eax, ebx
        mov cr0, eax
        mov eax, cr3
        mov cr3, eax
        mov dword [vector], -1
        mov dword [error], -1
        xor eax, eax
        mov cr2, eax
        pop dword [back]
        mov [stack], esp
        mov ebx, WHERE + SPOT
        movzx ecx, byte [access]
        mov ecx, [accesses + ecx * 4]
        movzx eax, byte [ring]
        test eax, eax
        jz .in
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

        section .rodata
        align 4
accesses: dd read, write, execute, modify
        section .text
read:   mov eax, [ebx]
        int 0x40
write:  mov dword [ebx], 0x40cd40cd
        int 0x40
execute:
        jmp ebx
modify: lock or dword [ebx], 0
        int 0x40

; They come here with the error code, or without.
done:   push dword 0
        push dword 0x40
        jmp note
fault:  push dword 14
note:   mov ax, KDATA
        mov ds, ax
        mov es, ax
        pop dword [vector]
        pop dword [error]
        mov eax, cr2
        mov [cr_2], eax
        mov esp, [stack]
        jmp [back]

; What the manual wants: [want_fault] and [want_error].
expect: mov esi, [fmt]
        xor eax, eax
        mov al, [access]        ; W/R: 1 is a write, 3 is one too
        and al, 1
        mov edx, eax            ; the table's index: user, write, WP, U, W
        add eax, eax
        mov [want_error], eax
        cmp byte [ring], 3      ; U/S of the error code: CPL 3, no other
        jne .ring
        or dword [want_error], U
        or edx, 2
.ring:  add edx, edx
        or dl, [wp]
        mov al, [dir_uw]
        mov ah, [dir_p]
        cmp dword [esi + format.large], 0
        jne .both
        and al, [table_uw]
        and ah, [table_p]
.both:  mov dword [want_fault], 1
        test ah, ah             ; something is missing: P is 0
        jz .end
        shl edx, 2
        or dl, al
        cmp byte [permitted + edx], "1"
        jne .refused
        mov dword [want_fault], 0
        mov dword [want_error], 0
        ret
.refused:
        or dword [want_error], P
.end:   ret

; An entry in EDI must be ECX, the bits of EDX aside.
same:   mov eax, [edi]
        xor eax, ecx
        not edx
        and eax, edx
        or [.sum], eax
        ret
        section .data
        align 4
.sum:   dd 0
        section .text

check:  call expect
        mov dword [same.sum], 0
        mov eax, [error]
        xor eax, [want_error]
        or [same.sum], eax
        mov esi, [fmt]
        mov ecx, [table_before]
        mov ebx, [dir_before]
        cmp dword [want_fault], 0
        jne .fault
        mov eax, A              ; SDM 3A 4.8
        test byte [access], 1
        jz .leaf
        or eax, D
.leaf:  cmp dword [esi + format.large], 0
        jne .large
        or ecx, eax
        or ebx, A
        jmp .none
.large: or ebx, eax
.none:  xor edx, edx
        cmp dword [vector], 0x40
        je .compare
        jmp bad
.fault: mov edx, A
        cmp dword [esi + format.large], 0
        je .open
        xor edx, edx            ; a page's own entry stays as it was
.open:  cmp dword [vector], 14
        jne bad
        cmp dword [cr_2], WHERE + SPOT
        jne bad
.compare:
        mov edi, [esi + format.dir]
        xchg ebx, ecx
        call same
        mov ecx, ebx
        xor edx, edx
        mov edi, [esi + format.table]
        call same
        cmp dword [same.sum], 0
        jne bad
        ret

; The case's digits, and all that was found.
bad:    inc dword [wrong]
        cmp dword [wrong], 20
        ja .end
        mov esi, [fmt]
        mov esi, [esi + format.name]
        call puts
        mov al, " "
        out 0xe9, al
        xor ebx, ebx
.digit: mov al, [digit + ebx]
        add al, "0"
        out 0xe9, al
        inc ebx
        cmp ebx, 8
        jb .digit
        mov esi, s_what
        mov eax, [vector]
        call field
        mov esi, s_err
        mov eax, [error]
        call field
        mov esi, s_want
        mov eax, [want_error]
        call field
        mov esi, s_cr2
        mov eax, [cr_2]
        call field
        mov edi, [fmt]
        mov esi, s_pde
        mov eax, [edi + format.dir]
        mov eax, [eax]
        call field
        mov esi, s_pte
        mov eax, [edi + format.table]
        mov eax, [eax]
        call field
        mov al, 10
        out 0xe9, al
.end:   ret

summary:
        mov esi, [fmt]
        mov esi, [esi + format.name]
        call puts
        cmp byte [access], MODIFY
        jne .all
        mov esi, s_rmw
        call puts
.all:   mov esi, s_all
        call puts
        mov esi, s_cases
        mov eax, [count]
        call field
        mov esi, s_wrong
        mov eax, [wrong]
        call field
        mov al, 10
        out 0xe9, al
        ret

        section .rodata
s_want: db " want=", 0
s_pde:  db " pde=", 0
s_pte:  db " pte=", 0
s_all:  db ": what=ok", 0
s_rmw:  db ", read-modify-write", 0
s_cases: db " cases=", 0
s_wrong: db " wrong=", 0
        section .text

; --------------------------------------------------------- bit after bit

; A read of the page with one more bit set in one of the entries. BITS_OF
; name, format, the entry's field, and which bits to try, high half and low
; (an address bit of a directory's entry would lead to another table). The
; line tells which of them were reserved.
%macro BITS_OF 5
        section .rodata
%%name: db %1, 0
        section .text
        mov dword [bit_name], %%name
        mov esi, %2
        mov eax, [esi + %3]
        mov [bit_at], eax
        mov dword [tried], %5
        mov dword [tried + 4], %4
        call try_bits
%endmacro

by_bit:
%ifdef PAE
        BITS_OF "PAE, directory", small, format.dir, 0xfffffff0, 0xf18
        BITS_OF "PAE, table", small, format.table, 0xffffffff, 0xfffffff8
        BITS_OF "2 MiB page", large, format.dir, 0xffffffff, 0xfffffff8
%else
        BITS_OF "without PSE, directory", plain, format.dir, 0, 0xf98
        BITS_OF "without PSE, table", plain, format.table, 0, 0xfffffff8
        BITS_OF "with PSE, directory", small, format.dir, 0, 0xf18
        BITS_OF "with PSE, table", small, format.table, 0, 0xfffffff8
        BITS_OF "4 MiB page", large, format.dir, 0, 0xfffffff8
%endif
        jmp finish

        section .data
        align 4
bit_name: dd 0
bit_at: dd 0
bit:    dd 0
tried:  dd 0, 0
reserved: dd 0, 0
        section .text

try_bits:
        mov [fmt], esi
        xor eax, eax
        mov [reserved], eax
        mov [reserved + 4], eax
        mov [bit], eax
        mov dword [digit], 0x01020101   ; all is permitted
        mov dword [digit + 4], 0x03030000
        call turn_on
        call quiet
.bit:   mov ecx, [bit]
        bt [tried], ecx
        jnc .next
        call entries
        mov eax, [bit_at]
        mov ecx, [bit]
        bts [eax], ecx
        call try.entered
        mov ecx, [bit]
        test byte [error], 8            ; RSVD
        jz .fine
        bts [reserved], ecx
.fine:  mov eax, [bit_at]
        mov dword [eax + 4], 0
.next:  inc dword [bit]
        cmp dword [bit], 64
        jb .bit
        call loud
        mov esi, [bit_name]
        call puts
        mov esi, s_all
        call puts
        mov esi, s_reserved
        mov eax, [reserved + 4]
        call field
        mov al, "'"
        out 0xe9, al
        mov eax, [reserved]
        mov cl, 32
        call hex
        mov al, 10
        out 0xe9, al
        ret

        section .rodata
s_reserved: db " reserved=", 0
