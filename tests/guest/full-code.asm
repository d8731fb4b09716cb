; full-code.asm - code that changes, moves, overlaps and faults: what is hard
; for a monitor that keeps anything made of a guest's code: see full.inc.
;
; Code is made in the pages of FRAME, and run there or through WINDOW.

%include "full.inc"

; MAKE address, bytes...: a function there
%macro MAKE 2+
        mov edi, %1
        mov esi, %%code
        mov ecx, %%end - %%code
        rep movsb
        jmp %%end
%%code: %2
%%end:
%endmacro
%define ANSWER(n) db 0xb8, n, 0, 0, 0, 0xc3 ; mov eax, n; ret
%define FAR_CODE PAGE(40)

begin:
; ------------------------------------------------------ code that changes
CASE "an instruction ahead is overwritten"
        mov byte [%$a + 1], 7
%$a:    mov al, 1
        mov byte [%$a + 1], 1
END
CASE "one behind, in a loop"
        mov ecx, 50
        xor ebx, ebx
%$a:    add ebx, 1
        inc byte [%$a + 2]      ; its operand: 1, 2, 3 ...
        loop %$a
        mov byte [%$a + 2], 1
END
CASE "a function that is called is rewritten"
        MAKE FAR_CODE, ANSWER(1)
        xor ebx, ebx
        mov ecx, 40
%$a:    mov eax, FAR_CODE
        call eax
        add ebx, eax
        inc byte [FAR_CODE + 1]
        loop %$a
END
CASE "a branch becomes another"
        mov ecx, 3
        xor eax, eax
%$a:    cmp ecx, 2
%$b:    je %$c
        inc eax
%$c:    mov byte [%$b], 0x75    ; je: jne
        loop %$a
        mov byte [%$b], 0x74
END
CASE "rep stosb over code"
        MAKE FAR_CODE, ANSWER(9)
        mov eax, FAR_CODE
        call eax
        mov ebx, eax
        mov al, 0x90            ; nops
        mov edi, FAR_CODE
        mov ecx, 5
        rep stosb
        mov eax, FAR_CODE
        call eax
        shr eax, 8
END
CASE "pushes over code"
        MAKE FAR_CODE, ANSWER(9)
        mov eax, FAR_CODE
        call eax
        mov ebx, esp
        mov esp, FAR_CODE + 8
        push dword 0x0000c300   ; mov eax, 5; ret
        push dword 0x000005b8
        mov esp, ebx
        mov eax, FAR_CODE
        call eax
END
CASE "the last byte of an instruction across two pages"
        MAKE PAGE(41) - 3, ANSWER(3)
        mov eax, PAGE(41) - 3
        call eax
        mov ebx, eax
        mov byte [PAGE(41)], 1  ; the operand's third byte
        mov eax, PAGE(41) - 3
        call eax
END
CASE "its first byte"
        mov byte [PAGE(41) - 2], 4
        mov eax, PAGE(41) - 3
        call eax
END
CASE "data beside code, often"
        mov ecx, 300
        xor eax, eax
%$a:    inc dword [%$x]
        add eax, [%$x]
        loop %$a
        jmp %$b
%$x:    dd 0
%$b:    mov dword [%$x], 0
END

; ------------------------------------------------------- code that moves
CASE "two pages at one address, by turns"
        MAKE PAGE(42), ANSWER(2)
        MAKE PAGE(43), ANSWER(3)
        xor ebx, ebx
        mov edx, 30
%$a:    mov dword [PTE(8)], PAGE(42) | 7
        invlpg [WIN(8)]
        mov eax, WIN(8)
        call eax
        imul ebx, eax
        add ebx, eax
        mov dword [PTE(8)], PAGE(43) | 7
        invlpg [WIN(8)]
        mov eax, WIN(8)
        call eax
        add ebx, eax
        dec edx
        jnz %$a
END
CASE "the same by a jump known in advance"
        mov edi, WIN(9) - 5     ; PAGE(44): jmp to WIN(9), PAGE(42) or (43)
        mov dword [PTE(8)], PAGE(44) | 7
        mov byte [WIN(9) - 5], 0xe9
        mov dword [WIN(9) - 4], 0
        xor ebx, ebx
        mov edx, 30
%$a:    mov dword [PTE(9)], PAGE(42) | 7
        invlpg [WIN(9)]
        call edi
        imul ebx, ebx, 3
        add ebx, eax
        mov dword [PTE(9)], PAGE(43) | 7
        invlpg [WIN(9)]
        call edi
        add ebx, eax
        dec edx
        jnz %$a
END
CASE "the same by CR3"
        mov dword [PTE(8)], PAGE(42) | 7
        mov dword [OTHER + 8 * 4], PAGE(43) | 7
        xor ebx, ebx
        mov edx, 30
%$a:    mov eax, DIR
        mov cr3, eax
        mov eax, WIN(8)
        call eax
        imul ebx, ebx, 3
        add ebx, eax
        mov eax, DIR2
        mov cr3, eax
        mov eax, WIN(8)
        call eax
        add ebx, eax
        dec edx
        jnz %$a
        mov eax, DIR
        mov cr3, eax
END
CASE "the page behind a crossing instruction, by turns"
        mov dword [PTE(10)], PAGE(45) | 7
        mov word [WIN(11) - 2], 0x06b8  ; mov eax, 0x??????06
        mov dword [PAGE(46)], 0xc3000000
        mov dword [PAGE(47)], 0xc3000001
        xor ebx, ebx
        mov edx, 10
%$a:    mov dword [PTE(11)], PAGE(46) | 7
        invlpg [WIN(11)]
        mov eax, WIN(11) - 2
        call eax
        add ebx, eax
        mov dword [PTE(11)], PAGE(47) | 7
        invlpg [WIN(11)]
        mov eax, WIN(11) - 2
        call eax
        add ebx, eax
        dec edx
        jnz %$a
END
CASE "one page at two addresses, written through a third"
        MAKE PAGE(42), ANSWER(2)
        mov dword [PTE(12)], PAGE(42) | 7
        mov dword [PTE(13)], PAGE(42) | 7
        mov eax, WIN(12)
        call eax
        mov ebx, eax
        mov eax, WIN(13)
        call eax
        add ebx, eax
        mov byte [PAGE(42) + 1], 0x20
        mov eax, WIN(12)
        call eax
        add ebx, eax
        mov eax, WIN(13)
        call eax
END
CASE "unmapped, and fetched"
        mov dword [PTE(12)], 0
        invlpg [WIN(12)]
        mov eax, WIN(12)
        call eax
END
CASE "accessed: set by a fetch, and again"
        mov dword [PTE(12)], PAGE(42) | 7
        invlpg [WIN(12)]
        mov eax, WIN(12)
        call eax
        mov ebx, [PTE(12)]
        and dword [PTE(12)], ~0x20
        invlpg [WIN(12)]
        mov eax, WIN(12)
        call eax
        mov eax, [PTE(12)]
END
CASE "not accessed: the page that control does not reach"
        mov dword [PTE(12)], PAGE(48) | 7
        mov dword [PTE(13)], PAGE(49) | 7
        mov byte [WIN(13) - 1], 0xc3
        and dword [PTE(13)], ~0x60
        invlpg [WIN(13)]
        mov eax, WIN(13) - 1
        call eax
        mov eax, [PTE(13)]
END

; ------------------------------------------------------ code that overlaps
CASE "into the middle of an instruction"
        xor eax, eax
        mov ecx, 2
        jmp %$b
%$a:    db 0xb8                 ; mov eax, 0x9090c340: or inc eax; ret
%$b:    inc eax
        loop %$a
        ret
        nop
        nop
END
CASE "a prefix jumped over"
        xor ebx, ebx
        xor eax, eax
        mov ecx, 2
%$a:    db 0x66
%$b:    add eax, 0x12345678     ; or add ax, 0x5678; xor al, 0x12 ...
        add ebx, eax
END
CASE "fifteen bytes, and sixteen"
        times 12 db 0x3e
        add eax, 7
        mov ebx, eax
        times 14 db 0x3e
        add eax, 7
END

; ------------------------------------------------------------- transfers
CASE "call and ret, many deep"
        mov ecx, 100
        call %$f
        jmp %$e
%$f:    dec ecx
        jz %$g
        call %$f
%$g:    inc eax
        ret
%$e:    mov ebx, esp
END
CASE "ret n, and a return address of one's own"
        push dword 1
        push dword 2
        push dword %$a
        ret 8
%$a:    mov ebx, esp
END
CASE "call by memory and by esp"
        push dword %$f
        call [esp]
        mov ebx, esp
        jmp %$e
%$f:    mov eax, [esp]
        sub eax, [case_start]
        ret
%$e:
END
CASE "call by memory that is not there"
        mov dword [PTE(14)], 0
        invlpg [WIN(14)]
        mov eax, 5
        mov ecx, 6
        mov ebx, 7
        call [WIN(14) + eax * 4]
END
CASE "ret from where nothing is"
        mov eax, 5
        mov ebx, 6
        mov dword [PTE(13)], PAGE(49) | 7
        invlpg [WIN(13)]
        mov esp, WIN(14)        ; the fault's frame goes below
        ret
END
CASE "ret to where nothing is"
        mov eax, 5
        push dword WIN(14)
        ret
END
CASE "jmp by memory that is not there"
        mov eax, 5
        mov ebx, 6
        jmp [WIN(14)]
END
CASE "loop, loope, loopne, jecxz, and loop by cx"
        mov ecx, 0x10003
        xor eax, eax
%$a:    inc eax
        a16 loop %$a
        mov ebx, ecx
        mov ecx, 5
%$b:    inc eax
        cmp ecx, 3
        loopne %$b
        cmp eax, eax
%$c:    inc eax
        loope %$c
        jecxz %$d
        mov eax, 0
%$d:
END
CASE "flags through a ret"
        stc
        mov al, 0x7f
        call %$f
        pushf
        pop ebx
        and ebx, 0x8d5
        jmp %$e
%$f:    adc al, 0               ; 0x80: OF SF AF
        ret
%$e:
END
CASE "a word's jump"
        mov edi, 0x8000
        mov word [edi], 0xe3ff  ; jmp ebx
        mov dword [SCRATCH], 0xabcd8000
        mov eax, 5
        mov ebx, %$e
        o16 jmp [SCRATCH]
        nop
%$e:    mov ebx, esp
END
CASE "cs:, and gs: of one's own"
        mov dword [SCRATCH], 0x1234
        mov eax, [cs:SCRATCH]
        DESC T0, SCRATCH, 0xfff, 0x93, 4
        mov bx, T0
        mov gs, bx
        mov ebx, [gs:0]
        mov dword [gs:4], 0x5678
        add ebx, [SCRATCH + 4]
END
CASE "a write by cs (not on QEMU)"
        inc dword [cs:SCRATCH]
END

; ------------------------------------------------- where a monitor may live
CASE "a jump to the top of memory"
        MAKE PAGE(42), ANSWER(2)
        mov eax, 0xffe50000
        shr eax, 12
        and eax, 0x3ff
        mov dword [TOP + eax * 4], PAGE(42) | 7
        mov eax, 0xffe50000
        invlpg [eax]
        call eax
        mov ebx, eax
        mov dword [0xffe50000 + 1], 0x77
        mov eax, 0xffe50000
        call eax
END
CASE "data there"
        mov dword [0xffe50800], 0x13579bdf
        mov eax, [0xffe50800]
        mov ebx, [PAGE(42) + 0x800]
END
CASE "nothing is there"
        mov eax, 0xffe60000
        mov ebx, 6
        jmp eax
END

; -------------------------------------------------------- interrupts' flag
CASE "cli, sti, pushf, popf in one piece"
        sti
        nop
        pushf
        cli
        pushf
        pop ebx
        pop eax
        and eax, 0x200
        and ebx, 0x200
END
CASE "popf that steps"
        push dword 0x102
        popf
        nop
        nop
END
CASE "iret to itself"
        pushf
        push cs
        push dword %$a
        iret
%$a:    mov eax, esp
END
        jmp finish
