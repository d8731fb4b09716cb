; nano-irq - a device's interrupt: raised, taken, acknowledged, returned from.
;
; COM1's transmitter is empty, and says so by IRQ 4 as soon as it may. Two
; writes raise it; the handler asks the chip why (which lowers it again), and
; tells the 8259 that it is done: four accesses to ports, and one delivery.
%include "nano.inc"

IER equ 0x3f9
IIR equ 0x3fa
MCR equ 0x3fc

nano:   mov al, 0x11                    ; the 8259: IRQ 0 is vector 32
        out 0x20, al
        mov al, 32
        out 0x21, al
        mov al, 4
        out 0x21, al
        mov al, 1
        out 0x21, al
        mov al, 0xef                    ; all but IRQ 4 are masked
        out 0x21, al
        mov edx, MCR
        mov al, 8                       ; OUT2: on a PC it lets the interrupt out
        out dx, al
        gate 36, handler
        xor ebx, ebx
        sti
        rounds
        mov edx, IER
        xor eax, eax
        out dx, al
        mov al, 2
        out dx, al
.come:  test ebx, ebx                   ; at once on ours; elsewhere later
        jz .come
        xor ebx, ebx
        done

handler:
        mov edx, IIR
        in al, dx
        mov al, 0x20
        out 0x20, al
        inc ebx
        iret
