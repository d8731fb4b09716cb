; align.asm - the alignment check: see cases.inc.
;
; Each instruction is run in ring 3 with CR0.AM and EFLAGS.AC on an operand
; that stands 0 to 15 bytes behind a multiple of 16. A line has a bit for each
; of these places: `ac`, it was #AC(0); `other`, it was some other exception;
; `harm`, memory, EAX or ESP changed although it was refused. What the manual
; wants is table 6-7 of SDM 3A.
;
; Then one access, at an odd address, for each of the four rings, CR0.AM and
; EFLAGS.AC; and what the processor itself reads and writes, which is never
; checked.

%include "cases.inc"

AREA    equ 0x300000            ; where operands stand
BYTES   equ 256
SAVED   equ 0x301000            ; what was there

NO_ESP  equ 0x80000000

; Name, ESP less EBX if the instruction is refused (or NO_ESP), code with the
; operand at EBX.
%macro ROW 3
        section .rodata
%%name: db %1, 0
        section .rows
        dd %%code, %2, %%name
        section .text
%%code: %3
        int 0x40
%endmacro
struc row
.code:  resd 1
.esp:   resd 1
.name:  resd 1
endstruc
        section .rows follows=.rodata align=4 progbits
rows:
        section .text

%macro AT_ESI 1
        mov esi, ebx
        %1
%endmacro
%macro AT_EDI 1
        mov edi, ebx
        %1
%endmacro
%macro PUSHED 2                 ; bytes, instruction
        lea esp, [ebx + %1]
        %2
%endmacro
%macro POPPED 1
        mov esp, ebx
        %1
%endmacro
%macro CALLED 0
        lea esp, [ebx + 4]
        call %%here
%%here:
%endmacro
%macro RETURNED 0
        mov esp, ebx
        mov dword [esp], %%here
        ret
%%here:
%endmacro
%macro LEFT 0
        mov ebp, ebx
        leave
%endmacro
%macro BIT 2
        mov eax, 9
        %1 %2
%endmacro
%macro IN_BOUNDS 2
        xor eax, eax
        bound %1, %2
%endmacro

        ROW "mov al, m", NO_ESP, {mov al, [ebx]}
        ROW "mov ax, m", NO_ESP, {mov ax, [ebx]}
        ROW "mov eax, m", NO_ESP, {mov eax, [ebx]}
        ROW "mov m, ax", NO_ESP, {mov [ebx], ax}
        ROW "mov m, eax", NO_ESP, {mov [ebx], eax}
        ROW "add m, eax", NO_ESP, {add [ebx], eax}
        ROW "movzx eax, m16", NO_ESP, {movzx eax, word [ebx]}
        ROW "mov m, ds", NO_ESP, {mov [ebx], ds}
        ROW "cmpxchg8b", NO_ESP, {cmpxchg8b [ebx]}
        ROW "bt m, eax", NO_ESP, {BIT bt, {[ebx], eax}}
        ROW "bts m, ax", NO_ESP, {BIT bts, {[ebx], ax}}
        ROW "bound eax, m", NO_ESP, {IN_BOUNDS eax, [ebx]}
        ROW "bound ax, m", NO_ESP, {IN_BOUNDS ax, [ebx]}
        ROW "lfs eax, m", NO_ESP, {lfs eax, [ebx]}
        ROW "lfs ax, m", NO_ESP, {lfs ax, [ebx]}
        ROW "sgdt", NO_ESP, {sgdt [ebx]}
        ROW "sidt", NO_ESP, {sidt [ebx]}
        ROW "sldt", NO_ESP, {sldt [ebx]}
        ROW "lodsw", NO_ESP, {AT_ESI lodsw}
        ROW "lodsd", NO_ESP, {AT_ESI lodsd}
        ROW "stosw", NO_ESP, {AT_EDI stosw}
        ROW "stosd", NO_ESP, {AT_EDI stosd}
        ROW "scasd", NO_ESP, {AT_EDI scasd}
        ROW "push eax", 4, {PUSHED 4, push eax}
        ROW "push ax", 2, {PUSHED 2, push ax}
        ROW "push ds", 4, {PUSHED 4, push ds}
        ROW "pushf", 4, {PUSHED 4, pushf}
        ROW "pusha", 32, {PUSHED 32, pusha}
        ROW "pop eax", 0, {POPPED pop eax}
        ROW "pop ax", 0, {POPPED pop ax}
        ROW "popa", 0, {POPPED popa}
        ROW "call", 4, {CALLED}
        ROW "leave", NO_ESP, {LEFT}
        ROW "fld m32", NO_ESP, {fld dword [ebx]}
        ROW "fld m64", NO_ESP, {fld qword [ebx]}
        ROW "fld m80", NO_ESP, {fld tword [ebx]}
        ROW "fstp m32", NO_ESP, {fstp dword [ebx]}
        ROW "fstp m64", NO_ESP, {fstp qword [ebx]}
        ROW "fstp m80", NO_ESP, {fstp tword [ebx]}
        ROW "fild m16", NO_ESP, {fild word [ebx]}
        ROW "fild m64", NO_ESP, {fild qword [ebx]}
        ROW "fistp m64", NO_ESP, {fistp qword [ebx]}
        ROW "fbld", NO_ESP, {fbld [ebx]}
        ROW "fbstp", NO_ESP, {fbstp [ebx]}
        ROW "fnstcw", NO_ESP, {fnstcw [ebx]}
        ROW "fnstenv, 32 bits", NO_ESP, {fnstenv [ebx]}
        ROW "fldenv, 32 bits", NO_ESP, {fldenv [ebx]}
        ROW "fnsave, 32 bits", NO_ESP, {fnsave [ebx]}
        ROW "frstor, 32 bits", NO_ESP, {frstor [ebx]}
        ROW "fnstenv, 16 bits", NO_ESP, {o16 fnstenv [ebx]}
        ROW "fldenv, 16 bits", NO_ESP, {o16 fldenv [ebx]}
        ROW "fnsave, 16 bits", NO_ESP, {o16 fnsave [ebx]}
        ROW "frstor, 16 bits", NO_ESP, {o16 frstor [ebx]}
        section .rows
rows_end:
        section .data
        align 4
this:   dd 0
place:  dd 0
ac:     dd 0                    ; bit by place
other:  dd 0
harm:   dd 0
vector: dd 0
got_eax: dd 0
got_esp: dd 0
back:   dd 0
stack:  dd 0
        section .rodata
s_ac:   db ": what=ok ac=", 0
s_other: db " other=", 0
s_harm: db " harm=", 0
        section .text

cases:  GATE IDT(17), KCODE, refused, 0x8e, 0
        GATE IDT(13), KCODE, faulted, 0x8e, 0
        GATE IDT(12), KCODE, faulted, 0x8e, 0
        GATE IDT(6), KCODE, gone, 0x8e, 0
        GATE IDT(0x40), KCODE, done, 0xee, 0
        mov eax, cr0
        and eax, 0x9fffffff     ; the caches, as firmware has them
        or eax, 0x40000         ; AM
        mov cr0, eax
        mov esi, rows
.row:   mov [this], esi
        call try_row
        mov esi, [this]
        add esi, row_size
        cmp esi, rows_end
        jb .row
        call restore
        jmp single

try_row:
        xor eax, eax
        mov [place], eax
        mov [ac], eax
        mov [other], eax
        mov [harm], eax
.next:  call try
        inc dword [place]
        cmp dword [place], 16
        jb .next
        mov esi, [this]
        mov esi, [esi + row.name]
        call puts
        mov esi, s_ac
        mov eax, [ac]
        call field
        mov esi, s_other
        mov eax, [other]
        call field
        mov esi, s_harm
        mov eax, [harm]
        call field
        mov al, 10
        out 0xe9, al
        ret

; An x87 state, over and over: what FLDENV and FRSTOR take is harmless.
fill:   mov edi, AREA
        mov ecx, BYTES / 4
        xor eax, eax
        rep stosd
        fninit
        fldz
        fldz
        mov esi, AREA
        mov edi, SAVED
        mov ecx, BYTES / 4
        rep movsd
        ret

; In ring 3, with AC. It comes back.
try:    pop dword [back]
        mov [stack], esp
        call fill
        mov edx, [this]
        mov ebx, AREA + 64
        add ebx, [place]
        mov ax, DATA3
        mov ds, ax
        mov es, ax
        push eax
        push dword STACK3
        push dword 0x40002      ; AC
        push dword CODE3
        push dword [ss:edx + row.code]
        mov eax, 0x89abcdef
        mov ecx, 0x01234567
        xor edx, edx
        iret

refused:                        ; the error code must be 0
        pop dword [ss:vector]
        neg dword [ss:vector]
        jmp gone
faulted:
        add esp, 4
        mov dword [ss:vector], 13
        jmp note
done:   mov dword [ss:vector], -1
        jmp note
gone:   cmp dword [ss:vector], 0
        je note                 ; #AC(0)
        mov dword [ss:vector], 6
note:   mov [ss:got_eax], eax
        mov ax, KDATA
        mov ds, ax
        mov es, ax
        mov eax, [esp + 12]
        mov [got_esp], eax
        mov esp, [stack]
        mov eax, [vector]
        mov dword [vector], 6   ; until #AC says otherwise
        mov ecx, [place]
        cmp eax, -1
        je .back
        test eax, eax
        jz .refused
        bts [other], ecx
        jmp .back
.refused:
        bts [ac], ecx
        mov esi, AREA
        mov edi, SAVED
        mov ecx, BYTES / 4
        repe cmpsd
        jne .harm
        cmp dword [got_eax], 0x89abcdef
        jne .eax
.esp:   mov edx, [this]
        mov eax, [edx + row.esp]
        cmp eax, NO_ESP
        je .back
        add eax, AREA + 64
        add eax, [place]
        cmp eax, [got_esp]
        je .back
.harm:  mov ecx, [place]
        bts [harm], ecx
.back:  jmp [back]
.eax:   cmp dword [got_eax], 9  ; what some rows set it to first
        ja .harm
        jmp .esp

; ------------------------------------------------------ who is checked at all

%macro ODD 3                    ; ring, AM, AC
%defstr digit_ %1
%defstr am_ %2
%defstr ac_ %3
%strcat name "ring ", digit_, ", AM ", am_, ", AC ", ac_
CASE name
        mov eax, cr0
        and eax, ~0x40000
        or eax, %2 << 18
        mov cr0, eax
%if %1
        RING %1, %$in, 0x3002 | %3 << 18
%else
        push dword 2 | %3 << 18
        popf
%endif
%$in:   mov ebx, [AREA + 1]
END
%endmacro

single: mov dword [AREA], 0x11111111
        mov dword [AREA + 4], 0x11111111
%assign ring 0
%rep 4
        ODD ring, 0, 0
        ODD ring, 0, 1
        ODD ring, 1, 0
        ODD ring, 1, 1
%assign ring ring + 1
%endrep
        mov eax, cr0
        or eax, 0x40000
        mov cr0, eax

CASE "virtual-8086 mode"
        push dword 0            ; GS, FS, DS, ES
        push dword 0
        push dword AREA >> 12
        push dword 0
        push dword 0            ; SS, ESP
        push dword 0x1000
        push dword 0x60002      ; VM, AC
        push dword 0
        push dword 0x7c0
        mov word [0x7c0], 0x01a1        ; mov ax, [1]
        mov word [0x7c2], 0x9000
        iret
%$in:
END
CASE "a descriptor at an odd address, in ring 3"
        DESC T0, AREA + 17, 15, 0x82, 0
        mov dword [AREA + 17 + 8], 0x0000ffff
        mov dword [AREA + 17 + 12], 0x00cff200
        mov ax, T0
        lldt ax
        RING 3, %$in, 0x43002
%$in:   mov ax, 0x0f
        mov es, ax
END
CASE "INT from ring 3 to an odd stack of ring 0"
        mov dword [tss + 4], STACK0 - 3
        RING 3, %$in, 0x43002
%$in:   int3
END
CASE "AC is set by POPF, and the next instruction asked"
        RING 3, %$in
%$in:   push dword 0x40002
        popf
        mov ebx, [AREA + 2]
END
CASE "a word of the permission map"
        mov dword [tss + 0x64], 0x69 << 16      ; the map, at an odd place
        mov word [gdt + TSS], 0x90
        mov byte [gdt + TSS + 5], 0x89
        mov ax, TSS
        ltr ax
        RING 3, %$in, 0x40002
%$in:   in al, 0x11
        xor eax, eax
END
        jmp finish
