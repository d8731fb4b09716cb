; move.asm - MOV MOVZX MOVSX LEA XCHG BSWAP CMPXCHG CMPXCHG8B XADD, the
; conversions, XLATB, LAHF and SAHF, SALC, the flag instructions, NOPs; and
; addressing: every ModRM and SIB form by LEA.
%include "harness.inc"

tests:
        call mov_tests
        call extend_tests
        call exchange_tests
        call convert_tests
        call flag_tests
        call address32_tests
        jmp address16_tests

mov_tests:
        about "mov"
        mov eax, 0x11223344
        mov [m1], eax                   ; A3
        mov ecx, eax
        is ecx, 0x11223344
        db 0x8b, 0xd1                   ; mov edx, ecx by 8B
        is edx, 0x11223344
        db 0x88, 0xe2                   ; mov dl, ah
        is edx, 0x11223333
        db 0x8a, 0xf0                   ; mov dh, al by 8A
        is edx, 0x11224433
        mov byte [m1 + 1], 0x55
        mov word [m1 + 2], 0x6677
        mov eax, [m1]                   ; A1
        is eax, 0x66775544
        mov al, [m1 + 3]                ; A0
        is eax, 0x66775566
        mov [m1 + 4], al                ; A2
        is byte [m1 + 4], 0x66
        mov dword [m1], 0x12345678
        mov ebx, [m1]
        mov bx, [m1 + 2]
        is ebx, 0x12341234
        mov [m1 + 8], bx
        mov [m1 + 10], bl
        is word [m1 + 8], 0x1234
        is byte [m1 + 10], 0x34
        db 0xc6, 0xc0, 0x99             ; mov al, imm by C6
        is al, 0x99
        db 0xc7, 0xc0
        dd 0xabcdef01
        is eax, 0xabcdef01
        db 0x66, 0xc7, 0xc0, 0x11, 0x22
        is eax, 0xabcd2211
        about "mov immediate to each register"
        mov eax, 0x10
        mov ecx, 0x11
        mov edx, 0x12
        mov ebx, 0x13
        mov esi, 0x16
        mov edi, 0x17
        mov al, 1
        mov cl, 2
        mov dl, 3
        mov bl, 4
        mov ah, 5
        mov ch, 6
        mov dh, 7
        mov bh, 8
        is eax, 0x501
        is ecx, 0x602
        is edx, 0x703
        is ebx, 0x804
        is esi, 0x16
        mov si, 0xffff
        is esi, 0xffff
        is edi, 0x17
        ret

extend_tests:
        about "movzx, movsx"
        mov ecx, 0x1234f680
        movzx eax, cl
        is eax, 0x80
        movsx eax, cl
        is eax, 0xffffff80
        movsx eax, ch
        is eax, 0xfffffff6
        movzx eax, cx
        is eax, 0xf680
        movsx eax, cx
        is eax, 0xfffff680
        mov eax, 0x5a5a5a5a
        movsx ax, cl
        is eax, 0x5a5aff80
        movzx ax, cl
        is eax, 0x5a5a0080
        mov [m1], ecx
        movzx eax, byte [m1 + 1]
        is eax, 0xf6
        movsx eax, byte [m1 + 1]
        is eax, 0xfffffff6
        movzx eax, word [m1]
        is eax, 0xf680
        movsx eax, word [m1]
        is eax, 0xfffff680
        ret

exchange_tests:
        about "xchg"
        mov eax, 1
        mov ecx, 2
        mov edx, 3
        mov ebx, 4
        mov esi, 6
        mov edi, 7
        xchg eax, ecx
        xchg eax, edx
        xchg eax, ebx
        xchg eax, esi
        xchg eax, edi
        is eax, 7
        is ecx, 1
        is edx, 2
        is ebx, 3
        is esi, 4
        is edi, 6
        mov ebp, 5
        xchg eax, ebp
        is eax, 5
        is ebp, 7
        mov ecx, esp
        xchg eax, esp
        xchg eax, esp
        mov edx, esp
        is ecx, edx
        xchg al, ah
        is eax, 0x500
        mov dword [m1], 0x11223344
        xchg ah, [m1]
        is eax, 0x4400
        is dword [m1], 0x11223305
        xchg eax, [m1]
        is eax, 0x11223305
        xchg ax, [m1 + 2]
        is eax, 0x11220000
        xchg ecx, edx
        db 0x66, 0x87, 0xca             ; xchg dx, cx
        about "xadd"
        mov eax, 0x7fffffff
        mov ecx, 1
        xadd eax, ecx
        flags OSZAPC, OF | SF | AF | PF
        is eax, 0x80000000
        is ecx, 0x7fffffff
        mov byte [m1], 0xff
        mov cl, 1
        lock xadd [m1], cl
        flags OSZAPC, ZF | AF | PF | CF
        is byte [m1], 0
        is cl, 0xff
        mov eax, 3
        xadd eax, eax
        is eax, 6
        about "cmpxchg"
        mov dword [m1], 5
        mov eax, 5
        mov ecx, 9
        cmpxchg [m1], ecx
        flags OSZAPC, ZF | PF
        is dword [m1], 9
        is eax, 5
        lock cmpxchg [m1], ecx          ; 5 - 9
        flags OSZAPC, SF | AF | PF | CF
        is dword [m1], 9
        is eax, 9
        mov al, 9
        mov cl, 0x77
        cmpxchg [m1], cl
        flags ZF, ZF
        is byte [m1], 0x77
        mov dl, 0x33
        mov cl, 0x44
        cmpxchg dl, cl
        flags ZF, 0
        is al, 0x33
        is dl, 0x33
        is cl, 0x44
        about "cmpxchg8b"
        mov dword [m1], 0x11111111
        mov dword [m1 + 4], 0x22222222
        mov eax, 0x11111111
        mov edx, 0x22222222
        mov ebx, 0x33333333
        mov ecx, 0x44444444
        flags_in OSZAPC & ~ZF
        cmpxchg8b [m1]
        flags OSZAPC, OSZAPC
        is dword [m1], 0x33333333
        is dword [m1 + 4], 0x44444444
        lock cmpxchg8b [m1]
        flags OSZAPC, OSZAPC & ~ZF
        is eax, 0x33333333
        is edx, 0x44444444
        is dword [m1], 0x33333333
        is dword [m1 + 4], 0x44444444
        mov edx, 0x11111111             ; one half is not enough
        cmpxchg8b [m1]
        flags ZF, 0
        is edx, 0x44444444
        is dword [m1], 0x33333333
        fault VEC_UD, {db 0x0f, 0xc7, 0xc8}     ; a register
        about "bswap"
        mov eax, 0x12345678
        bswap eax
        is eax, 0x78563412
        mov ebp, 0x01020304
        bswap ebp
        is ebp, 0x04030201
        ret

convert_tests:
        about "cbw, cwde, cwd, cdq"
        mov eax, 0x5a5a1280
        cbw
        is eax, 0x5a5aff80
        cwde
        is eax, 0xffffff80
        mov eax, 0x12347fff
        cwde
        is eax, 0x7fff
        mov edx, 0x5a5a5a5a
        cwd
        is edx, 0x5a5a0000
        mov eax, 0x80000000
        cdq
        is edx, -1
        mov eax, 0x8000
        cwd
        cdq
        is edx, 0
        about "xlatb"
        mov dword [m1 + 8], 0x44332211
        mov ebx, m1
        mov eax, 0x5a5a5a0a
        xlatb
        is eax, 0x5a5a5a33
        mov eax, DATA0
        mov fs, eax
        mov al, 11
        fs xlatb
        is al, 0x44
        ret

flag_tests:
        about "lahf, sahf"
        mov eax, 0x5a5a5a5a
        flags_in OSZAPC
        lahf
        is eax, 0x5a5ad75a
        flags_in 0
        lahf
        is eax, 0x5a5a025a
        mov ah, 0xff
        flags_in OF
        sahf
        flags OSZAPC, OSZAPC
        mov ah, 0
        sahf
        flags OSZAPC, OF
        about "salc"
        mov eax, 0x5a5a5a5a
        stc
        salc
        is eax, 0x5a5a5aff
        clc
        salc
        is eax, 0x5a5a5a00
        about "clc, stc, cmc, cld, std"
        flags_in OSZAPC
        clc
        flags OSZAPC, OSZAPC & ~CF
        stc
        flags OSZAPC, OSZAPC
        cmc
        flags OSZAPC, OSZAPC & ~CF
        cmc
        flags OSZAPC, OSZAPC
        std
        flags DF | OSZAPC, DF | OSZAPC
        cld
        flags DF | OSZAPC, OSZAPC
        about "nop"
        mov eax, 0x12345678
        nop
        db 0xf3, 0x90
        db 0x66, 0x90
        db 0x0f, 0x1f, 0xc0
        db 0x0f, 0x1f, 0x84, 0x00, 0xff, 0xff, 0xff, 0xff ; touches no memory
        wait
        flags OSZAPC, OSZAPC
        is eax, 0x12345678
        ret

; LEA of an address expression must give the value.
%macro address 2
        lea eax, %1
        is eax, %2
%endmacro

address32_tests:
        about "32-bit addresses"
        mov ecx, 0x1000
        mov edx, 0x20000
        mov ebx, 0x300000
        mov esi, 0x4000000
        mov edi, 0x50000000
        mov ebp, 0x600000
        address [ecx], 0x1000
        address [edx + 0x7f], 0x2007f
        address [ebx - 0x80], 0x2fff80
        address [esi + 0x12345678], 0x16345678
        address [edi - 1], 0x4fffffff
        address [ebp + 0], 0x600000
        address [0x12345678], 0x12345678
        address [ecx + edx], 0x21000
        address [ecx + edx * 2], 0x41000
        address [ecx + edx * 4 + 1], 0x81001
        address [ecx + edx * 8 + 0x10000000], 0x10101000
        address [ecx * 4 + 0x10], 0x4010
        address [ebp + ecx * 8], 0x608000
        address [ebp + ebp], 0xc00000
        address [edi * 8], 0x80000000
        mov eax, esp
        lea ebx, [esp + 8]
        sub ebx, eax
        is ebx, 8
        lea ebx, [esp]
        is ebx, eax
        db 0x8d, 0x04, 0x60             ; SIB with index 4: none
        is eax, ebx
        db 0x8d, 0x04, 0x25             ; neither base nor index
        dd 0x1234
        is eax, 0x1234
        mov eax, 0x5a5a5a5a
        lea ax, [edi + 0x12345]         ; cut to the operand size
        is eax, 0x5a5a2345
        about "segment overrides"
        mov eax, SMALL
        mov es, eax
        mov fs, eax
        mov gs, eax
        mov byte [small_data + 0x10], 0x11
        mov ebp, 0x10
        is byte [es:0x10], 0x11
        is byte [fs:ebp], 0x11
        is byte [gs:ebp], 0x11
        mov eax, [cs:header]
        is eax, 0x1badb002
        mov ecx, m1
        mov dword [ss:ecx], 7
        is dword [ds:ecx], 7
        mov eax, DATA0
        mov es, eax
        ret

address16_tests:
        about "16-bit addresses"
        mov ebx, 0x5a5a1000
        mov esi, 0x5a5a0200
        mov edi, 0x5a5a0030
        mov ebp, 0x5a5a8000
        address [bx + si], 0x1200
        address [bx + di], 0x1030
        address [bp + si], 0x8200
        address [bp + di], 0x8030
        address [si], 0x200
        address [di], 0x30
        address [word 0x1234], 0x1234
        address [bx], 0x1000
        address [bp + 1], 0x8001
        address [bx + si - 1], 0x11ff
        address [bp + di + 0x7fff], 0x002f      ; wraps at 64 KiB
        address [di - 0x31], 0xffff
        ; Through a segment that begins at the data, so that it can be used.
        mov eax, SMALL
        mov fs, eax
        mov byte [small_data + 0x230], 0x77
        mov al, [fs:si + 0x30]
        is al, 0x77
        a16 mov al, [fs:0x230]
        is al, 0x77
        ret
