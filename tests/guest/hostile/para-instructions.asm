; para-instructions - ports, tables, CR3 and SYSENTER, from rings 1 and 3.
; under: para
; ends: success
; Rule: a para kernel is in ring 1, with IOPL 0 and no bitmap: the processor
; itself refuses, and the monitor does for it what it may.
%include "para.inc"
attack: FAULTS 13, "IN"
        in al, 0x60
        END
        FAULTS 13, "OUT to the exit port"
        mov al, 0
        out 0xf4, al
        END
        FAULTS 13, "REP INSB over its stack"
        mov edi, esp
        mov ecx, 16
        mov dx, 0x1f0
        rep insb
        END
        FAULTS 13, "LGDT"
        lgdt [op]
        END
        FAULTS 13, "LIDT"
        lidt [op]
        END
        FAULTS 13, "MOV to CR3 of a table of its own"
        mov eax, [tables]
        mov cr3, eax
        END
        FAULTS 13, "MOV to CR4, PSE"
        mov eax, 0x10
        mov cr4, eax
        END
        FAULTS 13, "WRMSR of SYSENTER_EIP"
        mov ecx, 0x176
        mov eax, 0xffe22000
        xor edx, edx
        wrmsr
        END
        FAULTS 13, "SYSENTER, with no CS for it"
        sysenter
        END
        FAULTS 13, "the monitor's CS"
        jmp MONITOR_CS:0xffe22100
        END
        FAULTS 13, "the monitor's data segment"
        mov ax, MONITOR_DS
        mov ds, ax
        END
        FAULTS 14, "translated code's segment: ring 1's, and nothing is in it"
        jmp 0xe051:0
        END
        FAULTS 13, "INT of the monitor's timer"
        int 0xf0
        END
        FAULTS 13, "INT of a call-out"
        int 0xf1
        END
        FAULTS 13, "IRET to virtual-8086 code, with IOPL 3"
        push dword 0x00023202
        push dword MONITOR_CS
        push dword 0
        iret
        END
        FAULTS 13, "the hole, read"
        mov eax, [HOLE]
        END
        FAULTS 13, "the hole, run"
        mov eax, 0xffe22100
        jmp eax
        END
        FAULTS 13, "a read over the end of its segment"
        mov eax, [0xfc3ffffe]
        END
        LIVES
