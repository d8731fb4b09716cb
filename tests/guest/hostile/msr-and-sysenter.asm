; msr-and-sysenter - SYSENTER into the monitor, and the switch that traps.
; under: full hybrid translate emulate
; ends: success
; Rule: the guest's MSRs are its own. SYSENTER goes to its ring 0, which is
; not the processor's; and no MSR turns trapping off.
%include "hostile.inc"
MSR_TRAP_SENSITIVE equ 0x52530000
lesson: call trap_all
        call make_tables
        mov ecx, 0x174
        xor edx, edx
        mov eax, MONITOR_CS
        wrmsr
        mov ecx, 0x175
        mov eax, stack + 2048           ; where a fault can be told
        wrmsr
        mov ecx, 0x176
        mov eax, MONITOR_STUBS + 256
        wrmsr
        TRY "SYSENTER to the monitor's IRET"
        USER
        sysenter
        DONE
        mov ecx, 0x176
        mov eax, passed
        wrmsr
        mov ecx, 0x175
        mov eax, stack + 2048
        wrmsr
        mov ecx, 0x174
        mov eax, CODE
        wrmsr
        TRY "SYSENTER to its own kernel"
        USER
        sysenter
        DONE
        TRY "SYSENTER with CS 0"
        mov ecx, 0x174
        xor eax, eax
        wrmsr
        USER
        sysenter
        DONE
        TRY "WRMSR from ring 3"
        USER
        mov ecx, MSR_TRAP_SENSITIVE
        xor eax, eax
        xor edx, edx
        wrmsr
        DONE
        TRY "MSRs that are not there"
        mov ecx, 0xdeadbeef
        rdmsr
        DONE
        TRY "POPF with IOPL 3 and no IF, then its own flags"
        push dword 0x3002
        popf
        pushf
        pop eax
        call say_hex
        push dword 0x0002
        popf
        DONE
        LIVES
