; bios.asm - the firmware's services, asked one by one: a floppy disk, whose
; every sector begins with its own number. What it prints must be the same on
; any PC; each line is what the service is documented to answer.
;
; Assembled with LBA defined it is a hard disk (of 2 MiB), and also reads by
; LBA; there a cylinder is as the BIOS likes it.
%include "boot.inc"

MORE    equ 4                   ; sectors of this program after the first
%ifdef LBA
TOTAL   equ 4096
%else
TOTAL   equ 2880
%endif

lesson: sti
        mov [drive], dl
        mov si, 3               ; a disk may fail once
.again: mov ax, 0x0200 + MORE
        mov bx, 0x7e00
        mov cx, 2
        mov dh, 0
        int 0x13
        jnc more
        dec si
        jnz .again
        say "cannot read", 10
        quit 1

; WHAT value: one line.
%macro WHAT 2
        say %1, ": "
        mov ax, %2
        call say_ax
        say 10
%endmacro
drive:  db 0
        times 510 - ($ - $$) db 0
        dw 0xaa55

more:   WHAT "drive", [drive]
        ; the disk
        mov ax, 0x0201
        mov bx, 0x9000
        mov cx, 0x0001          ; sector 0 again, this time head 1
        mov dx, 0x0100
        mov dl, [drive]
        int 0x13
        pushf
        WHAT "read: AH", 0
        pop ax
        and ax, 1
        WHAT "read: carry", ax
%ifndef LBA
        WHAT "head 1, sector 1", [0x9000]
        mov ax, 0x0212          ; a track: cylinder 3, head 0
        mov bx, 0x9000
        mov cx, 0x0301
        mov dh, 0
        mov dl, [drive]
        int 0x13
        push ax
        WHAT "a track", [0x9000]
        WHAT "its end", [0x9000 + 17 * 512]
        pop ax
        WHAT "AX after it", ax
        mov ah, 8
        mov dl, [drive]
        int 0x13
        push dx
        push ds                 ; it answered in ES, too
        pop es
        mov ax, cx
        WHAT "cylinders, sectors", ax
        pop ax
        mov al, 0
        WHAT "heads", ax
%else
        mov ah, 0x41
        mov bx, 0x55aa
        mov dl, [drive]
        int 0x13
        WHAT "LBA", bx
        mov si, packet
        mov ah, 0x42
        mov dl, [drive]
        int 0x13
        pushf
        pop ax
        and ax, 1
        WHAT "read: carry", ax
        WHAT "sector 100", [0x9000]
        WHAT "sector 101", [0x9200]
        mov dword [packet + 8], TOTAL + 1000
        mov si, packet
        mov ah, 0x42
        mov dl, [drive]
        int 0x13
        pushf
        pop ax
        and ax, 1
        WHAT "beyond the end: carry", ax
%endif
        mov ax, 0x0201
        mov bx, 0x9000
        mov cx, 1
        mov dx, 0x0055
        int 0x13
        pushf
        pop ax
        and ax, 1
        WHAT "no such drive: carry", ax
        ; memory
        xor ebx, ebx
        xor bp, bp
.map:   mov eax, 0xe820
        mov edx, 'PAMS'
        mov ecx, 20
        mov di, 0x9000
        int 0x15
        jc .mapped
        cmp eax, 'PAMS'
        jne .mapped
        cmp dword [0x9000], 0x100000
        jne .other
        mov ax, [0x9010]
        mov bp, ax              ; the kind of memory at 1 MiB
.other: test ebx, ebx
        jnz .map
.mapped:
        WHAT "memory at 1 MiB is of kind", bp
        mov ax, 0xe801
        int 0x15
        pushf
        cmp ax, 0x100
        mov ax, 0
        adc ax, 0
        WHAT "E801: less than 256 KiB", ax
        pop ax
        and ax, 1
        WHAT "E801: carry", ax
        mov ax, 0x2402
        int 0x15
        mov ah, 0
        WHAT "A20", ax
        int 0x11
        and ax, 1
        WHAT "a floppy drive", ax
        int 0x12
        cmp ax, 600
        mov ax, 0
        adc ax, 0
        WHAT "less than 600 KiB", ax
        ; a mode, the keyboard
        mov ah, 0x0f
        int 0x10
        mov al, ah
        mov ah, 0
        WHAT "columns", ax
        mov ah, 1
        int 0x16
        mov ax, 0
        jnz .key
        inc ax
.key:   WHAT "no key", ax
        ; the timer: BIOS ticks, and the hook
        mov word [0x1c * 4], tick
        mov [0x1c * 4 + 2], cs
        mov cx, 3
.tick:  hlt
        cmp [ticks], cx
        jb .tick
        mov ah, 0
        int 0x1a
        cmp dx, 1
        mov ax, 0
        adc ax, 0
        WHAT "no ticks", ax
        quit 0
tick:   push ds
        push word 0
        pop ds
        inc word [ticks]
        pop ds
        iret
ticks:  dw 0
packet: db 16, 0
        dw 2, 0x9000, 0
        dd 100, 0
        times 512 * (MORE + 1) - ($ - $$) db 0

%assign n MORE + 1
%rep TOTAL - MORE - 1
        dw n
        times 510 db 0
%assign n n + 1
%endrep
