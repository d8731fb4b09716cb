; devices.asm - read the chips' registers after known port sequences.
;
; A multiboot guest that walks the table below: each row writes a port, or
; reads one and prints its value to the debug console, as one line
; "port value". Nothing printed depends on time, so that every PC with
; these chips prints the same. check-devices.sh compares two of them.

%macro WRITE 2          ; port, value
        db 1
        dw %1
        db %2
%endmacro
%macro READ 2           ; port, mask of the bits that must agree
        db 2
        dw %1
        db %2
%endmacro
%macro SAY 1
        db 3, %1, 0
%endmacro
%macro WAIT 3           ; port, mask, value: until (port & mask) == value
        db 4
        dw %1
        db %2, %3
%endmacro
%macro CMOS 2           ; write byte %2 of the clock's memory
        WRITE 0x70, %1
        WRITE 0x71, %2
%endmacro
%macro SHOW 1           ; and read one
        WRITE 0x70, %1
        READ 0x71, 0xff
%endmacro

        bits 32
        section .text
        align 4
        dd 0x1badb002, 0, -0x1badb002

        global _start
_start: mov esp, stack
        mov esi, rows
next:   movzx eax, byte [esi]
        inc esi
        call [actions + eax * 4]
        jmp next

finish: mov al, 0
        out 0xf4, al
        cli
        hlt

write:  mov dx, [esi]
        mov al, [esi + 2]
        out dx, al
        add esi, 3
        ret

read:   mov dx, [esi]
        in al, dx
        and al, [esi + 2]
        mov bl, al
        mov al, dh
        call hex
        mov al, dl
        call hex
        mov al, ' '
        out 0xe9, al
        mov al, bl
        call hex
        mov al, 10
        out 0xe9, al
        add esi, 3
        ret

say:    lodsb
        test al, al
        jz .end
        out 0xe9, al
        jmp say
.end:   mov al, 10
        out 0xe9, al
        ret

wait_for:
        mov dx, [esi]
.again: in al, dx
        and al, [esi + 2]
        cmp al, [esi + 3]
        jne .again
        add esi, 4
        ret

hex:    push eax
        shr al, 4
        call .digit
        pop eax
        and al, 15
.digit: add al, '0'
        cmp al, '9'
        jbe .put
        add al, 'a' - '9' - 1
.put:   out 0xe9, al
        ret

        section .data
actions: dd finish, write, read, say, wait_for

rows:
SAY "8259: initialization, mask, what OCW3 chooses"
        WRITE 0x20, 0x11
        WRITE 0x21, 0x20
        WRITE 0x21, 0x04
        WRITE 0x21, 0x01
        READ 0x21, 0xff
        WRITE 0xa0, 0x11
        WRITE 0xa1, 0x28
        WRITE 0xa1, 0x02
        WRITE 0xa1, 0x01
        WRITE 0x21, 0xff
        WRITE 0xa1, 0xff
        READ 0x21, 0xff
        READ 0xa1, 0xff
        WRITE 0x20, 0x0b
        READ 0x20, 0xff
        WRITE 0x20, 0x0c
        READ 0x20, 0x80

SAY "8254: mode 0's output and null count; its rise is a request"
        WRITE 0x43, 0x30
        WRITE 0x43, 0xe2
        READ 0x40, 0x3f         ; OUT is low; QEMU makes it so with the count
        WRITE 0x40, 0x10
        WRITE 0x40, 0x00
        WRITE 0x20, 0x0a
        WAIT 0x20, 1, 1
        READ 0x20, 0x01
        WRITE 0x43, 0xe2
        READ 0x40, 0xff

SAY "8254: a poll takes the timer's request, an end of interrupt ends it"
        WRITE 0x21, 0xfe
        WRITE 0x20, 0x0c
        READ 0x20, 0xff
        WRITE 0x20, 0x0b
        READ 0x20, 0xff
        WRITE 0x20, 0x20
        READ 0x20, 0xff
        WRITE 0x21, 0xff

SAY "8254: counter 2, its gate and its output"
        WRITE 0x61, 0x00
        WRITE 0x43, 0xb0
        READ 0x61, 0x03         ; likewise
        WRITE 0x42, 0x20
        WRITE 0x42, 0x00
        WRITE 0x61, 0x01
        WAIT 0x61, 0x20, 0x20
        READ 0x61, 0x23
        WRITE 0x43, 0xe8
        READ 0x42, 0xff
        WRITE 0x43, 0xb4
        WRITE 0x43, 0xe8
        READ 0x42, 0x3f
        WRITE 0x61, 0x00
        WRITE 0x43, 0xb6
        READ 0x61, 0x03         ; QEMU's output depends on its time

SAY "16550: divisor, line control, scratch, IER"
        WRITE 0x3fb, 0x83
        WRITE 0x3f8, 0x0c
        WRITE 0x3f9, 0x00
        READ 0x3f8, 0xff
        READ 0x3f9, 0xff
        WRITE 0x3fb, 0x03
        READ 0x3fb, 0xff
        WRITE 0x3ff, 0x5a
        READ 0x3ff, 0xff
        WRITE 0x3f9, 0xf0
        READ 0x3f9, 0xff
        WRITE 0x3fa, 0x00
        READ 0x3fa, 0xff
        WRITE 0x3fa, 0x07
        READ 0x3fa, 0xff
        READ 0x3fd, 0xff

SAY "16550: loopback: data, modem lines, the order of interrupts"
        WRITE 0x3fc, 0x1f
        READ 0x3fe, 0xf0
        WRITE 0x3fc, 0x12
        READ 0x3fe, 0xf0
        WRITE 0x3f9, 0x03
        WRITE 0x3f8, 0x41
        WAIT 0x3fd, 0x01, 0x01
        READ 0x3fd, 0xff
        READ 0x3fa, 0xff
        READ 0x3f8, 0xff
        READ 0x3fa, 0xff
        READ 0x3fa, 0xff
        READ 0x3fd, 0xff
        WRITE 0x3f9, 0x00
        WRITE 0x3fc, 0x0b
        READ 0x3fe, 0xf0

SAY "MC146818: registers that are not time"
        CMOS 0x0b, 0x82
        CMOS 0x00, 0x56
        CMOS 0x04, 0x23
        SHOW 0x00
        SHOW 0x04
        SHOW 0x0b
        SHOW 0x0d
        CMOS 0x40, 0xa5
        SHOW 0x40

SAY "MC146818: midnight on the last of February in a leap year"
        CMOS 0x00, 0x59
        CMOS 0x02, 0x59
        CMOS 0x06, 0x06
        CMOS 0x07, 0x29
        CMOS 0x08, 0x02
        CMOS 0x09, 0x08
        WRITE 0x70, 0x0c
        READ 0x71, 0x00
        CMOS 0x0b, 0x02
        WRITE 0x70, 0x0c
        WAIT 0x71, 0x10, 0x10
        SHOW 0x00
        SHOW 0x02
        SHOW 0x04
        SHOW 0x06
        SHOW 0x07
        SHOW 0x08
        SHOW 0x09

SAY "8042: self-test, A20"
        WAIT 0x64, 0x02, 0x00
        WRITE 0x64, 0xaa
        WAIT 0x64, 0x01, 0x01
        READ 0x60, 0xff
        READ 0x64, 0x01
        WRITE 0x64, 0xd1
        WRITE 0x60, 0xdf
        WRITE 0x64, 0xd0
        WAIT 0x64, 0x01, 0x01
        READ 0x60, 0x03

SAY "debug console, and a port where nobody is"
        READ 0xe9, 0xff
        READ 0x1234, 0xff
        db 0

        section .bss
        resb 4096
stack:
