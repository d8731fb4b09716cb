; vmcb-tricks - the monitor's own instructions: guest mode, and control blocks.
; under: full hybrid translate emulate
; ends: success
; Rule: they are for who has EFER.SVME, and a guest has not: its MSR is its
; own. Where its control block might lie is memory that it does not have.
%include "hostile.inc"
MSR_EFER        equ 0xc0000080
MSR_VM_HSAVE_PA equ 0xc0010117
BLOCK           equ 0x280000            ; a control block of its own

lesson: call trap_all
        call make_tables
        mov eax, BLOCK
        TRY "VMRUN"
        vmrun
        DONE
        mov eax, BLOCK
        TRY "VMLOAD"
        vmload
        DONE
        mov eax, BLOCK
        TRY "VMSAVE"
        vmsave
        DONE
        TRY "STGI"
        stgi
        DONE
        TRY "CLGI"
        clgi
        DONE
        TRY "VMMCALL"
        vmmcall
        DONE
        xor eax, eax
        xor ecx, ecx
        TRY "INVLPGA of every guest's identifier 0"
        invlpga
        DONE
        TRY "EFER.SVME"
        mov ecx, MSR_EFER
        mov eax, 0x1000
        xor edx, edx
        wrmsr
        DONE
        TRY "and VMRUN then"
        mov eax, BLOCK
        vmrun
        DONE
        TRY "a host save area over its own memory"
        mov ecx, MSR_VM_HSAVE_PA
        mov eax, BLOCK
        xor edx, edx
        wrmsr
        DONE
        say "done", 10
        quit 0
