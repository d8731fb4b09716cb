; system.asm - control, debug and table registers, MSRs, CPUID and RDTSC, CLI
; STI HLT, SYSENTER SYSEXIT; and what each says outside ring 0.
; SDM 2A to 2C, each page; 3A 2.8.
%include "harness.inc"

tests:
        call table_tests
        call control_tests
        call debug_tests
        call msr_tests
        call interrupt_flag_tests
        call halt_tests
        call sysenter_tests
        jmp ring3_tests

table_tests:
        about "sgdt, sidt, lgdt, lidt"
        mov dword [m1 + 4], -1
        sgdt [m1]
        is word [m1], gdt_end - gdt - 1
        is dword [m1 + 2], gdt
        is word [m1 + 6], 0xffff        ; six bytes, no more
        sidt [m1]
        is word [m1], 0x43 * 8 - 1
        is dword [m1 + 2], idt
        lgdt [gdt_pointer]
        mov word [m2], 0x1ff
        mov dword [m2 + 2], 0x12345678
        lidt [m2]
        sidt [m1]
        is word [m1], 0x1ff
        is dword [m1 + 2], 0x12345678
        o16 lidt [m2]                   ; 24 bits of the base
        sidt [m1]
        is dword [m1 + 2], 0x00345678
        lidt [idt_pointer]
        about "sldt, str, lldt, ltr"
        str ax
        is ax, TSS
        mov eax, -1
        str eax
        is eax, TSS                     ; zero extended
        mov dword [m1], -1
        str [m1]
        is dword [m1], 0xffff0000 | TSS
        mov eax, LDT
        lldt ax
        mov eax, -1
        sldt eax
        is eax, LDT
        sldt [m1]
        is word [m1], LDT
        mov eax, 0x0c                   ; in the LDT
        mov gs, eax
        mov ecx, [gs:header]
        is ecx, 0x1badb002
        mov eax, TSS2
        ltr ax
        str eax
        is eax, TSS2
        is byte [gdt + TSS2 + 5], 0x8b  ; busy
        fault_error VEC_GP, TSS2, ltr ax
        mov eax, TSS
        fault_error VEC_GP, TSS, ltr ax ; busy too
        and byte [gdt + TSS + 5], ~2
        ltr ax
        unless_qemu .data               ; which takes a null TR
        mov eax, 0
        fault_error VEC_GP, 0, ltr ax
.data:  mov eax, DATA0
        fault_error VEC_GP, DATA0, ltr ax
        fault_error VEC_GP, DATA0, lldt ax
        mov word [m1], 0
        lldt [m1]
        sldt eax
        is eax, 0
        ret

control_tests:
        about "mov crn"
        mov eax, cr0
        mov [m1], eax
        mov ecx, eax
        or ecx, 8                       ; TS
        mov cr0, ecx
        mov edx, cr0
        is edx, ecx
        about "smsw, lmsw, clts"
        smsw eax
        and eax, 0xffff
        and edx, 0xffff
        is ax, dx
        mov word [m2], 0
        smsw [m2]
        is word [m2], dx
        clts
        mov eax, cr0
        is eax, [m1]
        mov ecx, eax
        or ecx, 8
        lmsw cx
        mov eax, cr0
        and eax, 0xf
        and ecx, 0xf
        is eax, ecx
        mov word [m2], 0                ; PE stays
        lmsw [m2]
        mov eax, cr0
        test al, 1
        jnz .pe
        call failed
.pe:    mov eax, [m1]
        mov cr0, eax
        mov eax, 0x12345678
        mov cr2, eax
        mov ecx, cr2
        is ecx, 0x12345678
        mov eax, 0x00155000
        mov cr3, eax
        mov ecx, cr3
        is ecx, 0x00155000
        mov eax, cr4
        mov ecx, eax
        or ecx, 4                       ; TSD
        mov cr4, ecx
        mov edx, cr4
        is edx, ecx
        mov cr4, eax
        unless_qemu .caches             ; which checks neither
        mov eax, 0x80000000             ; PG without PE
        fault_error VEC_GP, 0, mov cr0, eax
        mov eax, 0x20000011             ; NW without CD
        fault_error VEC_GP, 0, mov cr0, eax
.caches:
        about "invlpg, invd, wbinvd"
        invlpg [0x12345678]
        wbinvd
        invd
        fault VEC_UD, {db 0x0f, 0x01, 0xfd}     ; of a register
        ret

debug_tests:
        about "mov drn"
        mov eax, 0x12345678
        mov dr0, eax
        mov ecx, dr0
        is ecx, 0x12345678
        mov eax, 0x9abcdef0
        mov dr3, eax
        mov ecx, dr3
        is ecx, 0x9abcdef0
        xor eax, eax
        mov dr3, eax
        mov dr0, eax
        mov dr7, eax
        mov ecx, dr7
        is ecx, 0x400                   ; bit 10 is always 1
        mov ecx, dr4                    ; DR6 by its old name
        mov edx, dr6
        is ecx, edx
        mov eax, cr4
        or eax, 8                       ; DE
        mov cr4, eax
        fault VEC_UD, mov ecx, dr4
        fault VEC_UD, mov dr5, ecx
        and eax, ~8
        mov cr4, eax
        about "wait under CR0.TS and MP"
        mov eax, cr0
        mov ecx, eax
        or ecx, 8 | 2
        mov cr0, ecx
        fault 7, wait
        and ecx, ~2
        mov cr0, ecx
        no_fault wait
        mov cr0, eax
        ret

msr_tests:
        about "cpuid"
        mov eax, 0
        cpuid
        cmp eax, 1
        jae .leaf1
        call failed
.leaf1: mov eax, 1
        cpuid
        and edx, 0x8130                 ; CMOV, CX8, MSR, TSC
        is edx, 0x8130
        about "rdtsc"
        rdtsc
        mov ebx, eax
        mov ecx, edx
        rdtsc
        sub eax, ebx
        sbb edx, ecx
        jnc .forwards
        call failed
.forwards:
        about "rdmsr, wrmsr"
        mov ecx, 0x175                  ; SYSENTER_ESP
        mov eax, 0x12345678
        xor edx, edx
        wrmsr
        xor eax, eax
        rdmsr
        is eax, 0x12345678
        is edx, 0
        unless_qemu .end                ; which lets unknown ones pass
        mov ecx, 0x12345
        fault_error VEC_GP, 0, rdmsr
        fault_error VEC_GP, 0, wrmsr
.end:   ret

interrupt_flag_tests:
        about "cli, sti"
        cli
        flags IF, 0
        sti
        cli
        flags IF, 0
        in al, 0x21
        mov [m1], al
        mov al, 0xff                    ; nothing may come
        out 0x21, al
        sti
        nop
        flags IF, IF
        cli
        mov al, [m1]
        out 0x21, al
        ret

; The timer, through the first interrupt controller at vector 0x20.
halt_tests:
        about "hlt"
        mov eax, tick
        mov ecx, 0x20
        mov edx, 0x8e00
        call put_gate
        mov al, 0x11
        out 0x20, al
        mov al, 0x20
        out 0x21, al
        mov al, 4
        out 0x21, al
        mov al, 1
        out 0x21, al
        mov al, 0xfe                    ; the timer alone
        out 0x21, al
        mov al, 0x34
        out 0x43, al
        mov al, 0x00
        out 0x40, al
        mov al, 0x10
        out 0x40, al
        mov dword [ticks], 0
        sti
        hlt
        hlt
        cli
        mov al, 0xff
        out 0x21, al
        cmp dword [ticks], 2
        jae .end
        call failed
.end:   about "sti lets one instruction pass first"
        mov al, 0xfe
        out 0x21, al
        mov al, 0x0a                    ; read requests at port 0x20
        out 0x20, al
.wait:  in al, 0x20
        test al, 1
        jz .wait
        mov ebx, [ticks]
        sti
        mov eax, [ticks]
        mov ecx, [ticks]
        cli
        is eax, ebx
        inc ebx
        is ecx, ebx
.wait2: in al, 0x20
        test al, 1
        jz .wait2
        sti
        cli                             ; no room for one
        is dword [ticks], ebx
        mov al, 0xff
        out 0x21, al
        ret

tick:   inc dword [ss:ticks]
        push eax
        mov al, 0x20
        out 0x20, al
        pop eax
        iretd

sysenter_tests:
        about "sysenter, sysexit"
        mov ecx, 0x174
        mov eax, SYSENTER_CODE
        xor edx, edx
        wrmsr
        mov ecx, 0x175
        mov eax, ring0_stack_top
        wrmsr
        mov ecx, 0x176
        mov eax, kernel_entry
        wrmsr
        ring3 user_sysenter
        is dword [m1], SYSENTER_CODE
        is dword [m1 + 4], SYSENTER_CODE + 8
        is dword [m1 + 8], 0
        is dword [m1 + 12], (SYSENTER_CODE + 16) | 3
        is dword [m1 + 16], (SYSENTER_CODE + 24) | 3
        mov ecx, 0x174                  ; no kernel: #GP(0)
        xor eax, eax
        xor edx, edx
        wrmsr
        mov eax, 5
        fault_error VEC_GP, 0, sysenter
        fault_error VEC_GP, 0, sysexit
        ret

; SYSENTER wants code, stack, user code, user stack in a row: CODE0, DATA0,
; CODE3, DATA3.
SYSENTER_CODE equ CODE0

user_sysenter:
        mov esi, esp
        pushfd
        pop edi
        sysenter
back_in_ring3:
        mov eax, cs
        mov [m1 + 12], eax
        mov eax, ss
        mov [m1 + 16], eax
        mov eax, esp
        is eax, esi
        int 0x40
kernel_entry:
        mov eax, cs
        mov [ss:m1], eax
        mov eax, ss
        mov [ss:m1 + 4], eax
        pushfd
        pop eax
        and eax, IF
        mov [ss:m1 + 8], eax
        mov ecx, esi
        mov edx, back_in_ring3
        sysexit

; --------------------------------------------------------------- ring 3

ring3_tests:
        about "ring 3: what is privileged faults with #GP(0)"
        ring3 privileged, 2 | IF
        about "ring 3: what is not, tells the truth"
        ring3 unprivileged
        about "ring 3: ports under IOPL 0"
        ring3 ports
        about "ring 3: CLI and STI under IOPL 3"
        ring3 with_iopl, 0x3002
        about "ring 3: under IOPL 1"
        ring3 with_iopl1, 0x1002 | IF
        mov eax, cr4
        or eax, 4
        mov cr4, eax
        about "ring 3: RDTSC under CR4.TSD"
        ring3 no_tsc
        rdtsc                           ; ring 0 still may
        mov eax, cr4
        and eax, ~4
        mov cr4, eax
        ret

privileged:
        fault_error VEC_GP, 0, cli
        fault_error VEC_GP, 0, sti
        fault_error VEC_GP, 0, hlt
        fault_error VEC_GP, 0, clts
        fault_error VEC_GP, 0, invd
        fault_error VEC_GP, 0, wbinvd
        fault_error VEC_GP, 0, invlpg [0]
        fault_error VEC_GP, 0, lgdt [m1]
        fault_error VEC_GP, 0, lidt [m1]
        fault_error VEC_GP, 0, lldt ax
        fault_error VEC_GP, 0, ltr ax
        fault_error VEC_GP, 0, lmsw ax
        fault_error VEC_GP, 0, mov eax, cr0
        fault_error VEC_GP, 0, mov eax, cr2
        fault_error VEC_GP, 0, mov eax, cr3
        fault_error VEC_GP, 0, mov eax, cr4
        fault_error VEC_GP, 0, mov cr0, eax
        fault_error VEC_GP, 0, mov cr3, eax
        fault_error VEC_GP, 0, mov eax, dr0
        fault_error VEC_GP, 0, mov dr7, eax
        mov ecx, 0x10
        fault_error VEC_GP, 0, rdmsr
        fault_error VEC_GP, 0, wrmsr
        fault_error VEC_GP, 0, sysexit
        ; guest mode, of a processor that has none: before the ring is asked
        fault VEC_UD, vmrun
        fault VEC_UD, vmmcall
        fault VEC_UD, vmload
        fault VEC_UD, vmsave
        fault VEC_UD, stgi
        fault VEC_UD, clgi
        fault VEC_UD, invlpga
        unless_qemu .end
        fault VEC_UD, {db 0x0f, 0x20, 0xc8}     ; CR1: decoding comes first
.end:   int 0x40

; Popek and Goldberg's trouble: these answer with the machine's own state.
unprivileged:
        sgdt [m1]
        is dword [m1 + 2], gdt
        sidt [m1]
        is dword [m1 + 2], idt
        sldt eax
        is eax, 0
        str eax
        is eax, TSS
        smsw eax
        test al, 1
        jnz .pe
        call failed
.pe:    push dword 0x3202               ; IF and IOPL stay as they are
        popfd
        flags 0x3200, 0
        rdtsc
        mov eax, 0
        cpuid
        int 0x40

ports:  fault_error VEC_GP, 0, {in al, 0x21}
        fault_error VEC_GP, 0, {out 0x80, al}
        mov dx, 0x3f8
        fault_error VEC_GP, 0, {in eax, dx}
        fault_error VEC_GP, 0, {out dx, ax}
        mov esi, m1
        mov edi, m2
        fault_error VEC_GP, 0, insb
        fault_error VEC_GP, 0, {rep outsd}
        is esi, m1
        is edi, m2
        mov al, 0
        mov dx, 0xe9                    ; the bitmap lets this one through,
        no_fault in al, dx
        fault_error VEC_GP, 0, {in ax, dx}      ; and not its neighbour
        mov dx, 0x100                   ; beyond the TSS's limit: a byte
        fault_error VEC_GP, 0, {in al, dx}      ; of it, whatever it holds
        int 0x40

with_iopl:
        no_fault cli
        flags IF, 0
        push dword IF | 2               ; POPF may, too
        popfd
        flags IF, IF
        cli
        push dword 2                    ; IOPL cannot be lowered either
        popfd
        flags 0x3000, 0x3000
        no_fault in al, 0x21
        int 0x40

with_iopl1:
        fault_error VEC_GP, 0, cli
        fault_error VEC_GP, 0, {in al, 0x21}
        push dword 2
        popfd
        flags 0x3000 | IF, 0x1000 | IF
        int 0x40

no_tsc: fault_error VEC_GP, 0, rdtsc
        int 0x40

section .bss
ticks:  resd 1
section .text
