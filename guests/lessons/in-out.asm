; in-out - IN and OUT: devices answer, real or virtual.
;
; The 8259's mask register remembers what was written to it; the CMOS clock
; says its century by way of two ports; nobody answers at port 0x2f0.
;
; Bare:  the bus asks the chip.
; Full:  every IN and OUT traps, and a model of the chip answers. Look at the
;        disposition: `device`.
%include "lesson.inc"

lesson:
        mov al, 0xa5
        out 0x21, al
        xor eax, eax
        in al, 0x21
        cmp eax, 0xa5
        say_if {"8259: it remembers the mask",10}, {"8259: wrong mask",10}
        mov al, 0x8f                    ; a byte of battery-backed memory
        out 0x70, al
        mov al, 0x5a
        out 0x71, al
        mov al, 0x8f
        out 0x70, al
        xor eax, eax
        in al, 0x71
        cmp eax, 0x5a
        say_if {"CMOS: it remembers the byte",10}, {"CMOS: wrong byte",10}
        mov edx, 0x2f0
        in al, dx
        cmp eax, 0xff
        say_if {"port 0x2f0: nobody, all bits read 1",10}, {"who is it?",10}
        quit 0
