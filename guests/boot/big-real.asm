; big-real - real mode with a limit of 4 GiB: what a load does not change.
;
; In real mode a load of a segment register sets its base. It leaves the limit
; as it is, and at reset that is 64 KiB. So: go to protected mode, load a
; descriptor of 4 GiB, come back. The limit is still there, and an 8086
; program reaches all memory by 32-bit offsets. Boot loaders live on it; the
; firmware of this machine reads its disk so (guests/firmware/disk.inc).
;
; Bare, and all that interpret or translate its kernel: runs.
; Full, para: refused, as every boot sector.
;
;     ringside run big-real --technique bare
%include "boot.inc"

FLAT    equ 0x08

lesson: mov word [13 * 4], fault ; #GP, by the real-mode vector table
        mov word [13 * 4 + 2], 0
        mov ebx, 0x200000       ; 2 MiB
        say "64 KiB: "
        call try
        lgdt [gdt_register]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        mov dx, FLAT
        mov ds, dx              ; base 0, limit 4 GiB
        and al, ~1
        mov cr0, eax
        say "4 GiB: "
        call try
        xor ax, ax
        mov ds, ax              ; the base again, and only the base
        say "after another load: "
        call try
        quit 0

try:    mov dword [ebx], 0x0c0ffee0
        mov ax, [ebx + 1]
        call say_ax
        say 10
        ret

; An 8086's frame: IP, CS, FLAGS. There is no error code in real mode.
fault:  mov bp, sp
        say "#GP", 10
        mov word [bp], tried    ; go on behind the call
        iret
tried:  ret

        align 8
gdt:    dq 0
        dq 0x00cf92000000ffff   ; FLAT: 4 GiB, writable
gdt_register:
        dw gdt_register - gdt - 1
        dd gdt
        boot_end
