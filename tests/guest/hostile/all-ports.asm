; all-ports - every port there is, in both directions, from rings 0 and 3.
; under: full hybrid translate emulate
; ends: success
; Rule: the real IOPL is 0 and the real TSS has no bitmap, so that each access
; traps; a virtual device answers, or nobody.
%include "hostile.inc"
lesson: call trap_all
        mov edx, 0x100          ; beyond what a PC has on its board
.next:  cmp edx, 0x3f8
        jb .all
        cmp edx, 0x3ff          ; COM1 talks
        jbe .skip
.all:   in al, dx
        in ax, dx
        in eax, dx
        cmp eax, -1
        jne .bad
        mov eax, 0x55555555
        out dx, al
        out dx, ax
        out dx, eax
.skip:  add edx, 61
        cmp edx, 0xfffe
        jbe .next
        say "nobody answers", 10
        TRY "the last port, four bytes of it"
        mov dx, 0xffff
        in eax, dx
        call say_hex
        DONE
        TRY "REP INSD over its own stack's end"
        mov edi, stack - 8
        mov ecx, 2
        mov dx, 0x1000
        rep insd
        DONE
        TRY "IN from ring 3"
        USER
        in al, 0x60
        DONE
        TRY "OUT to the exit port from ring 3"
        USER
        mov dx, 0xf4
        out dx, al
        DONE
        TRY "CLI from ring 3"
        USER
        cli
        DONE
        TRY "POPF with IOPL 3, from ring 3, and then CLI"
        USER
        push dword 0x3002
        popf
        cli
        DONE
        LIVES
.bad:   say "somebody answers", 10
        quit 1
