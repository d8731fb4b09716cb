; a20 - the gate of address line 20.
;
; While it is shut, bit 20 of every address is 0: what is in the nested tables
; means something else. A routine below 1 MiB moves it, and looks.
%include "lib.inc"

LOW equ 0x8000 + (SEED % 8) * 0x1000
DATA_AT equ 0x60000 + (SEED % 16) * 0x1000      ; and 1 MiB above

lesson: cld
        mov esi, routine
        mov edi, LOW
        mov ecx, routine_end - routine
        rep movsb
        xor ebx, ebx
%rep 2 + SEED % 2
        dice 0x10000
        mov dword [DATA_AT], DICE + 1
        mov dword [DATA_AT + 0x100000], DICE + 2
        mov eax, LOW
        call eax
        rol ebx, 5
        xor ebx, eax
        mov eax, [DATA_AT]
        rol ebx, 5
        xor ebx, eax
        mov eax, [DATA_AT + 0x100000]
        rol ebx, 5
        xor ebx, eax
%endrep
        say "a20 "
        mov eax, ebx
        call say_hex
        say 10
        quit 0

routine:                                ; no stack here: that is above 1 MiB
        mov al, 0
        out 0x92, al
        mov edx, [DATA_AT + 0x100000]   ; is DATA_AT
        add dword [DATA_AT + 0x100000], 0x10
        mov al, 2
        out 0x92, al
        mov eax, edx
        ret
routine_end:
