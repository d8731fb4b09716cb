; modify - a guest that writes its own code, in one way or another (SEED % 20):
; what runs is what is in memory, always.
%include "lib.inc"
%include "pages.inc"

%define WAY SEED % 20
lesson: paging
        garble
        mov ebp, SEED
        mov dword [rounds], 12
.round: call way
        look
        dec dword [rounds]
        jnz .round
        say "sum "
        mov eax, ebp
        call say_hex
        say 10
        quit 0

        align 4096
way:
%if WAY == 1                            ; an operand, in a loop that has run
        mov ecx, 4
.loop:  mov eax, 0x1111
.field equ $ - 4
        mix eax
    dice 0x7fffffff
        add dword [.field], DICE
        loop .loop
%elif WAY == 2                          ; the next instruction, and the one
        dice 0x100                      ; behind a jump to it
        mov byte [.next], 0x40 + DICE % 8 / 4   ; INC EAX, INC ECX
.next:  inc ebx
        mix eax
        xor byte [.then], 0x08          ; INC, DEC
        jmp .then
        mix ecx
.then:  inc edx
        mix ebx
        mix edx
%elif WAY == 3                          ; a whole routine, copied over another
        mov esi, first
        test byte [rounds], 1
        jz .copy
        mov esi, second
.copy:  mov edi, routine
        mov ecx, second - first
        rep movsb
        call routine
        mix eax
        call elsewhere
        mix eax
        mov ebx, routine
        call ebx
        mix eax
%elif WAY == 4                          ; many callers, and a table of targets
        call routine
        mix eax
        call .two
        mov ebx, routine
        call ebx
        mix eax
        call [.table]
        mix eax
    dice 0x7fffffff
        add dword [routine + 1], DICE
        jmp .on
.two:   call routine
        mix eax
        ret
.table: dd routine
.on:
%elif WAY == 5                          ; an instruction across two pages
        call across
        mix eax
        inc byte [across + 4]           ; its last byte, in the second page
        call across
        mix eax
        dec byte [across + 1]           ; in the first
        call across
        mix eax
%elif WAY == 6                          ; by another address of the same page
        mov eax, routine
        shr eax, 12
        mov ecx, [table + eax * 4]
        mov eax, alias
        shr eax, 12
        mov [table + eax * 4], ecx
        invlpg [alias]
        call routine
        mix eax
    dice 0x7fffffff
        add dword [alias + 1], DICE
        call routine
        mix eax
%elif WAY == 7                          ; bytes beside code: all stays
        mov ecx, 6
.data:  inc dword [word_beside]
        mov eax, [word_beside]
        mix eax
        call routine
        mix eax
        loop .data
%else                                   ; code made anew each time, and run
        mov edi, made
        mov ecx, 8
        mov al, 0x40
.make:  mov ah, cl
        xor ah, [rounds]
        and ah, 3                       ; INC of EAX to EBX
        push eax
        add al, ah
        stosb
        pop eax
        loop .make
        mov al, 0xc3
        stosb
        xor eax, eax
        mov ecx, 2
        call made
        mix eax
        mix ecx
        mix ebx
%endif
        ret

        align 4096
routine:
    dice 0x7fffffff
        mov eax, DICE
        ret
        times 32 nop
word_beside: dd 0
elsewhere:
        jmp routine

first:  mov eax, 0x11111111
        xor eax, [rounds]
        ret
        times 4 nop
second: mov eax, 0x22222222
        rol eax, 1
        sub eax, 3
        ret
        times 8 nop
        times 4096 - 3 - ($ - routine) nop
across: mov eax, 0x12345678
        ret

section .data
rounds: dd 0
section .bss
made:   resb 16
        alignb 4096
alias:  resb 4096
