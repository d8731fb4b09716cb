; debug-registers - breakpoints on the monitor's code, tables and entries.
; under: full hybrid translate emulate
; ends: success
; Rule: the real debug registers get what can hit in the guest alone; what a
; breakpoint behind MOV SS does in ring 0 the monitor forgets (switch.c).
%include "hostile.inc"
lesson: call trap_all
        call make_tables
        mov eax, MONITOR_STUBS + 256
        mov dr0, eax
        mov eax, MONITOR_STACK - 4
        mov dr1, eax
        mov eax, MONITOR_GDT
        mov dr2, eax
        mov eax, MONITOR_STUBS + 0xf0
        mov dr3, eax
        mov eax, 0x0f0004ff | 0x0dd00000        ; code, data, data, code; LE GE
        mov dr7, eax
        TRY "traps with breakpoints all over the monitor"
        cpuid
        mov eax, cr0
        int 0x40
        DONE
        mov eax, there
        mov dr0, eax
        mov eax, stack_word
        mov dr1, eax
        mov eax, 0x00f00403 | 0x4               ; DR0 code, DR1 any access
        mov dr7, eax
        TRY "a breakpoint of its own"
there:  nop
        DONE
        TRY "MOV SS from where a breakpoint is, then INT"
        mov ss, [stack_word]
        int 0x40
        DONE
        TRY "the same from ring 3"
        USER
        mov ss, [user_stack_word]
        int 0x40
        DONE
        TRY "general detect: DR7.GD"
        mov eax, 0x2400
        mov dr7, eax
        mov eax, dr0
        DONE
        xor eax, eax
        mov dr7, eax
        mov dr6, eax
        TRY "a single step into the kernel"
        USER
        pushf
        or dword [esp], 0x100
        popf
        int 0x40
        DONE
        TRY "single-stepping a REP over the edge of the hole"
        mov dword [DIR + ((HOLE - 1) >> 22) * 4], TABLE | 7
        mov dword [TABLE + 1023 * 4], FRAME | 7
        mov edi, HOLE - 8
        mov ecx, 16
        rep stosb
        DONE
        LIVES
section .data
        align 4
stack_word: dd DATA
user_stack_word: dd USER_DATA
