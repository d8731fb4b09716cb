; faults-for-ever - a page fault whose handler mends nothing. (For the tests.)
;
; The write faults, the handler returns, the write faults: no instruction is
; ever completed but the handler's. Only --limit ends it.
%include "lesson.inc"

lesson:
        gate 14, fault
        mov dword [directory], 0x83     ; the first 4 MiB, one large page
        mov eax, cr4
        or eax, 0x10                    ; CR4.PSE
        mov cr4, eax
        mov eax, directory
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        say "faulting for ever", 10
        mov dword [0x40000000], 1
        say "not reached", 10
        quit 1

fault:  add esp, 4
        iret

section .bss
        alignb 4096
directory: resb 4096
