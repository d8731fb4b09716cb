; real.asm - real-address mode, case by case: SDM 3A 20.1, and each
; instruction's real-mode exceptions in SDM 2.
;
; The kind of case that cases.inc has, and its lines, in 16-bit code: between
; CASE "name" and END, from 0000:8000 on, with all segments 0, 64 KiB long, and
; interrupts off. It ends by INT 40h or an exception:
;
;   name: what=VV eip=OFFSET cs=CS ss:esp=SS:ESP fl=FLAGS a=EAX b=EBX ds=DS es=ES
;
; The vector table is at IVT, where IDTR says.

IVT     equ 0x6000
STACK   equ 0x7000
SCRATCH equ 0x5000
CODE16  equ 0x08                ; as real mode's
DATA16  equ 0x10
CODE32  equ 0x18
DATA4G  equ 0x20
SMALL   equ 0x28                ; 16 bytes
DOWN    equ 0x30                ; expands down: from 4 KiB up
CONST   equ 0x38                ; read-only
STACK32 equ 0x40                ; 4 GiB, and ESP

        org 0x100000
        [warning -number-overflow] ; offsets of 16 bits
        section .text
        bits 32
image:  dd 0x1badb002, 0x10000, -(0x1badb002 + 0x10000)
        dd image, image, 0, 0, start
start:  cld
        mov esp, STACK
        mov esi, section.real.start
        mov edi, 0x8000
        mov ecx, real_end - 0x8000
        rep movsb
        lgdt [gdtr]
        jmp CODE16:leave

        section real vstart=0x8000 align=16
        bits 16
leave:  mov eax, cr0
        and al, ~1
        mov cr0, eax
        jmp 0:.real
.real:  mov al, 0xff            ; no interrupts from devices
        out 0x21, al
        out 0xa1, al
        mov ax, 0x1000          ; who jumps beyond the limit ends as well
        mov es, ax
        mov word [es:0], 0x40cd
        call fresh
        jmp cases

%macro CASE 1
        jmp %%start
%%name: db %1, 0
%%start:
        mov word [case_name], %%name
        mov word [case_start], %%code
        mov word [case_next], %%next
        xor eax, eax
        xor ebx, ebx
%%code:
%push case
%define %$next %%next
%endmacro
%macro END 0
        int 0x40
%$next:
%pop
%endmacro
%macro ONE 2-*                  ; a case of a line or some
CASE %1
%rep %0 - 1
%rotate 1
        %1
%endrep
END
%endmacro
; Load a data segment register with a descriptor, in protected mode.
%macro BIG 2
        mov edx, cr0
        or dl, 1
        mov cr0, edx
        mov cx, %2
        mov %1, cx
        and dl, ~1
        mov cr0, edx
%endmacro

; As a case finds the machine.
fresh:  cli
        cld
        o32 lgdt [cs:gdtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp CODE16:.small
.small: mov ax, DATA16
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        mov eax, cr0
        and al, ~1
        mov cr0, eax
        jmp 0:.back
.back:  xor ax, ax
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        pop cx
        mov esp, STACK
        push dword 2
        popfd
        o32 lidt [idtr]
        mov di, IVT
        mov ax, stubs
.stub:  stosw
        mov word [di], 0
        inc di
        inc di
        add ax, 6
        cmp di, IVT + 0x400
        jb .stub
        xor di, di
        xor dx, dx
        xor si, si
        xor bp, bp
        push cx
        mov cx, 0
        ret

stubs:
%assign v 0
%rep 256
        push strict word v
        jmp strict near came
%assign v v + 1
%endrep
came:   cld
        mov [cs:r_eax], eax
        mov [cs:r_ebx], ebx
        mov [cs:r_ds], ds
        mov [cs:r_es], es
        mov [cs:r_ss], ss
        pop word [cs:r_what]
        pop word [cs:r_ip]
        pop word [cs:r_cs]
        pop word [cs:r_fl]
        mov [cs:r_esp], esp
        mov ax, 0
        mov ss, ax
        mov sp, STACK
        call fresh              ; DS may have any limit
        mov si, [case_name]
        call puts
        mov si, s_what
        call puts
        mov ax, [r_what]
        cmp al, 0x40
        je .ok
        shl eax, 24
        mov cl, 2
        call digits
        jmp .rest
.ok:    mov si, s_ok
        call puts
.rest:  mov ax, [r_ip]
        mov [r_far], ax
        sub ax, [case_start]
        cmp ax, 0x100
        ja .far
        mov [r_far], ax
.far:   mov di, fields
.field: mov si, [di]            ; its text, and where its value is
        test si, si
        jz .line
        call puts
        mov si, [di + 2]
        mov eax, [si]
        call hex
        add di, 4
        jmp .field
.line:  mov al, 10
        out 0xe9, al
        call fresh
        jmp [case_next]

hex:    mov cl, 8               ; EAX
digits: rol eax, 4
        push ax
        and al, 15
        cmp al, 10
        sbb al, 0x69
        das
        or al, 0x20
        out 0xe9, al
        pop ax
        dec cl
        jnz digits
        ret
puts:   lodsb
        test al, al
        jz .end
        out 0xe9, al
        jmp puts
.end:   ret

s_what: db ": what=", 0
s_ok:   db "ok", 0
s_eip:  db " eip=", 0
s_cs:   db " cs=", 0
s_ss:   db " ss:esp=", 0
s_esp:  db ":", 0
s_fl:   db " fl=", 0
s_eax:  db " a=", 0
s_ebx:  db " b=", 0
s_ds:   db " ds=", 0
s_es:   db " es=", 0
fields: dw s_eip, r_far, s_cs, r_cs, s_ss, r_ss, s_esp, r_esp, s_fl, r_fl
        dw s_eax, r_eax, s_ebx, r_ebx, s_ds, r_ds, s_es, r_es, 0
case_name:  dw 0
case_start: dw 0
case_next:  dw 0
r_what: dd 0
r_ip:   dd 0
r_far:  dd 0
r_cs:   dd 0
r_ss:   dd 0
r_esp:  dd 0
r_fl:   dd 0
r_eax:  dd 0
r_ebx:  dd 0
r_ds:   dd 0
r_es:   dd 0
        align 8
gdt:    dq 0
        dq 0x00009b000000ffff, 0x000093000000ffff, 0x00cf9b000000ffff
        dq 0x00cf93000000ffff, 0x000093000000000f, 0x0000970000000fff
        dq 0x000091000000ffff, 0x00cf93000000ffff
gdt_end:
gdtr:   dw gdt_end - gdt - 1
        dd gdt
idtr:   dw 0x3ff
        dd IVT

cases:
; ------------------------------------------------------ interrupts, the table
CASE "int n: the frame"
        mov word [IVT + 4 * 0x41], %$h
        push word 0x4ed7
        popf
        int 0x41
        nop
%$h:    pop eax
        pop bx
END
CASE "int n: IF and TF go, NT and IOPL stay"
        mov word [IVT + 4 * 0x41], %$h
        push word 0x7202
        popf
        int 0x41
%$h:    pushf
        pop ax
END
CASE "int n: a far handler"
        mov word [IVT + 4 * 0x41], %$h - 0x7ff0
        mov word [IVT + 4 * 0x41 + 2], 0x7ff
        int 0x41
%$h:    mov ax, cs
END
CASE "int n: AC goes"
        mov word [IVT + 4 * 0x41], %$h
        push dword 0x40002
        popfd
        int 0x41
%$h:    pushfd
        pop eax
END
ONE "int n: beyond the table's limit", {mov word [SCRATCH], 0x50 * 4 + 2}, {mov dword [SCRATCH + 2], IVT}, {o32 lidt [SCRATCH]}, {int 0x50}
ONE "int n: at the table's limit", {mov word [SCRATCH], 0x40 * 4 + 3}, {mov dword [SCRATCH + 2], IVT}, {o32 lidt [SCRATCH]}
CASE "iret of 16 bits"
        mov eax, 0x12340000
        push word 0x7ed7
        push cs
        push word %$x
        iret
        nop
%$x:
END
CASE "iret of 16 bits: the upper half of EFLAGS stays"
        push dword 0x40002
        popfd
        push word 2
        push cs
        push word %$x
        iret
%$x:    pushfd
        pop eax
END
CASE "iretd: VM, VIF and VIP stay"
        push dword 0x1e0cd7
        push dword 0xffff0000
        push dword %$x
        iretd
%$x:    pushfd
        pop eax
END
CASE "iretd: NT means nothing"
        push dword 0x4002
        push dword 0
        push dword %$x
        push word 0x4002
        popf
        iretd
%$x:
END
ONE "iretd: EIP over the limit", {push dword 2}, {push dword 0}, {push dword 0x10000}, iretd
ONE "popf: IOPL and NT", {push word 0x7cd7}, popf, {pushf}, {pop ax}
ONE "popfd: not VM, VIF, VIP", {push dword 0x3a7cd7}, popfd, pushfd, {pop eax}
ONE "cli, IOPL 0", cli
CASE "a single step"
        push word 0x102
        popf
        nop
END
CASE "a single step, not into int n"
        mov word [IVT + 4 * 0x41], %$h
        push word 0x102
        popf
        int 0x41
%$h:    nop
END
ONE "int3", int3
ONE "into", {mov al, 0x7f}, {add al, 1}, into
ONE "div by 0", {xor cx, cx}, {div cx}
ONE "aam 0", {db 0xd4, 0}
ONE "bound", {mov dword [SCRATCH], 0x00050001}, {mov ax, 6}, {bound ax, [SCRATCH]}
ONE "ud2", ud2
ONE "lock nop", {db 0xf0}, nop

; --------------------------------------------------------- not in this mode
ONE "arpl", {arpl ax, bx}
ONE "lar", {lar ax, bx}
ONE "lsl", {lsl ax, bx}
ONE "verr", {verr ax}
ONE "verw", {verw ax}
ONE "sldt", {sldt ax}
ONE "str", {str ax}
ONE "lldt", {lldt ax}
ONE "ltr", {ltr ax}
ONE "sysenter", sysenter
ONE "sysexit", sysexit

; ------------------------------------------------------------ system registers
ONE "smsw, cr0", {smsw ax}, {mov ebx, cr0}, {and ax, 1}, {and ebx, 1}
ONE "lmsw sets PE, and does not clear it", {mov eax, cr0}, {mov ebx, eax}, {or bl, 1}, {lmsw bx}, {xor bx, bx}, {lmsw bx}, {smsw bx}, {mov cr0, eax}, {and ebx, 1}, {xor eax, eax}
ONE "clts, dr7, rdmsr", clts, {mov eax, dr7}, {mov ecx, 0x174}, rdmsr, {xor eax, eax}
ONE "lgdt: 24 bits of base", {mov dword [SCRATCH], 0x56780123}, {mov word [SCRATCH + 4], 0xff34}, {o16 lgdt [SCRATCH]}, {o32 sgdt [SCRATCH + 8]}, {mov ax, [SCRATCH + 8]}, {mov ebx, [SCRATCH + 10]}
ONE "lgdt: 32 bits of base", {mov dword [SCRATCH], 0x56780123}, {mov word [SCRATCH + 4], 0xff34}, {o32 lgdt [SCRATCH]}, {o32 sgdt [SCRATCH + 8]}, {mov ax, [SCRATCH + 8]}, {mov ebx, [SCRATCH + 10]}
ONE "lgdt of a register", {db 0x0f, 1, 0xd0}

; --------------------------------------------------------- far transfers
CASE "far jump"
        jmp 0x7ff:%$x - 0x7ff0
%$x:    mov ax, cs
        jmp 0:%$y
%$y:
END
CASE "far jump of 32 bits"
        jmp dword 0x7ff:%$x - 0x7ff0
%$x:    mov ax, cs
        jmp dword 0:%$y
%$y:
END
ONE "far jump of 32 bits, over the limit", {jmp dword 0:0x10000}
ONE "far call of 32 bits, over the limit", {call dword 0:0x10000}
CASE "far jump by memory"
        mov word [SCRATCH], %$x - 0x7ff0
        mov word [SCRATCH + 2], 0x7ff
        jmp far [SCRATCH]
%$x:    mov ax, cs
END
CASE "far call, retf n"
        push word 0x77
        call 0x7ff:%$f - 0x7ff0
        jmp %$x
%$f:    mov ebx, [esp]
        mov ax, cs
        retf 2
%$x:
END
CASE "far call, retf of 32 bits"
        call dword 0x7ff:%$f - 0x7ff0
        jmp %$x
%$f:    mov ebx, [esp]
        mov ax, cs
        o32 retf
%$x:
END
ONE "retf of 32 bits, over the limit", {push dword 0}, {push dword 0x10000}, {o32 retf}
ONE "a near jump of 32 bits, over the limit", {mov eax, 0x10000}, {jmp eax}
CASE "a near jump of 16 bits is cut"
        mov eax, 0x10000 + %$x
        jmp ax
%$x:
END

; ------------------------------------------------ segments, and their limits
ONE "a load", {mov ax, 0x7ff}, {mov ds, ax}, {mov bx, [case_name - 0x7ff0]}, {xor bx, [cs:case_name]}
ONE "les", {mov dword [SCRATCH], 0x12345678}, {les bx, [SCRATCH]}
ONE "pop ds", {push word 0x4321}, {pop ds}
ONE "cs can be written", {mov dword [cs:SCRATCH], 0x99}, {mov eax, [SCRATCH]}
ONE "an address wraps at 64 KiB", {mov dword [SCRATCH], 0x42}, {mov bx, 0xff00}, {mov si, SCRATCH + 0x100}, {mov eax, [bx + si]}
ONE "a word at 0xffff", {mov ax, [0xffff]}
ONE "a doubleword at 0xfffd", {mov eax, [0xfffd]}
ONE "a byte at 0x10000", {mov ebx, 0x10000}, {mov al, [ebx]}
ONE "a word at ss:0xffff", {mov bp, 0xffff}, {mov ax, [bp]}
ONE "pop with SP 0xffff", {mov sp, 0xffff}, {pop ax}
ONE "push wraps at SP 0", {mov sp, 0}, {push word 0x1234}, {pop ax}
ONE "pusha wraps", {mov sp, 8}, {pusha}, {popa}
ONE "pushad over the wrap", {mov sp, 10}, {pushad}
ONE "enter, leave", {mov bp, 0x1234}, {enter 16, 2}, {mov ax, bp}, {leave}, {mov bx, bp}
ONE "rep movsb wraps", {mov byte [0xffff], 0x5a}, {mov si, 0xffff}, {mov di, SCRATCH}, {mov cx, 2}, {rep movsb}, {mov al, [SCRATCH]}, {mov bx, si}
ONE "loop by ECX", {mov ecx, 0x10001}, {dec eax}, {a32 loop $ - 2}, {mov ebx, ecx}
CASE "an instruction that ends at the limit"
        mov word [0xfffe], 0x9090
        jmp 0:0xfffe
END

; ------------------------------------------------------- into and out of PE
ONE "PE set: CS stays", {mov eax, cr0}, {or al, 1}, {mov cr0, eax}, {mov bx, cs}, {and al, ~1}, {mov cr0, eax}, {xor eax, eax}
CASE "big real: 4 GiB by DS"
        BIG ds, DATA4G
        mov ebx, 0x300000
        mov dword [ebx], 0x600d
        mov eax, [ebx]
END
CASE "big real: kept by another load"
        BIG ds, DATA4G
        mov ax, 0x100
        mov ds, ax
        mov ebx, 0x300000
        mov dword [ebx], 0x600d
        xor ax, ax
        mov ds, ax
        mov eax, [ebx + 0x1000]
END
CASE "big real: the stack by ESP"
        BIG ss, STACK32
        xor ax, ax
        mov ss, ax
        mov esp, 0x300000
        push dword 0xabcd
        mov ebx, 0x2ffffc
        mov eax, [ss:ebx]
        mov ebx, esp
        mov sp, STACK
        mov esp, STACK
END
CASE "a limit of 16 bytes is kept"
        BIG ds, SMALL
        xor ax, ax
        mov ds, ax
        mov al, [0x10]
END
CASE "a segment that expands down is kept"
        BIG ds, DOWN
        xor ax, ax
        mov ds, ax
        mov al, [0x1000]
        mov bx, 1
        mov al, [0xfff]
END
CASE "a read-only segment is kept"
        BIG ds, CONST
        xor ax, ax
        mov ds, ax
        mov ax, [SCRATCH]
        mov bx, 1
        mov [SCRATCH], ax
END
CASE "CS of protected mode can be written in real mode"
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp CODE16:%$p
%$p:    and al, ~1
        mov cr0, eax
        mov dword [cs:SCRATCH], 0x66
        jmp 0:%$r
%$r:    mov eax, [SCRATCH]
        mov dword [cs:SCRATCH], 0x67
        mov ebx, [SCRATCH]
END
CASE "a 32-bit CS stays one, far jump or not"
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp CODE32:%$p
        bits 32
%$p:    and al, ~1
        mov cr0, eax
        mov ebx, 0x12345678
        jmp dword 0:%$q
%$q:    add ebx, 0x11111111
        or al, 1
        mov cr0, eax
        jmp CODE16:%$s
        bits 16
%$s:    and al, ~1
        mov cr0, eax
        jmp 0:%$r
%$r:    xor eax, eax
END
CASE "PE set: exceptions go by the table as protected mode reads it"
        o32 lidt [pm_idtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp CODE16:%$p
%$p:    mov bx, cs
        int 3
pm_handler:
        pop eax                 ; IP, CS
        mov edx, cr0
        and dl, ~1
        mov cr0, edx
        jmp 0:%$r
%$r:    sub ax, %$p
        o32 lidt [idtr]
END
        mov al, 0
        out 0xf4, al
        mov si, s_shutdown      ; what ends Bochs
        mov dx, 0x8900
        mov cx, 8
        rep outsb
        hlt
s_shutdown: db "Shutdown"
        align 8
        dw 0
pm_idtr:
        dw 4 * 8 - 1
        dd pm_idt
pm_idt: dq 0, 0, 0
        dw pm_handler, CODE16, 0x8600, 0
real_end:
