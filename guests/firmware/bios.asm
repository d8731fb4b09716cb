; bios.asm - the machine's firmware: as much of a PC's BIOS as a boot sector
; needs. It stands at F000:E000 to F000:FFFF; the processor starts at its
; F000:FFF0, as after a reset.
;
; Start:      the vectors, the interrupt controllers (IRQ 0 at 08h, IRQ 8 at
;             70h), the timer at 18.2 Hz, COM1; then the disk's first sector to
;             0000:7C00, with the drive in DL.
; Services:   INT 10h AH=0E (teletype, to COM1), 0F
;             INT 11h, 12h
;             INT 13h AH=00, 01, 02 (read), 08, 15, 41, 42 (read by LBA)
;             INT 15h AX=2401, 2402, AH=88, AX=E801, E820
;             INT 16h AH=01, 02 (there is no keyboard)
;             INT 19h, 1Ah AH=00
; Anything else says on COM1 what was asked for, and fails: carry set, or for
; an interrupt that nobody handles, a halt.
;
; Parts:      start; interrupts that nobody took; services and who calls them;
;             disk.inc, memory.inc.
;
; The disk is a piece of memory at the top of the machine's (the loader says
; where, in `disk_base`): the firmware reads it by the trick that it teaches,
; big real mode. It cannot be written.
        cpu 686
        bits 16
        org 0xe000

ROM     equ 0xf000
COM1    equ 0x3f8
TICKS   equ 0x46c               ; of the BIOS's data area: a doubleword

; What the loader fills in (vmm/firmware.c).
disk_base:      dd 0            ; physical address
disk_sectors:   dd 0
drive:          db 0            ; 00 is a floppy disk, 80h a hard disk
sectors:        db 18           ; a track
heads:          db 2
        align 4
extended:       dd 0            ; KiB from 1 MiB on that are the guest's

; ------------------------------------------------------------------- start

start:  cli
        cld
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7c00
        mov di, ax              ; every vector to its stub
        mov ax, stubs
        mov cx, 256
.stub:  stosw
        mov word [di], ROM
        inc di
        inc di
        add ax, STUB
        loop .stub
        mov si, services
.service:
        cs lodsw
        mov di, ax
        cs lodsw
        mov [di], ax
        cmp si, services_end
        jb .service
        mov si, settings
.port:  cs lodsw                ; port, then value
        mov dx, ax
        cs lodsb
        out dx, al
        cmp si, settings_end
        jb .port
        mov word [0x410], 0x0021 ; equipment: a floppy disk, 80 columns
        mov word [0x413], 640
        mov dword [TICKS], 0
        int 0x19

settings:
        dw 0x20                 ; 8259s: ICW1 to ICW4, and masks
        db 0x11
        dw 0xa0
        db 0x11
        dw 0x21
        db 0x08
        dw 0xa1
        db 0x70
        dw 0x21
        db 4
        dw 0xa1
        db 2
        dw 0x21
        db 1
        dw 0xa1
        db 1
        dw 0x21
        db 0xfe                 ; the timer alone
        dw 0xa1
        db 0xff
        dw 0x43                 ; 8254: counter 0, mode 3, 65536
        db 0x36
        dw 0x40
        db 0
        dw 0x40
        db 0
        dw COM1 + 1             ; 16550: no interrupts, 8 bits, DTR and RTS
        db 0
        dw COM1 + 3
        db 3
        dw COM1 + 4
        db 3
settings_end:

; Vectors that have a service.
services:
        dw 0x10 * 4, int10, 0x11 * 4, int11, 0x12 * 4, int12, 0x13 * 4, int13
        dw 0x15 * 4, int15, 0x16 * 4, int16, 0x19 * 4, int19, 0x1a * 4, int1a
        dw 0x1c * 4, nothing
services_end:

; INT 19h: the first sector to 0000:7C00, and there.
int19:  xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 0x7c00
        xor esi, esi            ; sector 0
        mov edi, 0x7c00
        mov cx, 1
        call read
        cmp word [0x7dfe], 0xaa55
        mov si, no_boot
        jne stop
        xor eax, eax
        mov ecx, eax
        mov ebx, eax
        mov esi, eax
        mov edi, eax
        mov ebp, eax
        movzx edx, byte [cs:drive]
        sti
        jmp 0:0x7c00

; ---------------------------------------------- interrupts that nobody took

STUB    equ 6
stubs:
%assign v 0
%rep 256
        push strict word v
        jmp strict near came
%assign v v + 1
%endrep

; On the stack: vector, IP, CS, FLAGS. An IRQ is acknowledged, and dropped; the
; controllers know whether it is one, for the processor's own exceptions use
; the same vectors.
came:   push bp
        mov bp, sp
        push ax
        mov ax, [bp + 2]
        and al, 0xf8
        cmp al, 0x08
        je .master
        cmp al, 0x70
        jne .lost
        mov al, 0x0b            ; OCW3: read what is in service
        out 0xa0, al
        in al, 0xa0
        test al, al
        jz .lost
        mov al, 0x20
        out 0xa0, al
        jmp .eoi
.master:
        mov al, 0x0b
        out 0x20, al
        in al, 0x20
        test al, al
        jz .lost
        cmp byte [bp + 2], 0x08
        jne .eoi
        push ds                 ; the timer
        xor ax, ax
        mov ds, ax
        inc dword [TICKS]
        int 0x1c
        pop ds
.eoi:   mov al, 0x20
        out 0x20, al
        pop ax
        pop bp
        add sp, 2
        iret
.lost:  mov si, lost
        call puts
        mov al, [bp + 2]
        call put_byte
        mov si, lost_at
        call puts
        mov ax, [bp + 6]
        call put_word
        mov al, ':'
        call put_char
        mov ax, [bp + 4]
        call put_word
        mov si, halted
stop:   call puts
.halt:  cli
        hlt
        jmp .halt

; -------------------------------------------------------- how services run

; A service's caller, as BP points at it.
struc frame
.es:    resw 1
.ds:    resw 1
.edi:   resd 1
.esi:   resd 1
.ebp:   resd 1
.esp:   resd 1
.ebx:   resd 1
.edx:   resd 1
.ecx:   resd 1
.eax:   resd 1
.ip:    resw 1
.cs:    resw 1
.flags: resw 1
endstruc

; SERVICE number, table: by AH, to a routine, which finds the registers as the
; caller had them, BP at the frame and SI, DI, DS anyhow. What it returns in
; carry is the caller's carry.
%macro SERVICE 2
        pushad
        push ds
        push es
        mov bp, sp
        cld
        mov si, %2
        mov di, %1
        jmp dispatch
%endmacro

; SI: entries of AH and routine; FFh ends them. DI: the interrupt's number.
dispatch:
        mov al, [cs:si]
        inc si
        cmp al, 0xff
        je .none
        cmp al, [bp + frame.eax + 1]
        je .found
        inc si
        inc si
        jmp dispatch
.found: mov eax, [bp + frame.eax]
        call [cs:si]
.done:  setc al
        and byte [bp + frame.flags], 0xfe
        or [bp + frame.flags], al
        pop es
        pop ds
        popad
        iret
.none:  mov si, unknown
        call puts
        mov ax, di
        call put_byte
        mov si, unknown_ax
        call puts
        mov ax, [bp + frame.eax]
        call put_word
        mov si, newline
        call puts
        mov byte [bp + frame.eax + 1], 0x86 ; AH: no such function
        stc
        jmp .done

; ------------------------------------------------- INT 10h: the console

int10:  SERVICE 0x10, .table
.table: db 0x00                 ; a mode, a cursor: a teletype has none
        dw succeed
        db 0x01
        dw succeed
        db 0x02
        dw succeed
        db 0x03
        dw .cursor
        db 0x0e
        dw .put
        db 0x0f
        dw .mode
        db 0xff
.cursor:
        xor ax, ax
        mov [bp + frame.edx], ax
        mov [bp + frame.ecx], ax
        ret
.put:   call put_char
        clc
        ret
.mode:  mov word [bp + frame.eax], 80 << 8 | 3
        mov byte [bp + frame.ebx + 1], 0
succeed:
        clc
        ret

; ----------------------------------- INT 11h, 12h, 1Ah: small questions

nothing:
        iret                    ; INT 1Ch: the guest's to take
int11:  mov ax, 0x0021
        iret
int12:  mov ax, 640
        iret
int1a:  SERVICE 0x1a, .table
.table: db 0x00
        dw .ticks
        db 0xff
.ticks: xor ax, ax
        mov ds, ax
        mov [bp + frame.eax], al
        mov ax, [TICKS]
        mov [bp + frame.edx], ax
        mov ax, [TICKS + 2]
        mov [bp + frame.ecx], ax
        ret

%include "disk.inc"
%include "memory.inc"

; ------------------------------------------------- INT 16h: no keyboard

int16:  SERVICE 0x16, .table
.table: db 0x00
        dw .wait
        db 0x01
        dw .none
        db 0x02
        dw .shift
        db 0x10
        dw .wait
        db 0x11
        dw .none
        db 0xff
.wait:  mov si, no_key
        jmp stop
.none:  or byte [bp + frame.flags], 0x40 ; ZF: no key waits
        clc
        ret
.shift: mov byte [bp + frame.eax], 0
        clc
        ret

; ------------------------------------------------------------ saying things

put_word:                       ; AX, in hexadecimal
        push ax
        mov al, ah
        call put_byte
        pop ax
put_byte:                       ; AL
        push ax
        shr al, 4
        call .digit
        pop ax
        and al, 15
.digit: add al, '0'
        cmp al, '9'
        jbe put_char
        add al, 'A' - '9' - 1
put_char:                       ; AL, when COM1 is ready
        push dx
        push ax
        mov dx, COM1 + 5
.busy:  in al, dx
        test al, 0x20
        jz .busy
        mov dx, COM1
        pop ax
        out dx, al
        pop dx
        ret
puts:   cs lodsb                ; the string at CS:SI
        test al, al
        jz .end
        call put_char
        jmp puts
.end:   ret

no_boot:        db "firmware: the disk's first sector has no 55 AA at its end", 10, 0
no_key:         db "firmware: INT 16h waits for a key, and there is no keyboard", 10, 0
lost:           db "firmware: nobody handles interrupt ", 0
lost_at:        db "h, at ", 0
halted:         db "; halted", 10, 0
unknown:        db "firmware: INT ", 0
unknown_ax:     db "h has no AX = ", 0
newline:        db "h", 10, 0

; The processor starts here.
        times 0x1ff0 - ($ - $$) db 0
        jmp ROM:start
        times 0x2000 - ($ - $$) db 0
