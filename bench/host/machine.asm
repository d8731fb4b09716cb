; machine.asm - the guest of `make bench-host`: from the loader to main.c, and
; the kernels that C cannot say.
;
; Parts:  entry; tables; call gates to C; loops; rings; page faults.
;
; Loaded at 1 MiB and entered at its first byte, as Multiboot 1 leaves the
; machine (on Bochs: tests/cpu/bochs-rom.asm).
; A kernel is a C function: it takes its argument on the stack, and keeps EBX,
; ESI, EDI and EBP.
bits 32

global _start, alu_loop, rep_strings, ring_trips, ring_trips_segments
global page_faults, paging_on, paging_off, call_code
global page_tables, page_directory
extern bench_main, bss_start, bss_end

CODE equ 0x08
DATA equ 0x10
USER_CODE equ 0x1b
USER_DATA equ 0x23
TASK equ 0x28
MEMORY equ 272 << 20

section .text.start
_start: jmp start
        align 4
        dd 0x1badb002, 0, -0x1badb002

section .text
start:  mov edi, bss_start
        mov ecx, bss_end
        sub ecx, edi
        xor eax, eax
        cld
        rep stosb
        lgdt [gdt_register]
        jmp CODE:.flat
.flat:  mov eax, DATA
        mov ds, eax
        mov es, eax
        mov ss, eax
        mov esp, stack_top
        call make_tables
        push ebx
        call bench_main
        mov edx, 0xf4
        out dx, eax
.stop:  cli
        hlt
        jmp .stop

; ----------------------------------------------------------------- tables

%macro gate 3                           ; vector, handler, DPL
        mov eax, %2
        mov [idt + 8 * %1], ax
        mov word [idt + 8 * %1 + 2], CODE
        mov word [idt + 8 * %1 + 4], 0x8e00 | (%3 << 13)
        shr eax, 16
        mov [idt + 8 * %1 + 6], ax
%endmacro

make_tables:
        gate 14, fix_page, 0
        gate 0x80, trip, 3
        gate 0x81, trip_segments, 3
        gate 0x82, leave_user, 3
        lidt [idt_register]
        mov dword [task + 8], DATA
        mov eax, task
        mov [gdt_task + 2], ax
        shr eax, 16
        mov [gdt_task + 4], al
        mov [gdt_task + 7], ah
        mov eax, TASK
        ltr ax
        ret

paging_on:                              ; (directory)
        mov eax, [esp + 4]
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        ret

paging_off:
        mov eax, cr0
        and eax, 0x7fffffff
        mov cr0, eax
        ret

; ------------------------------------------------------------------ loops

; call_code(code, data, sum)
call_code:
        pushad
        mov ebx, [esp + 32 + 8]
        mov eax, [esp + 32 + 12]
        mov ecx, 1
        mov edx, 2
        mov esi, 3
        mov edi, 4
        mov ebp, 5
        call [esp + 32 + 4]
        add eax, ecx
        rol eax, 5
        add eax, edx
        rol eax, 5
        add eax, esi
        rol eax, 5
        add eax, edi
        rol eax, 5
        add eax, ebp
        mov [esp + 28], eax             ; POPAD's EAX
        popad
        ret

; alu_loop(n): registers alone, n times.
alu_loop:
        push ebx
        push esi
        push edi
        mov ecx, [esp + 16]
        mov eax, 1
        mov ebx, 0x12345678
        mov edx, 0x9abcdef0
        mov esi, 3
        mov edi, 5
.next:  add eax, ebx
        xor edx, eax
        lea esi, [esi + edx]
        and ebx, 0x7fffffff
        sub edi, esi
        or ebx, 1
        shl edi, 1
        xor eax, edi
        add ebx, edx
        shr edx, 3
        inc esi
        dec ecx
        jnz .next
        add eax, ebx
        xor eax, edx
        add eax, esi
        pop edi
        pop esi
        pop ebx
        ret

; rep_strings(n): fill 16 KiB and copy them, in double words and bytes.
rep_strings:
        push ebx
        push esi
        push edi
        mov ebx, [esp + 16]
.next:  mov eax, ebx
        mov edi, strings
        mov ecx, 4096
        rep stosd
        mov esi, strings
        mov edi, strings + 16384 + 512
        mov ecx, 4096
        rep movsd
        mov esi, strings + 3
        mov edi, strings + 16384 + 512
        mov ecx, 4096
        rep movsb
        dec ebx
        jnz .next
        mov eax, [strings + 16384 + 512 + 4000]
        add eax, [strings + 16384 + 512 + 8000]
        pop edi
        pop esi
        pop ebx
        ret

; ------------------------------------------------------------------ rings

%macro user_kernel 1                    ; where in ring 3 it begins
        push ebx
        push esi
        push edi
        push ebp
        mov ecx, [esp + 20]
        xor ebx, ebx
        mov [task + 4], esp             ; what interrupts come back to
        mov eax, USER_DATA
        mov ds, eax
        mov es, eax
        push USER_DATA
        push user_stack_top
        push 2                          ; EFLAGS: interrupts stay off
        push USER_CODE
        push %1
        iret
%endmacro

; ring_trips(n): nine instructions a trip to ring 0 and back.
ring_trips:
        user_kernel user_trips
user_trips:
        mov eax, ecx
        int 0x80
        add ebx, eax
        dec ecx
        jnz user_trips
        int 0x82

trip:   xor eax, 0x5555
        inc eax
        rol eax, 3
        iret

; ring_trips_segments(n): sixteen, of which six move segment registers.
ring_trips_segments:
        user_kernel user_trips_segments
user_trips_segments:
        mov eax, ecx
        int 0x81
        add ebx, eax
        dec ecx
        jnz user_trips_segments
        int 0x82

trip_segments:
        push ds
        push es
        push eax
        mov eax, DATA
        mov ds, eax
        mov es, eax
        pop eax
        rol eax, 3
        pop es
        pop ds
        iret

; To the caller of the kernel, on the stack of ring 0.
leave_user:
        mov eax, DATA
        mov ds, eax
        mov es, eax
        mov eax, ebx
        mov esp, [task + 4]
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret

; ------------------------------------------------------------ page faults

HOLE equ 0x8000000                      ; any page of the mapped ones
; page_faults(n): take a page away, touch it, and let the handler bring it
; back: eighteen instructions a round.
page_faults:
        push ebx
        mov ecx, [esp + 8]
        xor ebx, ebx
        mov dword [HOLE], 0x1234567
.next:  mov dword [page_tables + (HOLE >> 12) * 4], 0
        invlpg [HOLE]
        add ebx, [HOLE]
        dec ecx
        jnz .next
        mov eax, ebx
        pop ebx
        ret

fix_page:
        push eax
        push edx
        mov eax, cr2
        mov edx, eax
        shr edx, 12
        and eax, 0xfffff000
        or eax, 7
        mov [page_tables + edx * 4], eax
        inc ebx
        pop edx
        pop eax
        add esp, 4                      ; the error code
        iret

section .data
        align 8
gdt:    dq 0
        dq 0x00cf9a000000ffff           ; CODE: 4 GiB, ring 0
        dq 0x00cf92000000ffff           ; DATA
        dq 0x00cffa000000ffff           ; USER_CODE: ring 3
        dq 0x00cff2000000ffff           ; USER_DATA
gdt_task:
        dq 0x0000890000000067           ; TASK: its base is filled in
gdt_end:
gdt_register:
        dw gdt_end - gdt - 1
        dd gdt
idt_register:
        dw 256 * 8 - 1
        dd idt

section .bss
        alignb 4096
page_directory: resb 4096
page_tables: resb MEMORY >> 10
strings: resb 16384 * 2 + 4096
stack:  resb 65536
stack_top:
user_stack: resb 4096
user_stack_top:
idt:    resb 256 * 8
task:   resb 104
