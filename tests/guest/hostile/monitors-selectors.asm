; monitors-selectors - the monitor's own selectors, in every place for one.
; under: full hybrid translate emulate
; ends: success
; Rule: a selector is looked up in the guest's tables, whose limits are its
; own; the real GDT's last page has DPL 0 or 1, and ring 3 never gets there.
%include "hostile.inc"
%macro LOADS 2
        TRY %2, " into DS"
        mov ax, %1
        mov ds, ax
        DONE
        TRY %2, " into SS"
        mov ax, %1
        mov ss, ax
        DONE
        TRY %2, " into GS from ring 3"
        USER
        mov ax, %1 | 3
        mov gs, ax
        DONE
        TRY %2, " jumped to"
        jmp %1:0
        DONE
        TRY %2, " called from ring 3"
        USER
        call %1:0
        DONE
        TRY %2, " by IRET"
        push 0x002
        push %1
        push 0
        iret
        DONE
        TRY %2, " by RETF from ring 3"
        USER
        push %1 | 3
        push 0
        retf
        DONE
%endmacro
lesson: call trap_all
        LOADS MONITOR_CS, "MONITOR_CS"
        LOADS MONITOR_DS, "MONITOR_DS"
        LOADS MONITOR_TSS, "MONITOR_TSS"
        LOADS CACHE_CS, "CACHE_CS"
        LOADS STATE_DS, "STATE_DS"
        LOADS 0xe019, "FLAT_RING1_CS"
        LOADS 0xdff8, "a spare entry"
        LIVES
