; fill - what a guest touches, paging off: code, data, stack, descriptor
; tables; some pages twice, some across their end, some never.
%include "lib.inc"

%define PAGES 40

lesson: xor ebx, ebx
%rep 24
    dice PAGES
    %assign page DICE
    dice 6
    %if DICE == 0
        mov eax, [area + page * 4096 + 0x123]
        add ebx, eax
    %elif DICE == 1
        mov dword [area + page * 4096 + 0x40], SEED + page
    %elif DICE == 2
        add dword [area + page * 4096 + 0x40], 7
    %elif DICE == 3
        mov dword [area + page * 4096 + 4094], 0x01020304 ; and the next one
    %elif DICE == 4
        mov edi, area + page * 4096 + 4000
        mov ecx, 50
        mov eax, page
        cld
        rep stosd                       ; over the end
    %else
        mov esi, esp
        mov esp, area + page * 4096 + 64
        push esi
        pop esp
    %endif
%endrep
        say "fill "
        mov eax, ebx
        call say_hex
        say 10
        quit 0

section .bss
        alignb 4096
area:   resb (PAGES + 2) * 4096
