; churn - a kernel that changes its page tables all the time: pages appear, are
; used once and go. Shadow page tables pay for each change by an exit; here
; the monitor is not even asked.
%include "lib.inc"
%include "paging.inc"

ROUNDS equ 60 + SEED % 20

lesson: xor ebx, ebx
        paging_on
        map 1 << 22, area
        mov ebp, ROUNDS
.round: mov eax, ebp
        and eax, 7
        shl eax, 12
        add eax, area + 3
        mov edi, ebp
        and edi, 63
        mov [tables + edi * 4], eax
        mov edx, edi
        shl edx, 12
        add edx, 1 << 22
        invlpg [edx]
        add [edx], ebp
        add ebx, [edx]
        mov dword [tables + edi * 4], 0
        invlpg [edx]
        dec ebp
        jnz .round
        say "churn "
        mov eax, ebx
        call say_hex
        say 10
        quit 0

section .bss
        alignb 4096
area:   resb 8 * 4096
