; kernel - one family of sensitive instructions a row, in ring 0; SEED's last
; digits say which (SEED % 20), all of them draw the operands.
;
; Each is executed often enough that it is chained, and not asked about; then
; a port access lets the grader look at every register.
%include "lib.inc"
%include "pages.inc"

%define ROW SEED % 20

lesson: gate 0x40, back
        gate 3, back
        gate 4, back
        gate 14, back
        paging
        mov ax, TASK
        mov dword [gdt_task], 0x00000067
        mov dword [gdt_task + 4], 0x00008900
        mov [gdt_task + 2], word 0
        ltr ax
        garble
        mov ebp, SEED
        mov dword [rounds], 5
.round: call row
        look
        dec dword [rounds]
        jnz .round
        say "sum "
        mov eax, ebp
        call say_hex
        say 10
        quit 0

back:   iret

row:
%if ROW == 1                            ; CLI, STI, and what PUSHF says of it
  %rep 10
    dice 4
    %if DICE == 0
        cli
    %elif DICE == 1
        sti
        nop
    %elif DICE == 2
        dice 0x7fffffff
        add eax, DICE
        cli
    %else
        dice 0x7fffffff
        sub eax, DICE
        sti
        sbb ebx, 5
    %endif
        pushf
        pop ecx
        mix ecx
  %endrep
        cli
        look
%elif ROW == 2                          ; POPF of every kind of image
  %rep 12
    dice 0x40
        push dword 0x2 | (DICE << 6 & 0xcc0) | (DICE & 5) | (DICE << 7 & 0x1000) | (DICE << 9 & 0x200)
        popf
        pushf
        pop ecx
        mix ecx
        look
  %endrep
        push dword 2
        popf
        pushf
        or dword [esp], 0x44400         ; AC and DF too, NT
        popf
        pushf
        pop ecx
        mix ecx
        pushf
        o16 pushf
        pop cx
        mix ecx
        and dword [esp], ~0x44400
        o16 popf
        add esp, 2
        cld
%elif ROW == 3                          ; SMSW and LMSW
        smsw eax
        mix eax
        or al, 2 << (SEED / 20 % 2)
        lmsw ax
        smsw ebx
        mix ebx
        smsw [word_at]
        mix [word_at]
        smsw cx
        mix ecx
        and al, ~6
        lmsw ax
        clts
        smsw edx
        mix edx
%elif ROW == 4                          ; SGDT, SIDT
        sgdt [word_at]
        mix [word_at]
        mix [word_at + 2]
        look
        sidt [word_at + 8]
        mix [word_at + 8]
        mix [word_at + 10]
%elif ROW == 5                          ; SLDT, STR
        xor eax, eax
        lldt ax
        sldt eax
        mix eax
        str ebx
        mix ebx
        str cx
        mix ecx
        sldt [word_at]
        str [word_at + 2]
        mix [word_at]
%elif ROW == 6                          ; LAR, LSL, VERR, VERW
  %rep 6
    dice 7
        mov ecx, DICE * 8
        xor eax, eax
        lar eax, ecx
        pushf
        pop ebx
        mix eax
        mix ebx
        lsl eax, ecx
        mix eax
        verr cx
        pushf
        pop ebx
        mix ebx
        verw cx
        pushf
        pop ebx
        mix ebx
        look
  %endrep
%elif ROW == 7                          ; selectors, read and pushed
        mov eax, cs
        mix eax
        mov ebx, ss
        mix ebx
        mov cx, ds
        mix ecx
        mov [word_at], cs
        mix [word_at]
        push cs
        pop edx
        mix edx
        push ds
        mix [esp]
        pop esi
        push gs
        pop edi
        mix edi
        o16 push ss
        pop ax
        mix eax
        look
%elif ROW == 8                          ; segment registers loaded
  %rep 6
    dice 3
        mov eax, DATA
    %if DICE == 0
        mov es, eax
        mov ebx, es
        mix ebx
    %elif DICE == 1
        push dword USER_DATA
        pop fs
        mov ebx, fs
        mix ebx
        mov eax, [fs:word_at]
        mix eax
    %else
        mov dword [word_at + 8], rounds
        mov word [word_at + 12], DATA
        lgs esi, [word_at + 8]
        mix esi
        mov eax, [gs:esi]
        mix eax
        xor eax, eax
        mov gs, eax
    %endif
        look
  %endrep
        mov eax, DATA
        mov ss, eax
        mov esp, esp
%elif ROW == 9                          ; control registers
        mov eax, cr0
        mix eax
        xor eax, 0x10000 | (SEED / 20 % 2) * 8
        mov cr0, eax
        mov ebx, cr0
        mix ebx
        dice 0x7fffffff
        mov ecx, DICE
        mov cr2, ecx
        mov edx, cr2
        mix edx
        mov esi, cr3
        mix esi
        mov cr3, esi
        mov edi, cr4
        mix edi
        clts
        look
%elif ROW == 10                         ; far transfers, INT n, IRET
        jmp CODE:.far
        look
.far:   call CODE:.called
        mix eax
        int 0x40
        look
        int3
        stc
        into
        pushf
        push cs
        push dword .behind
        iret
        look
.behind:
        mix ecx
        ret
.called:
        dice 0x7fffffff
        mov eax, DICE
        look
        retf
%elif ROW == 11                         ; ports
        dice 0x100
        mov al, DICE
        out 0x21, al
        xor eax, eax
        in al, 0x21
        mix eax
        mov edx, 0x2f0
        in eax, dx
        mix eax
        in ax, dx
        dice 0x100
        mov dword [word_at], "<>" | (DICE & 0x1f) << 16 | 0x400000
        mov esi, word_at
        mov dl, 0xe9
        mov dh, 0
        mov ecx, 3
        rep outsb
        mov edi, word_at
        mov dl, 0x21
        insb
        mix edi
        mix [word_at]
%elif ROW == 12                         ; descriptor tables, INVLPG
        sgdt [word_at]
        mov esi, gdt
        mov edi, other_gdt
        mov ecx, 12
        rep movsd
        mov dword [word_at + 2], other_gdt
        lgdt [word_at]
        mov eax, USER_DATA
        mov fs, eax
        mov eax, [fs:word_at + 2]
        mix eax
        lgdt [gdt_register]
        sidt [word_at]
        lidt [word_at]
        invlpg [rounds]
        look
%elif ROW == 13                         ; x87: it keeps where it was
        fninit
        fld1
.x87:   fadd st0, st0
        fnstenv [word_at]
        mov eax, [word_at + 12]         ; EIP
        mix eax
        mov eax, [word_at + 16]         ; CS, opcode
        mix eax
        mov eax, [word_at]
        mix eax
        fldenv [word_at]
        fist dword [word_at]
        mix [word_at]
        fninit
%elif ROW == 14                         ; CS and GS overrides
        mov eax, [cs:.here]
        mix eax
        mov ebx, .here
        dice 16
        mov ecx, DICE
        mov al, cl
        cs xlatb
        mix eax
        mov edx, DATA
        mov gs, edx
        mov [gs:word_at], ebx
        mix [word_at]
        add ecx, [cs:.here + ecx]
        gs inc dword [word_at]
        mix [gs:word_at]
        mix ecx
        mov [gs:0x54], eax
        mix [0x54]
        mov [gs:0x500], eax
        mix [0x500]
        jmp [cs:.table]
        look
.here:  dd 0x12345678, 0x9abcdef0, 0x0fedcba9, 0x87654321, 0x1020304
.table: dd .there
.there: look
%else                                   ; debug registers, and RDTSC goes on
        dice 0x7fffffff
        mov eax, DICE
        mov dr0, eax
        mov ebx, dr0
        mix ebx
        mov ecx, dr7
        mix ecx
        xor ecx, ecx
        mov dr7, ecx
        mov edx, dr6
        mix edx
        rdtsc
        mov esi, eax
        mov edi, edx
        rdtsc
        sub eax, esi
        sbb edx, edi                    ; it did not go back
        shr edx, 31
        mov eax, edx
        xor esi, esi
        xor edi, edi
        pushf
        pop ecx
        and ecx, 0x200
        mix ecx
        look
%endif
        ret

section .data
rounds: dd 0
        align 16
word_at: times 16 dd 0
other_gdt: times 16 dd 0
