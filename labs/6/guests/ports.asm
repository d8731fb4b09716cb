; ports - which access to a port leaves the guest, and which does not.
;
; Port 0xED is the delay port: no device is there, and the monitor lets the
; guest have it, a byte at a time. Two bytes reach the next port, which is
; not open, and so does a word that begins one port before.
%include "lib.inc"

DELAY equ 0xed

%macro mix 0
        rol ebx, 5
        xor ebx, eax
%endmacro

lesson: xor ebx, ebx
%rep 16
    dice 9
    %if DICE < 3
        dice 0x100
        mov al, DICE
        out DELAY, al
    %elif DICE == 3
        xor eax, eax
        in al, DELAY
        mix
    %elif DICE == 4
        mov dx, DELAY
        out dx, ax
    %elif DICE == 5
        mov dx, DELAY - 1
        mov eax, SEED
        in ax, dx
        mix
    %elif DICE == 6
        dice 0x100
        mov al, DICE
        out 0x21, al                    ; the 8259's mask: a device that has it
        xor eax, eax
        in al, 0x21
        mix
    %elif DICE == 7
        mov dx, DELAY
        mov esi, text
        mov ecx, 3
        rep outsb                       ; not one exit
    %else
        dice 2
        mov dx, DELAY + 1 - 2 * DICE    ; a neighbour
        in al, dx
        mix
    %endif
%endrep
        say "ports "
        mov eax, ebx
        call say_hex
        say 10
        quit 0

section .data
text:   db "abc"
