; para.asm - a paravirtual kernel in a page: it knows that it is a guest.
;
; It starts in ring 1 with paging on, on tables the monitor built, and asks
; for everything by hypercall: INT 0x82 through the hypercall page. Its user
; runs in ring 3 and makes system calls by INT 0x80, which reach the kernel
; without the monitor: count the exits.
;
; All of memory is mapped where it is: VIRT_BASE is 0.
;
; What to see: one exit a line of output, none for the three system calls,
; one for the page fault, one for each tick of the timer, one for a page-table
; entry that the monitor writes for the kernel.

%define set_trap_table 0
%define stack_switch 3
%define set_callbacks 4
%define update_va_mapping 14
%define console_io 18
%define vcpu_op 24
%define sched_op 29
%define event_channel_op 32
%define ringside 55

KERNEL_CS equ 0xe019
KERNEL_DS equ 0xe021
USER_CS equ 0xe02b
USER_DS equ 0xe033
NEW_PAGE equ 0x200000           ; unmapped until the user touches it
VCPU_PENDING equ shared + 0     ; shared info, vcpu 0
VCPU_MASK equ shared + 1
VCPU_CR2 equ shared + 8
EVTCHN_PENDING equ shared + 32 * 64

%macro hypercall 1
    call hypercall_page + %1 * 32
%endmacro

%macro say 1
    mov ebx, 0                  ; CONSOLEIO_write
    mov ecx, %%end - %%text
    mov edx, %%text
    hypercall console_io
    jmp %%end
%%text: db %1, 10
%%end:
%endmacro

bits 32
section .text
global _start
_start:
    mov [start_info], esi
    say "hello from ring 1"

    ; The shared info page is given by its machine address: map it.
    mov ecx, [esi + 36]         ; start_info.shared_info
    or ecx, 3                   ; present, writable
    mov ebx, shared
    xor edx, edx
    mov esi, 2                  ; UVMF_INVLPG
    hypercall update_va_mapping
    test eax, eax
    jnz fail

    mov ebx, traps
    hypercall set_trap_table
    mov ebx, KERNEL_DS
    mov ecx, stack_top
    hypercall stack_switch
    mov ebx, KERNEL_CS
    mov ecx, upcall
    mov edx, KERNEL_CS
    mov esi, fail
    hypercall set_callbacks

    ; The user's page is the kernel's alone so far. A kernel cannot write
    ; its page tables, but a MOV to one is done for it if it is harmless.
    mov esi, [start_info]
    mov edi, [esi + 60]         ; start_info.pt_base; the table follows it
    mov ecx, user
    shr ecx, 12
    mov eax, [edi + 4096 + ecx * 4]
    or eax, 4
    mov [edi + 4096 + ecx * 4], eax

    ; Take the page away that the user will ask for.
    mov ebx, NEW_PAGE
    xor ecx, ecx
    xor edx, edx
    mov esi, 2
    hypercall update_va_mapping

    ; To ring 3 by a plain IRET: outwards needs no monitor.
    push USER_DS
    push user_stack_top
    push 0x202
    push USER_CS
    push user
    iret

; INT 0x80: straight from ring 3. EAX: 0 nothing, 1 the user is done.
system_call:
    cmp eax, 1
    je user_done
    inc dword [calls]
    iret

; A bounced #PF: error code on the stack, address in the shared page.
page_fault:
    pusha
    cmp dword [VCPU_CR2], NEW_PAGE
    jne fail
    say "page fault, mine to handle"
    mov esi, [start_info]
    mov esi, [esi + 68]         ; start_info.mfn_list
    mov ecx, [esi + 4 * 0x200]  ; the machine frame of guest page 0x200
    shl ecx, 12
    or ecx, 7
    mov ebx, NEW_PAGE
    xor edx, edx
    mov esi, 2
    hypercall update_va_mapping
    popa
    add esp, 4
    iret

user_done:
    cmp dword [calls], 3
    jne fail
    say "three system calls, no exits"

    ; A timer event every 10 ms is what a virtual CPU starts with.
    mov ebx, 1                  ; EVTCHNOP_bind_virq
    mov ecx, bind_virq
    hypercall event_channel_op
    test eax, eax
    jnz fail
.wait:
    mov ebx, 1                  ; SCHEDOP_block: also unmasks
    hypercall sched_op
    cmp dword [ticks], 3
    jb .wait
    say "three ticks; goodbye"
    mov ebx, 1                  ; exit
    mov ecx, 0                  ; success
    hypercall ringside

; The upcall: events are masked on entry.
upcall:
    mov byte [VCPU_PENDING], 0
    mov dword [EVTCHN_PENDING], 0
    inc dword [ticks]
    push eax
    mov eax, [esp + 4 + 8]      ; EFLAGS, its IF the mask as it was
    shr eax, 9
    and al, 1
    xor al, 1
    mov [VCPU_MASK], al
    pop eax
    iret

fail:
    mov ebx, 1
    mov ecx, 1
    hypercall ringside

; In ring 3, on a page of its own with its stack.
section .user exec write align=4096
user:
    mov ax, USER_DS
    mov ds, ax
    mov es, ax
    xor eax, eax
    int 0x80
    int 0x80
    mov dword [NEW_PAGE], 1
    int 0x80
    mov eax, 1
    int 0x80
    times 4096 - ($ - $$) db 0
user_stack_top:

section .data align=4096
traps:                          ; vector, DPL, selector, address
    db 14, 0
    dw KERNEL_CS
    dd page_fault
    db 0x80, 3
    dw KERNEL_CS
    dd system_call
    dd 0, 0
bind_virq: dd 0, 0, 0           ; VIRQ_TIMER, vCPU 0, the port: an answer
start_info: dd 0
calls: dd 0
ticks: dd 0

section .bss align=4096 nobits
hypercall_page: resb 4096
shared: resb 4096
    resb 4096
stack_top:

section .note.xen note noalloc align=4
%macro note 2
    dd 4, 4, %1
    db "Xen", 0
    dd %2
%endmacro
note 1, _start                  ; ENTRY
note 2, hypercall_page          ; HYPERCALL_PAGE
note 3, 0                       ; VIRT_BASE
note 4, 0                       ; PADDR_OFFSET
dd 4, 3, 9                      ; PAE_MODE
db "Xen", 0, "no", 0, 0
