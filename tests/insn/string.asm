; string.asm - MOVS CMPS STOS LODS SCAS INS OUTS, with REP, both directions.
; SDM 2B "REP". Ports: 0xE9 for OUTS would show; 0x80 takes anything.
%include "harness.inc"

tests:
        mov eax, ds
        mov es, eax
        call movs_tests
        call stos_tests
        call lods_tests
        call scas_tests
        call cmps_tests
        call a16_tests
        jmp port_tests

fill:   mov esi, m1             ; m1: 0, 1, 2, ... ; m2: 0xff everywhere
        xor eax, eax
.next:  mov [esi + eax], al
        mov byte [m2 + eax], 0xff
        inc eax
        cmp eax, 64
        jb .next
        mov edi, m2
        ret

movs_tests:
        about "movs"
        call fill
        flags_in OSZAPC
        movsb
        flags OSZAPC, OSZAPC
        is esi, m1 + 1
        is edi, m2 + 1
        is dword [m2], 0xffffff00
        movsw
        is dword [m2], 0xff020100
        movsd
        is esi, m1 + 7
        is edi, m2 + 7
        is dword [m2 + 3], 0x06050403
        std
        movsb
        is esi, m1 + 6
        is byte [m2 + 7], 7
        movsw
        movsd
        is esi, m1
        is edi, m2
        cld
        about "rep movs"
        call fill
        mov ecx, 5
        rep movsb
        is ecx, 0
        is esi, m1 + 5
        is edi, m2 + 5
        is dword [m2 + 2], 0xff040302 + 0x00000000
        is byte [m2 + 5], 0xff
        call fill
        mov ecx, 3
        rep movsw
        is dword [m2 + 4], 0xffff0504
        call fill
        mov ecx, 4
        repne movsd             ; F2 repeats as F3 does
        is dword [m2 + 12], 0x0f0e0d0c
        is dword [m2 + 16], 0xffffffff
        call fill
        xor ecx, ecx
        rep movsd               ; nothing
        is esi, m1
        is dword [m2], 0xffffffff
        ; Overlapping, upwards: the first byte spreads.
        call fill
        mov byte [m1], 0xaa
        lea edi, [esi + 1]
        mov ecx, 7
        rep movsb
        is dword [m1 + 4], 0xaaaaaaaa
        is byte [m1 + 8], 8
        ; Downwards.
        call fill
        std
        mov ecx, 2
        lea esi, [m1 + 12]
        lea edi, [m2 + 12]
        rep movsd
        cld
        is dword [m2 + 8], 0x0b0a0908
        is dword [m2 + 12], 0x0f0e0d0c
        is dword [m2 + 4], 0xffffffff
        is esi, m1 + 4
        ; An override moves the source, never the destination.
        mov eax, SMALL
        mov fs, eax
        mov byte [small_data + 3], 0x99
        mov esi, 3
        mov edi, m2
        fs movsb
        is byte [m2], 0x99
        is esi, 4
        ret

stos_tests:
        about "stos"
        call fill
        mov eax, 0x12345678
        stosb
        is dword [m2], 0xffffff78
        stosw
        is dword [m2], 0xff567878
        stosd
        is dword [m2 + 3], 0x12345678
        is edi, m2 + 7
        mov edi, m2
        mov ecx, 3
        rep stosd
        is dword [m2 + 8], 0x12345678
        is dword [m2 + 12], 0xffffffff
        std
        mov ecx, 2
        lea edi, [m2 + 1]
        rep stosb
        cld
        is dword [m2], 0x12347878
        is edi, m2 - 1
        mov edi, m2
        mov ecx, 2
        rep stosw
        is dword [m2], 0x56785678
        ret

lods_tests:
        about "lods"
        call fill
        mov eax, 0x5a5a5a5a
        lodsb
        is eax, 0x5a5a5a00
        lodsw
        is eax, 0x5a5a0201
        lodsd
        is eax, 0x06050403
        is esi, m1 + 7
        mov ecx, 3
        rep lodsd
        is eax, 0x1211100f
        is ecx, 0
        mov ecx, 2
        rep lodsw
        rep lodsb
        std
        mov esi, m1 + 9
        lodsb
        cld
        is al, 9
        is esi, m1 + 8
        ret

scas_tests:
        about "scas"
        call fill
        mov edi, m1
        mov eax, 1
        scasb                   ; 1 - 0
        flags OSZAPC, 0
        scasb
        flags OSZAPC, ZF | PF
        is edi, m1 + 2
        mov eax, 0x0302
        scasw
        flags ZF, ZF
        mov eax, 0x07060504
        scasd
        flags ZF, ZF
        is edi, m1 + 8
        mov edi, m1
        mov al, 5
        mov ecx, 100
        repne scasb             ; find 5
        flags ZF, ZF
        is edi, m1 + 6
        is ecx, 94
        mov edi, m1
        mov al, 0
        mov ecx, 100
        repe scasb              ; pass zeros
        flags OSZAPC, SF | AF | PF | CF
        is edi, m1 + 2
        is ecx, 98
        mov al, 0xee
        mov edi, m1
        mov ecx, 8
        repne scasd             ; not there
        flags ZF, 0
        is ecx, 0
        is edi, m1 + 32
        flags_in OSZAPC
        repe scasw              ; count 0: flags stay
        flags OSZAPC, OSZAPC
        ret

cmps_tests:
        about "cmps"
        call fill
        mov ecx, 8
        rep movsd
        mov byte [m2 + 6], 9
        mov esi, m1
        mov edi, m2
        cmpsb
        flags ZF, ZF
        cmpsw
        flags ZF, ZF
        is esi, m1 + 3
        is edi, m2 + 3
        cmpsd                   ; 06050403 - 09050403
        flags OSZAPC, SF | PF | CF
        mov esi, m1
        mov edi, m2
        mov ecx, 32
        repe cmpsb
        flags OSZAPC, SF | AF | CF      ; 6 - 9 = fd
        is ecx, 25
        is esi, m1 + 7
        mov ecx, 3
        repne cmpsb
        is ecx, 2
        mov esi, m1 + 8
        mov edi, m2 + 8
        mov ecx, 6
        repe cmpsd
        flags ZF, ZF
        is ecx, 0
        mov ecx, 2
        mov esi, m1 + 8
        mov edi, m2 + 8
        repe cmpsw
        flags ZF, ZF
        ret

; With 67 the registers are SI, DI and CX, and the rest of them stays.
a16_tests:
        about "16-bit address size"
        mov eax, SMALL
        mov ds, eax
        mov es, eax
        mov byte [ss:small_data + 0x20], 0x42
        mov esi, 0x5a5a0020
        mov edi, 0x5a5a0030
        mov ecx, 0x5a5a0003
        a16 rep movsb
        mov eax, ss
        mov ds, eax
        mov es, eax
        is esi, 0x5a5a0023
        is edi, 0x5a5a0033
        is ecx, 0x5a5a0000
        is byte [small_data + 0x30], 0x42
        ret

port_tests:
        about "in, out"
        mov edx, 0x80
        mov eax, 0x12345678
        out 0x80, al
        out 0x80, ax
        out 0x80, eax
        out dx, al
        out dx, ax
        out dx, eax
        mov al, 0x22            ; the second PIC's mask can be read back
        out 0xa1, al
        mov eax, 0x5a5a5a5a
        in al, 0xa1
        is eax, 0x5a5a5a22
        mov dx, 0xa1
        mov al, 0
        in al, dx
        is al, 0x22
        in ax, 0x80
        in eax, 0x80
        mov dx, 0x80
        in ax, dx
        in eax, dx
        about "ins, outs"
        call fill
        mov dx, 0xa1
        mov byte [m1], 0x44
        outsb
        is esi, m1 + 1
        insb
        is byte [m2], 0x44
        is edi, m2 + 1
        mov esi, m1 + 4
        mov ecx, 3
        rep outsb               ; 4, 5, 6
        is ecx, 0
        is esi, m1 + 7
        mov ecx, 2
        rep insb
        is word [m2 + 1], 0x0606
        is edi, m2 + 3
        mov dx, 0x80
        outsw
        outsd
        is esi, m1 + 13
        insw
        insd
        is edi, m2 + 9
        std
        insb
        outsb
        cld
        is edi, m2 + 8
        is esi, m1 + 12
        ret
