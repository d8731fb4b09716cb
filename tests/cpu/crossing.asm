; crossing.asm - accesses that cross from one page into another: see cases.inc.
;
; Each instruction below is run in ring 3 on an operand of which the last 1, 2
; ... bytes lie in the second page, with each page present, missing, read-only
; or the supervisor's. The two pages' frames do not adjoin.
;
;   permitted   memory and EAX must be as after the same instruction on memory
;               that crosses nothing
;   refused     #PF; nothing was written to either page; EAX and ESP are as
;               before; the error code is the access's; CR2 is the operand's
;               first byte if the first page refuses, and else the first byte
;               of the second page
;
; A line tells how many cases an instruction had, and how many went wrong.
; PUSHA, POPA and ENTER access their words one by one, in an order that the
; manual does not fix: of them only the page that CR2 is in counts.

%include "cases.inc"

DIR     equ 0x300000
LOW     equ 0x301000
TABLE   equ 0x302000
FRAME1  equ 0x303000            ; below the border
FRAME2  equ 0x305000            ; beyond it
MIRROR  equ 0x307000            ; in its middle, the same with no border
BORDER  equ 0x801000
AROUND  equ 40                  ; bytes that are watched on either side
P       equ 1
W       equ 2
U       equ 4

; An instruction: its code with the operand at EBX, the operand's bytes, 2 if
; it writes, ESP less EBX in the case of a fault (or NO_ESP), 1 if CR2 is
; loose, and the name.
NO_ESP  equ 0x80000000
%macro ROW 6
        section .rodata
%%name: db %1, 0
        section .rows
        dd %%code, %2, %3, %4, %5, %%name
        section .text
%%code: %6
        int 0x40
%endmacro
struc row
.code:  resd 1
.size:  resd 1
.write: resd 1
.esp:   resd 1
.loose: resd 1
.name:  resd 1
endstruc
        section .rows follows=.rodata align=4 progbits
rows:
        section .text

; ------------------------------------------------------- the instructions

%macro LOAD 0
        mov esi, ebx
        lodsd
%endmacro
%macro STORE 0
        mov edi, ebx
        stosd
%endmacro
%macro SCAN 0
        mov edi, ebx
        scasd
%endmacro
%macro MOVE_FROM 0
        mov esi, ebx
        mov edi, SCRATCH
        movsd
%endmacro
%macro MOVE_TO 0
        mov edi, ebx
        mov esi, SCRATCH
        movsd
%endmacro
%macro COMPARE 0
        mov esi, ebx
        mov edi, SCRATCH
        cmpsd
%endmacro
%macro PUSHED 0
        lea esp, [ebx + 4]
        push eax
%endmacro
%macro PUSHED_WORD 0
        lea esp, [ebx + 2]
        push ax
%endmacro
%macro POPPED 0
        mov esp, ebx
        pop eax
%endmacro
%macro POPPED_TO 0
        mov esp, SCRATCH
        pop dword [ebx]
%endmacro
%macro PUSHED_FROM 0
        mov esp, SCRATCH + 4
        push dword [ebx]
%endmacro
%macro FLAGS_PUSHED 0
        lea esp, [ebx + 4]
        pushf
%endmacro
%macro CALLED 0
        lea esp, [ebx + 4]
        call %%here
%%here: mov eax, 0x5a5a5a5a     ; where it stands is no matter
        mov [esp], eax
%endmacro
%macro ALL_PUSHED 0
        lea esp, [ebx + 32]
        pusha
        mov dword [esp + 12], 0 ; its ESP
        mov dword [esp + 16], 0 ; and EBX: they differ by place
%endmacro
%macro ALL_POPPED 0
        mov esp, ebx
        popa
%endmacro
%macro ENTERED 0
        lea esp, [ebx + 4]
        mov ebp, 0x12345678
        enter 16, 0
%endmacro
%macro LEFT 0
        mov ebp, ebx
        leave
        mov eax, ebp
%endmacro
%macro FAR_POINTER 0
        mov word [ebx + 4], DATA3
        les eax, [ebx]
%endmacro
%macro BIT 0
        mov eax, 31
        bts [ebx], eax
%endmacro
%macro EIGHT 0
        mov edx, ecx
        cmpxchg8b [ebx]         ; not equal: it writes what it read
%endmacro
%macro EXCHANGED 0
        cmpxchg [ebx], ecx
%endmacro

        ROW "mov ax, m", 2, 0, NO_ESP, 0, {mov ax, [ebx]}
        ROW "mov eax, m", 4, 0, NO_ESP, 0, {mov eax, [ebx]}
        ROW "mov m, ax", 2, W, NO_ESP, 0, {mov [ebx], ax}
        ROW "mov m, eax", 4, W, NO_ESP, 0, {mov [ebx], eax}
        ROW "mov m, imm32", 4, W, NO_ESP, 0, {mov dword [ebx], 0x13579bdf}
        ROW "movzx eax, m16", 2, 0, NO_ESP, 0, {movzx eax, word [ebx]}
        ROW "cmp m, eax", 4, 0, NO_ESP, 0, {cmp [ebx], eax}
        ROW "add eax, m", 4, 0, NO_ESP, 0, {add eax, [ebx]}
        ROW "add m, eax", 4, W, NO_ESP, 0, {add [ebx], eax}
        ROW "adc m, ax", 2, W, NO_ESP, 0, {adc [ebx], ax}
        ROW "inc m", 4, W, NO_ESP, 0, {inc dword [ebx]}
        ROW "lock neg m16", 2, W, NO_ESP, 0, {lock neg word [ebx]}
        ROW "not m", 4, W, NO_ESP, 0, {not dword [ebx]}
        ROW "rol m, 5", 4, W, NO_ESP, 0, {rol dword [ebx], 5}
        ROW "shld m, eax, 7", 4, W, NO_ESP, 0, {shld [ebx], eax, 7}
        ROW "xchg m, eax", 4, W, NO_ESP, 0, {xchg [ebx], eax}
        ROW "xadd m, eax", 4, W, NO_ESP, 0, {lock xadd [ebx], eax}
        ROW "cmpxchg m, ecx", 4, W, NO_ESP, 0, {EXCHANGED}
        ROW "cmpxchg8b", 8, W, NO_ESP, 0, {EIGHT}
        ROW "bts m, 31", 4, W, NO_ESP, 0, {BIT}
        ROW "mul m", 4, 0, NO_ESP, 0, {mul dword [ebx]}
        ROW "lodsd", 4, 0, NO_ESP, 0, {LOAD}
        ROW "stosd", 4, W, NO_ESP, 0, {STORE}
        ROW "scasd", 4, 0, NO_ESP, 0, {SCAN}
        ROW "movsd, the source", 4, 0, NO_ESP, 0, {MOVE_FROM}
        ROW "movsd, the destination", 4, W, NO_ESP, 0, {MOVE_TO}
        ROW "cmpsd", 4, 0, NO_ESP, 0, {COMPARE}
        ROW "push eax", 4, W, 4, 0, {PUSHED}
        ROW "push ax", 2, W, 2, 0, {PUSHED_WORD}
        ROW "pushf", 4, W, 4, 0, {FLAGS_PUSHED}
        ROW "push m", 4, 0, NO_ESP, 0, {PUSHED_FROM}
        ROW "pop eax", 4, 0, 0, 0, {POPPED}
        ROW "pop m", 4, W, NO_ESP, 0, {POPPED_TO}
        ROW "call", 4, W, 4, 0, {CALLED}
        ROW "leave", 4, 0, NO_ESP, 0, {LEFT}
        ROW "enter 16, 0", 4, W, 4, 1, {ENTERED}
        ROW "pusha", 32, W, 32, 1, {ALL_PUSHED}
        ROW "popa", 32, 0, 0, 1, {ALL_POPPED}
        ROW "sgdt", 6, W, NO_ESP, 0, {sgdt [ebx]}
        section .rows
rows_end:
        section .text

; --------------------------------------------------------------- the loop

cases:  call make_tables
        mov esi, rows
.row:   mov [this], esi
        call try_row
        mov esi, [this]
        add esi, row_size
        cmp esi, rows_end
        jb .row
        jmp finish

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
        mov dword [DIR + BORDER / 0x400000 * 4], TABLE | 7
        mov eax, DIR
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80010000      ; PG, WP
        mov cr0, eax
        GATE IDT(14), KCODE, fault, 0x8e, 0
        GATE IDT(0x40), KCODE, done, 0xee, 0
        ret

        section .data
        align 4
this:   dd 0                    ; the row
over:   dd 0                    ; bytes in the second page
first:  dd 0                    ; what the pages are: see states
second: dd 0
count:  dd 0
wrong:  dd 0
back:   dd 0
stack:  dd 0
vector: dd 0                    ; what became of it
error:  dd 0
cr_2:   dd 0
got_eax: dd 0
got_esp: dd 0
want_eax: dd 0
want_error: dd 0
want_cr2: dd 0
        section .rodata
        align 4
states: dd 7, 6, 5, 3           ; fine, missing, read-only, the supervisor's
        section .text

try_row:
        xor eax, eax
        mov [count], eax
        mov [wrong], eax
        inc eax
        mov [over], eax
.over:  mov dword [first], 0
.first: mov dword [second], 0
.second:
        call try
        inc dword [count]
        inc dword [second]
        cmp dword [second], 4
        jb .second
        inc dword [first]
        cmp dword [first], 4
        jb .first
        inc dword [over]
        mov esi, [this]
        mov eax, [over]
        cmp eax, [esi + row.size]
        jb .over
        mov esi, [esi + row.name]
        call puts
        mov esi, s_all
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

; The same bytes on both sides of the border, and in the mirror.
fill:   mov ecx, 2 * AROUND
.next:  lea eax, [ecx * 8 + ecx + 3]
        mov [MIRROR + 2048 - AROUND + ecx - 1], al
        loop .next
        mov esi, MIRROR + 2048 - AROUND
        mov edi, FRAME1 + 4096 - AROUND
        mov ecx, AROUND
        rep movsb
        mov edi, FRAME2
        mov ecx, AROUND
        rep movsb
        mov dword [SCRATCH], 0x2468ace0
        ret

; Run the row's code on EBX in ring 3. It comes back.
run:    pop dword [back]
        mov [stack], esp
        mov dword [vector], -1
        mov eax, cr3
        mov cr3, eax
        mov edx, [this]
        mov ax, DATA3
        mov ds, ax
        mov es, ax
        push eax
        push dword STACK3
        push dword 0x2
        push dword CODE3
        push dword [ss:edx + row.code]
        mov eax, 0x89abcdef
        mov ecx, 0x01234567
        iret

done:   push dword 0
        push dword 0x40
        jmp note
fault:  push dword 14
note:   mov [ss:got_eax], eax
        mov ax, KDATA
        mov ds, ax
        mov es, ax
        pop dword [vector]
        pop dword [error]
        mov eax, cr2
        mov [cr_2], eax
        mov eax, [esp + 12]
        mov [got_esp], eax
        mov esp, [stack]
        jmp [back]

; What the manual wants, [want_error] 0 for no fault.
expect: mov esi, [this]
        mov eax, [first]
        mov edx, [over]
        sub edx, [esi + row.size]
        add edx, BORDER                 ; the operand's first byte
        mov [want_cr2], edx
        call .refuses
        jnz .end
        mov dword [want_cr2], BORDER
        mov eax, [second]
        call .refuses
.end:   ret
.refuses:                               ; state EAX: not zero, and the code
        mov edx, U
        or edx, [esi + row.write]
        cmp eax, 1
        je .missing
        or edx, P
        cmp eax, 3
        je .missing
        cmp eax, 2
        jne .fine
        test edx, W
        jnz .missing
.fine:  xor edx, edx
.missing:
        mov [want_error], edx
        test edx, edx
        ret

try:    call fill
        mov dword [TABLE], 0
        mov esi, [this]                 ; as it is where nothing is crossed
        mov ebx, [over]
        sub ebx, [esi + row.size]
        add ebx, MIRROR + 2048
        call run
        mov eax, [got_eax]
        mov [want_eax], eax
        call expect
        cmp dword [want_error], 0
        je .entries
        call fill                       ; nothing is to be changed
.entries:
        mov eax, [first]
        mov eax, [states + eax * 4]
        or eax, FRAME1
        mov [TABLE], eax
        mov eax, [second]
        mov eax, [states + eax * 4]
        or eax, FRAME2
        mov [TABLE + 4], eax
        mov esi, [this]
        mov ebx, [over]
        sub ebx, [esi + row.size]
        add ebx, BORDER
        push ebx
        call run
        pop ebx
        ; compare
        mov esi, MIRROR + 2048 - AROUND
        mov edi, FRAME1 + 4096 - AROUND
        mov ecx, AROUND
        repe cmpsb
        jne bad
        mov edi, FRAME2
        mov ecx, AROUND
        repe cmpsb
        jne bad
        mov edx, [this]
        cmp dword [want_error], 0
        jne .fault
        cmp dword [vector], 0x40
        jne bad
        mov eax, [got_eax]
        cmp eax, [want_eax]
        jne bad
        ret
.fault: cmp dword [vector], 14
        jne bad
        mov eax, [edx + row.esp]
        cmp eax, NO_ESP
        je .no_esp
        add eax, ebx
        cmp eax, [got_esp]
        jne bad
.no_esp:
        cmp dword [edx + row.loose], 0
        jne .loose
        mov eax, [cr_2]
        cmp eax, [want_cr2]
        jne bad
.error: mov eax, [error]
        cmp eax, [want_error]
        jne bad
.end:   ret
.loose: mov eax, [cr_2]
        xor eax, [want_cr2]
        cmp eax, 4096
        jb .error
        cmp dword [first], 0            ; both refuse: either may be met first
        je bad
        cmp dword [second], 0
        je bad
        ret

bad:    inc dword [wrong]
        cmp dword [wrong], 4
        ja .end
        mov esi, [this]
        mov esi, [esi + row.name]
        call puts
        mov esi, s_over
        mov eax, [over]
        call field
        mov esi, s_states
        mov eax, [first]
        shl eax, 4
        or eax, [second]
        call field
        mov esi, s_what
        mov eax, [vector]
        call field
        mov esi, s_err
        mov eax, [error]
        call field
        mov esi, s_cr2
        mov eax, [cr_2]
        call field
        mov esi, s_eax
        mov eax, [got_eax]
        call field
        mov al, 10
        out 0xe9, al
.end:   ret

        section .rodata
s_all:  db ": what=ok", 0
s_cases: db " cases=", 0
s_wrong: db " wrong=", 0
s_over: db ", over by ", 0
s_states: db ", states ", 0
