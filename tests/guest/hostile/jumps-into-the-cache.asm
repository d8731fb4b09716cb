; jumps-into-the-cache - to the middle of translated code, and of its own.
; under: full hybrid translate emulate
; ends: success
; Rule: control goes from guest address to guest address; where that leads in
; the cache, the translator chose. The cache is in no segment of the guest's.
%include "hostile.inc"
lesson: call trap_all
        call make_tables
        TRY "a jump to where the cache is"
        mov eax, MONITOR_CACHE + 0x10
        jmp eax
        DONE
        TRY "the same, with code of its own mapped there"
        mov dword [HOLE_PTE(MONITOR_CACHE)], FRAME | 7
        mov dword [FRAME + 0x10], 0x40cd4747    ; inc edi twice, int 0x40
        mov eax, MONITOR_CACHE + 0x10
        jmp eax
        DONE
        TRY "a return to it"
        push dword MONITOR_CACHE + 0x11
        ret
        DONE
        TRY "a call to it from ring 3"
        USER
        mov eax, MONITOR_CACHE + 0x12
        call eax
        DONE
        TRY "writes there are to its own page"
        mov dword [MONITOR_CACHE + 0x20], 0xcccccccc
        mov eax, [FRAME + 0x20]
        call say_hex
        DONE
        TRY "and to the state page there are none"
        mov dword [MONITOR_STATE], 0x200
        DONE
        TRY "by GS, as translated code does"
        mov dword [gs:0], 0x200
        DONE
        TRY "the middle of an instruction that has been run"
        mov ebx, 2
        xor edx, edx
.again: mov eax, 0x40cd9042             ; its bytes: inc edx, nop, int 0x40
        dec ebx
        jnz .again
        lea eax, [.again + 1]
        jmp eax
        DONE
        mov eax, edx
        call say_hex
        say 10
        TRY "code that rewrites what comes next"
        mov byte [.here + 1], 0x11
.here:  mov al, 0
        movzx eax, al
        call say_hex
        DONE
        TRY "code on two pages, the second exchanged"
        mov edi, FRAME + 0xffe
        mov dword [edi], 0x40cd9090
        mov dword [PTE(0)], FRAME | 7
        mov dword [PTE(1)], FRAME + 0x1000 | 7
        mov eax, WINDOW + 0xffe
        mov dword [resume], .first
        jmp eax
.first: mov dword [resume], %$next
        mov word [FRAME + 0x2000], 0xcccc       ; INT3, which says 3
        mov dword [PTE(1)], FRAME + 0x2000 | 7
        invlpg [WINDOW + 0x1000]
        mov eax, WINDOW + 0xffe
        jmp eax
        DONE
        TRY "3,000 targets of one indirect jump"
        mov edi, FRAME + 0x4000
        mov eax, 0xc3c3c3c3
        mov ecx, 750
        rep stosd
        mov ebp, FRAME + 0x4000
.call:  call ebp
        inc ebp
        cmp ebp, FRAME + 0x4000 + 3000
        jb .call
        DONE
        TRY "a far jump into the cache's segment"
        jmp CACHE_CS:0
        DONE
        LIVES
