; odd - gates and stacks that kernels do not often have.
;
; A trap gate leaves IF set. A 16-bit gate pushes words. A gate that is not
; present is #NP, of a vector that is none of the program's doing. A code
; segment that nobody has used yet becomes accessed. A frame may cross a page.
%include "irq.inc"

FRESH equ 0x30                          ; another code segment
LOW_MEMORY equ 0x7000

lesson: gate 11, absent
        start
        lgdt [my_gdt_register]
        mov esi, tick_16                ; a 16-bit gate leads below 64 KiB
        mov edi, LOW_MEMORY
        mov ecx, tick_16_end - tick_16
        rep movsb
%assign CASE 0
%rep 6
        gate 32, tick
    dice 6
    %if DICE == 0
        mov byte [idt + 8 * 32 + 5], 0x8f
    %elif DICE == 1
        mov byte [idt + 8 * 32 + 5], 0x86
        mov word [idt + 8 * 32], LOW_MEMORY
    %elif DICE == 2
        mov byte [idt + 8 * 32 + 5], 0x0e
    %elif DICE == 3
        mov byte [my_gdt + FRESH + 5], 0x9a
        mov word [idt + 8 * 32 + 2], FRESH
    %elif DICE == 4
        mov esp, crossing + 4096 + 8
    %else
        mov esp, stack_top
    %endif
        mov ebx, after%[CASE]
        arm
        pass
        sti
        nop
after%[CASE]:
        cli
        note [ticks]
        mov esp, stack_top
        movzx eax, byte [my_gdt + FRESH + 5]
        note eax
    %assign CASE CASE + 1
%endrep
        tell
        quit 0

absent: frame_of 4                      ; error code: EXT, IDT, the vector
        add esp, 4
        mov byte [idt + 8 * 32 + 5], 0x8e
        done                            ; it is in service, and nobody had it
        iret

tick:   inc dword [ticks]
        frame_of 3
        done
        iret

tick_16:                                ; a frame of words: IP, CS, FLAGS
        pop ecx
        xor edx, edx
        pop dx
        mov eax, small
        jmp eax                         ; IP is not all of EIP
tick_16_end:
small:  note ecx
        note edx
        inc dword [ticks]
        done
        jmp ebx

section .data
ticks:  dd 0
        align 8
my_gdt: dq 0
        dq 0x00cf9a000000ffff
        dq 0x00cf92000000ffff
        dq 0, 0, 0
        dq 0x00cf9a000000ffff           ; FRESH
my_gdt_register:
        dw 7 * 8 - 1
        dd my_gdt

section .bss
        alignb 4096
crossing: resb 8192
