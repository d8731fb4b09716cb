; tables-nowhere - CR3 behind memory, and nobody left to take the fault.
; under: full hybrid translate emulate
; ends: triple fault
; Rule: a directory that is no memory is an empty shadow. The guest's fault
; finds no handler, nor its double fault: the VM ends, and nothing else.
%include "hostile.inc"
lesson: call trap_all
        call make_tables
        mov eax, 0xf0000000
        mov cr3, eax
        mov eax, [0x100000]
        LIVES
