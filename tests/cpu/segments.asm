; segments.asm - segments and privileges, every combination: SDM 3A chapter 5.
;
;   loads       each register, each type of descriptor, P, DPL, by CPL and RPL
;   questions   LAR, LSL, VERR, VERW of the same: 1 or 0, and the answer
;   transfers   far JMP and CALL to the same, and by call gates
;   interrupts  by gates of each kind, as INT n and as a fault
;   returns     RET and IRET outward, and what they leave in DS
;   limits      up and down, 16- and 32-bit, at the edges
;
; See matrix.inc for the letters.
%include "matrix.inc"

cases:  call loads
        call questions
        call transfers
        call gates
        call interrupts
        call returns
        call stacks
        call inherited
        call limits
        jmp finish

; All descriptors, then sixteen letters: CPL 0 with RPL 0 to 3, CPL 1 ...
%macro DESCRIPTORS 1            ; routine
        FOR [type], 0, 31
        FOR [p], 0, 1
        FOR [dpl], 0, 3
        call %1
        NEXT
        NEXT
        NEXT
%endmacro
%macro ALL_RINGS 1              ; code to try
        FOR [cpl], 0, 3
        FOR [rpl], 0, 3
        call make
        movzx eax, byte [rpl]
        or eax, T0
        mov [sel], eax
        TRY [cpl], %1
        call [tell]
        NEXT
        NEXT
%endmacro
describe:
        name " type "
        number [type]
        name " p "
        mov al, [p]
        call digit
        name " dpl "
        mov al, [dpl]
        call digit
        name ": what="
        ret
        section .data
tell:   dd verdict
        section .text

; ----------------------------------------------------------------- loads
%macro LOADS 1
%defstr %%text %1
        DESCRIPTORS %%one
        jmp %%end
%%one:  name %%text
        call describe
        ALL_RINGS %%code
        endline
        ret
%%code: mov ax, [sel]
        mov %1, ax
        int 0x40
%%end:
%endmacro
loads:  LOADS ds
        LOADS es
        LOADS fs
        LOADS gs
        LOADS ss
        ret

; ------------------------------------------------------------- questions
answer: test byte [r_fl], 0x40
        setnz al
        jz .no
        mov edx, [r_ebx]
        mov [value], edx
.no:    jmp digit
        section .data
value:  dd 0
        section .text
%macro QUESTION 2+
        DESCRIPTORS %%one
        jmp %%end
%%one:  mov dword [value], 0
        name %1
        call describe
        ALL_RINGS %%code
        name " = "
        mov eax, [value]
        and eax, ~0xf0000       ; LAR leaves these undefined
        mov cl, 32
        call hex
        endline
        ret
%%code: mov eax, [sel]
        xor ebx, ebx
        %2
        int 0x40
%%end:
%endmacro
questions:
        mov dword [tell], answer
        QUESTION "lar", {lar ebx, eax}
        QUESTION "lsl", {lsl ebx, eax}
        QUESTION "verr", {verr ax}
        QUESTION "verw", {verw ax}
        mov dword [tell], verdict
        ret

; ------------------------------------------------------------- transfers
; Tasks have a file of their own, call gates come next.
%macro TRANSFER 1
%defstr %%text %1
        DESCRIPTORS %%one
        jmp %%end
%%one:  cmp byte [type], 12
        je %%none
        cmp byte [type], 16
        jae %%some
        mov al, [type]
        and al, 7
        cmp al, 1
        je %%none
        cmp al, 4
        je %%none
        cmp al, 5
        je %%none
%%some: name %%text
        call describe
        ALL_RINGS %%code
        endline
%%none: ret
%%code: mov eax, [sel]
        mov [pointer + 4], ax
        mov dword [pointer], there
        %1 far [pointer]
%%end:
%endmacro
        section .data
pointer: dd 0, 0
        section .text
there:  int 0x40                ; CS says where it came to
transfers:
        TRANSFER jmp
        TRANSFER call
        ret

; ------------------------------------------------------------------ gates
; T0 is the gate, T1 what it leads to, from 1 MiB on, so that the gates of an
; 80286 reach it. [type] is the gate's.
make_gate:
        mov edi, gdt + T1
        mov al, [dpl2]
        shl al, 5
        or al, [kind]           ; 9b, or 9f: it conforms
        mov dword [edi], 0x0000ffff
        mov dword [edi + 4], 0x00cf0010
        mov [edi + 5], al
        mov dword [sel2], T1
        mov word [esi], there - image
        mov word [esi + 2], T1
        mov al, [dpl]
        shl al, 5
        or al, [type]
        or al, 0x80
        mov ah, al
        mov al, 0
        mov [esi + 4], ax
        mov word [esi + 6], 0
        ret
describe_gate:
        name " gate type "
        number [type]
        name " dpl "
        mov al, [dpl]
        call digit
        name " to code "
        number [kind]
        name " dpl "
        mov al, [dpl2]
        call digit
        name ": what="
        ret
%macro CODES 1                  ; of each kind, and each DPL of gate and code
        FOR [dpl], 0, 3
        FOR [dpl2], 0, 3
        mov byte [kind], 0x9b
        call %1
        mov byte [kind], 0x9f
        call %1
        mov byte [kind], 0x1b
        call %1
        NEXT
        NEXT
%endmacro
%macro BY_GATE 1
%defstr %%text %1
        mov byte [type], 4
        CODES %%one
        mov byte [type], 12
        CODES %%one
        jmp %%end
%%one:  name %%text
        call describe_gate
        FOR [cpl], 0, 3
        FOR [rpl], 0, 3
        mov esi, gdt + T0
        call make_gate
        movzx eax, byte [rpl]
        or eax, T0
        mov [sel], eax
        TRY [cpl], %%code
        call verdict
        NEXT
        NEXT
        endline
        ret
%%code: mov eax, [sel]
        mov [pointer + 4], ax
        mov dword [pointer], 0x12345678 ; the gate has the offset
        %1 far [pointer]
%%end:
%endmacro
gates:  BY_GATE jmp
        BY_GATE call
        ret

; ------------------------------------------------------------- interrupts
; By the gate of vector %2.
%macro BY_EVENT 3
        FOR [type], 0, 15
        cmp byte [type], 5      ; a task gate
        je %%next
        mov al, [type]
        and al, 6
        cmp al, 6
        je %%all
        mov byte [dpl], 3       ; no gate: what it leads to is nothing
        mov byte [dpl2], 0
        mov byte [kind], 0x9b
        call %%one
        jmp %%next
%%all:  CODES %%one
%%next:
        NEXT
        jmp %%end
%%one:  name %1
        call describe_gate
        FOR [cpl], 0, 3
        mov esi, IDT(%2)
        call make_gate
        mov dword [sel], (%2) * 8
        TRY [cpl], %%code
        call verdict
        NEXT
        endline
        ret
%%code: %3
%%end:
%endmacro
interrupts:
        BY_EVENT "int n", 0x41, {int 0x41}
        BY_EVENT "ud2", 6, ud2
        call fill_idt
        ret

; ---------------------------------------------------------------- returns
; From each ring to code in T0 by each RPL, with a stack in T1 of each DPL and
; RPL: sixteen letters.
%macro RETURNS 2-*
        FOR [cpl], 0, 3
        FOR [dpl], 0, 3
        FOR [rpl], 0, 3
        mov byte [type], 0x1b
        call %%one
        mov byte [type], 0x1f
        call %%one
        NEXT
        NEXT
        NEXT
        jmp %%end
%%one:  name %1, " from "
        mov al, [cpl]
        call digit
        name " rpl "
        mov al, [rpl]
        call digit
        mov byte [p], 1
        call describe
        FOR [dpl2], 0, 3
        FOR [rpl2], 0, 3
        call make
        mov edi, gdt + T1
        mov al, [dpl2]
        shl al, 5
        or al, 0x93
        mov dword [edi], 0x0000ffff
        mov dword [edi + 4], 0x00cf0000
        mov [edi + 5], al
        movzx eax, byte [rpl]
        or eax, T0
        mov [sel], eax
        movzx eax, byte [rpl2]
        or eax, T1
        mov [sel2], eax
        TRY [cpl], %%code
        call verdict
        NEXT
        NEXT
        endline
        ret
%%code: push dword [sel2]
        push dword STACK3
%rotate 1
%rep %0 - 2
        %1
%rotate 1
%endrep
        push dword [sel]
        push dword there
        %1
%%end:
%endmacro
returns:
        RETURNS "retf", retf
        RETURNS "iret", {push dword 2}, iret
        ret

; An outer ring's stack of each type, P: ring 0 to ring 3.
%macro STACKS 2-*
        FOR [type], 0, 31
        FOR [p], 0, 1
        mov byte [dpl], 3
        name %1, " to a stack of"
        call describe
        mov edi, gdt + T1
        call make_at
        mov dword [sel], CODE3
        mov dword [sel2], T1 | 3
        TRY 0, %%code
        call verdict
        endline
        NEXT
        NEXT
        jmp %%end
%%code: push dword [sel2]
        push dword STACK3
%rotate 1
%rep %0 - 2
        %1
%rotate 1
%endrep
        push dword CODE3
        push dword there
        %1
%%end:
%endmacro
stacks: STACKS "retf", retf
        STACKS "iret", {push dword 2}, iret
        ret

; What DS holds when ring 0 returns to ring 1, 2 and 3: = or 0.
inherited:
        mov byte [p], 1
        FOR [type], 0x11, 0x1f
        FOR [dpl], 0, 3
        test byte [type], 8
        jz .data
        test byte [type], 2
        jz .next                ; code that cannot be read is in no DS
.data:  name "ds after a return,"
        call describe
        call make
        mov dword [sel], T0
        FOR [cpl], 1, 3
        TRY 0, .code
        mov eax, [r_ds]
        cmp eax, T0
        mov al, '='
        je .kept
        mov al, '0'
.kept:  out 0xe9, al
        NEXT
        endline
.next:
        NEXT
        NEXT
        ret
.code:  movzx eax, byte [cpl]
        imul eax, 0x11
        add eax, CODE1 - 0x11
        lea ebx, [eax + 8]
        push ebx
        push dword STACK3
        push eax
        push dword .there
        mov ax, T0
        mov ds, ax
        retf
.there: int 0x40

; ------------------------------------------------------------------ limits
; Descriptors of ring 3, and for each the offsets: 1, 2 and 4 bytes, read by ES,
; then by SS, whose fault is another.
        section .rodata align=4
shapes: dd 0x00000fff, 0x0040f300       ; up to fff
        dd 0x00000001, 0x00c0f300       ; up to 1fff
        dd 0x0000ffff, 0x00cff300       ; all
        dd 0x00000fff, 0x0040f700       ; down from 4 GiB to 1000
        dd 0x00000fff, 0x0000f700       ; down from 64 KiB to 1000
        dd 0x00000001, 0x00c0f700       ; down from 4 GiB to 2000
        dd 0x0000ffff, 0x0000f700       ; down, none of 64 KiB
        dd 0x0000ffff, 0x00cff700       ; down, nothing
        dd 0x00000000, 0x0040f300       ; one byte
        dd 0x00000fff, 0x0040fb00       ; code, up to fff
        dd 0, 0
offsets: dd 0, 1, 0xffc, 0xffd, 0xffe, 0xfff, 0x1000, 0x1001, 0x1ffc, 0x1fff
        dd 0x2000, 0xfffc, 0xfffd, 0xffff, 0x10000, 0xfffffffc, 0xfffffffd
        dd 0xfffffffe, 0xffffffff
offsets_end:
        section .data
offset: dd 0
        section .text
%macro EDGES 1
%defstr %%text %1
        mov dword [value], shapes
%%shape:
        mov esi, [value]
        mov eax, [esi]
        mov ecx, [esi + 4]
        test ecx, ecx
        jz %%end
        mov [gdt + T0], eax
        mov [gdt + T0 + 4], ecx
        name "limit by ", %%text, " of "
        mov esi, [value]
        mov eax, [esi + 4]
        mov cl, 32
        call hex
        mov esi, [value]
        mov eax, [esi]
        mov cl, 32
        call hex
        name ": what="
        mov dword [sel], T0 | 3
        mov dword [sel2], 0
        mov dword [offset], offsets
%%offset:
        TRY 3, %%one
        call verdict
        TRY 3, %%two
        call verdict
        TRY 3, %%four
        call verdict
        add dword [offset], 4
        cmp dword [offset], offsets_end
        jb %%offset
        endline
        add dword [value], 8
        jmp %%shape
%%one:  call at_edge
        mov %1, eax
        mov dl, [%1:esi]
        int 0x40
%%two:  call at_edge
        mov %1, eax
        mov dx, [%1:esi]
        int 0x40
%%four: call at_edge
        mov %1, eax
        mov edx, [%1:esi]
        int 0x40
%%end:
%endmacro
at_edge:
        mov esi, [offset]
        mov esi, [esi]
        mov eax, [sel]
        ret
limits: EDGES es
        EDGES ss
        ret
