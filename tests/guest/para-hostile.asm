; para-hostile.asm - a paravirtual guest tries every door with instructions.
;
; Each case runs something that must fault, in ring 1 or in ring 3, and says
; with which vector and error code (from the manual's pages on the
; instructions, SDM 2, given rings 1 and 3 and segments that end at
; 0xfc3fffff). The handler compares, prints a TAP line and goes on behind it.
; With "die" on the command line it takes its own stack away instead.

%define set_trap_table 0
%define stack_switch 3
%define update_va_mapping 14
%define console_io 18
%define ringside 55

KERNEL_CS equ 0xe019
KERNEL_DS equ 0xe021
USER_CS equ 0xe02b
USER_DS equ 0xe033
MONITOR_CS equ 0xe008           ; what Xen has at these places, too
MONITOR_DS equ 0xe010
MONITOR_TSS equ 0xe040
M2P equ 0xfc000000
HOLE equ 0xfc400000
UNMAPPED equ 0x40000000

GP equ 13
PF equ 14

%macro hypercall 1
        call hypercall_page + %1 * 32
%endmacro

; CASE vector, error, "name": what follows, up to END, must fault so.
%macro CASE 3
    %push case
        mov dword [want_vector], %1
        mov dword [want_error], %2
        mov dword [name], %$text
        mov dword [name_size], %$text_end - %$text
        mov dword [resume], %$next
        jmp %$code
%$text: db %3
%$text_end:
%$code:
%endmacro
%macro END 0
        call passed_by          ; it did not fault
%$next:
    %pop
%endmacro
%macro IN_RING_3 0
        push USER_DS
        push user_stack_top
        push 0x202
        push USER_CS
        push %%user
        iret
%%user:
        mov ax, USER_DS
        mov ds, ax
        mov es, ax
%endmacro

bits 32
section .text
global _start
_start: mov [start_info], esi
        mov ebx, traps
        hypercall set_trap_table
        mov ebx, KERNEL_DS
        mov ecx, stack_top
        hypercall stack_switch
        mov esp, stack_top

        ; Let ring 3 use the program's pages: its tables map them for the
        ; kernel alone.
        mov esi, [start_info]
        mov edi, [esi + 60]             ; pt_base: a directory, a table
        mov ecx, _start
.page:  mov ebx, ecx
        shr ebx, 12
        mov eax, [edi + 4096 + ebx * 4]
        or eax, 4
        mov [edi + 4096 + ebx * 4], eax
        add ecx, 4096
        cmp ecx, user_stack_top
        jb .page
        cmp dword [esi + 80], "die"     ; start_info.cmd_line
        je die

; ------------------------------------------------------ ring 1, privileged
        CASE GP, 0, "ring 1: CLI"
        cli
        END
        CASE GP, 0, "ring 1: STI"
        sti
        END
        CASE GP, 0, "ring 1: HLT"
        hlt
        END
        CASE GP, 0, "ring 1: IN"
        in al, 0x60
        END
        CASE GP, 0, "ring 1: OUT to the exit port"
        mov dx, 0xf4
        out dx, al
        END
        CASE GP, 0, "ring 1: LGDT"
        lgdt [traps]
        END
        CASE GP, 0, "ring 1: LIDT"
        lidt [traps]
        END
        CASE GP, 0, "ring 1: LTR"
        mov ax, MONITOR_TSS
        ltr ax
        END
        CASE GP, 0, "ring 1: MOV CR0"
        xor eax, eax
        mov cr0, eax
        END
        CASE GP, 0, "ring 1: MOV CR3"
        xor eax, eax
        mov cr3, eax
        END
        CASE GP, 0, "ring 1: MOV CR4"
        xor eax, eax
        mov cr4, eax
        END
        CASE GP, 0, "ring 1: WRMSR"
        mov ecx, 0x174
        wrmsr
        END
        CASE GP, 0, "ring 1: INVLPG"
        invlpg [0]
        END

; ------------------------------------------------- the monitor's segments
        CASE GP, MONITOR_DS, "ring 1: the monitor's data segment in DS"
        mov ax, MONITOR_DS
        mov ds, ax
        END
        CASE GP, MONITOR_DS, "ring 1: the monitor's data segment in SS"
        mov ax, MONITOR_DS
        mov ss, ax
        END
        CASE GP, MONITOR_CS, "ring 1: a jump to the monitor's code"
        jmp MONITOR_CS:0xffc22000
        END
        CASE GP, MONITOR_TSS, "ring 1: a call of the monitor's TSS"
        call MONITOR_TSS:0
        END
        CASE GP, MONITOR_CS, "ring 1: IRET to ring 0"
        push 0x202
        push MONITOR_CS
        push 0xffc22000
        iret
        END
        CASE GP, MONITOR_CS, "ring 1: RETF to ring 0"
        push MONITOR_CS
        push 0xffc22000
        retf
        END
        CASE GP, 0x20 * 8 + 2, "ring 1: INT of a vector without a handler"
        int 0x20
        END
        CASE GP, 0xf0 * 8 + 2, "ring 1: INT of the monitor's timer"
        int 0xf0
        END

; ---------------------------------------------------------------- the hole
        CASE GP, 0, "ring 1: reads behind its segment's end"
        mov eax, [HOLE]
        END
        CASE GP, 0, "ring 1: writes to the monitor's GDT"
        mov [0xffc0e008], eax
        END
        CASE GP, 0, "ring 1: runs in the hole"
        mov eax, HOLE
        jmp eax
        END
        CASE PF, 3, "ring 1: writes to the M2P list"
        mov [M2P], eax
        END
        CASE PF, 0, "ring 1: reads what is not mapped"
        mov eax, [UNMAPPED]
        END

; ------------------------------------------------------ its own page tables
        CASE PF, 3, "ring 1: writes to its page directory"
        mov esi, [start_info]
        mov edi, [esi + 60]             ; pt_base
        mov dword [edi + 4], 0          ; harmless, and still not done
        END
        CASE PF, 3, "ring 1: a frame of nobody's into its page table"
        mov esi, [start_info]
        mov edi, [esi + 60]
        mov dword [edi + 4096], 7       ; frame 0 is no guest's
        END
        CASE PF, 3, "ring 1: OR in a page table, which is not done for it"
        mov esi, [start_info]
        mov edi, [esi + 60]
        or dword [edi + 4096], 2
        END

; ------------------------------------------------------------------ ring 3
        CASE GP, 0x82 * 8 + 2, "ring 3: a hypercall"
        IN_RING_3
        mov eax, ringside
        mov ebx, 1
        xor ecx, ecx
        int 0x82
        END
        CASE GP, 14 * 8 + 2, "ring 3: INT 14, a forged page fault"
        IN_RING_3
        int 14
        END
        CASE GP, 0, "ring 3: CLI"
        IN_RING_3
        cli
        END
        CASE GP, 0, "ring 3: OUT to the exit port"
        IN_RING_3
        mov dx, 0xf4
        out dx, al
        END
        CASE PF, 5, "ring 3: reads the M2P list"
        IN_RING_3
        mov eax, [M2P]
        END
        CASE GP, 0, "ring 3: reads behind its segment's end"
        IN_RING_3
        mov eax, [HOLE]
        END
        CASE PF, 5, "ring 3: reads its kernel's page"
        mov esi, [start_info]
        IN_RING_3
        mov eax, [esi]
        END
        CASE PF, 7, "ring 3: writes to its page table"
        mov esi, [start_info]
        mov esi, [esi + 60]
        IN_RING_3
        mov dword [esi + 4096], 0
        END
        CASE GP, KERNEL_DS & ~3, "ring 3: its kernel's data segment"
        IN_RING_3
        mov ax, KERNEL_DS
        mov ds, ax
        END
        CASE GP, KERNEL_CS & ~3, "ring 3: a jump to its kernel's code"
        IN_RING_3
        jmp KERNEL_CS:0
        END
        CASE GP, 0, "ring 3: MOV from CR0"
        IN_RING_3
        mov eax, cr0
        END

; ------------------------------------------------------- what is done for it
        CASE 99, 0, "ring 1: MOV from CR0, CR3 and CLTS are done for it"
        clts
        mov eax, cr0
        and eax, 0x80000001
        cmp eax, 0x80000001
        jne %$bad
        mov eax, cr3
        mov esi, [start_info]
        mov ebx, [esi + 60]             ; pt_base; VIRT_BASE is 0
        shr ebx, 12
        mov edi, [esi + 68]             ; mfn_list
        mov ebx, [edi + ebx * 4]
        shl ebx, 12
        cmp eax, ebx
        je good
%$bad:
        END
        CASE 99, 0, "ring 1: a MOV to a page table is done for it"
        mov esi, [start_info]
        mov edi, [esi + 60]
        mov eax, [edi + 4096 + 4 * 0x300] ; page 0x300's entry
        mov [edi + 4096 + 4 * 0x301], eax ; for page 0x301, too
        mov dword [0x300000], 12345
        cmp dword [0x301000], 12345
        je good
        END
        CASE 99, 0, "ring 1: POPF leaves the real IF alone"
        push 0x002
        popf
        pushf
        pop eax
        test eax, 0x200
        jnz good
        END
        mov ebx, 1
        mov ecx, [failed]
        hypercall ringside

; ------------------------------------------------------------ the handlers
%macro HANDLER 2                        ; vector, has an error code
handler_%1:
    %if %2 == 0
        push 0
    %endif
        push %1
        jmp fault
%endmacro
        HANDLER 6, 0
        HANDLER 8, 1
        HANDLER 10, 1
        HANDLER 11, 1
        HANDLER 12, 1
        HANDLER 13, 1
        HANDLER 14, 1

fault:  pop eax
        pop ebx
        mov ecx, KERNEL_DS
        mov ds, ecx
        mov es, ecx
        mov [got_vector], eax
        mov [got_error], ebx
        cmp eax, [want_vector]
        jne bad
        cmp ebx, [want_error]
        jne bad
good:   mov edx, ok
        mov ecx, ok_size
        jmp report
passed_by:
        mov dword [got_vector], 0
bad:    inc dword [failed]
        mov edx, not_ok
        mov ecx, not_ok_size
report: xor ebx, ebx
        hypercall console_io
        xor ebx, ebx
        mov ecx, [name_size]
        mov edx, [name]
        hypercall console_io
        xor ebx, ebx
        mov ecx, 1
        mov edx, newline
        hypercall console_io
        mov esp, stack_top
        jmp [resume]

die:    mov ebx, KERNEL_DS
        mov ecx, UNMAPPED
        hypercall stack_switch
        IN_RING_3
        cli

section .data align=4096
%macro TRAP 1
        db %1, 0
        dw KERNEL_CS
        dd handler_%1
%endmacro
traps:  TRAP 6
        TRAP 8
        TRAP 10
        TRAP 11
        TRAP 12
        TRAP 13
        TRAP 14
        dd 0, 0
ok:     db "ok - "
ok_size equ $ - ok
not_ok: db "not ok - "
not_ok_size equ $ - not_ok
newline: db 10
start_info: dd 0
want_vector: dd 0
want_error: dd 0
got_vector: dd 0
got_error: dd 0
name:   dd 0
name_size: dd 0
resume: dd 0
failed: dd 0

section .bss align=4096 nobits
hypercall_page: resb 4096
        resb 4096
stack_top:
        resb 4096
user_stack_top:

section .note.xen note noalloc align=4
%macro NOTE 2
        dd 4, 4, %1
        db "Xen", 0
        dd %2
%endmacro
        NOTE 1, _start
        NOTE 2, hypercall_page
        NOTE 3, 0
        NOTE 4, 0
