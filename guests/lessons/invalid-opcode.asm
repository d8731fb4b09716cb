; invalid-opcode - an exception that is the guest's own business.
;
; UD2 is defined to be undefined. The handler steps over it.
;
; Bare:  #UD goes through the guest's IDT.
; Full:  #UD goes through the monitor's IDT, like everything. The monitor sees
;        that it is none of its own doing, and reflects it: it builds the
;        frame that the processor would have built.
%include "lesson.inc"

lesson:
        gate 6, undefined
        mov ecx, 3
.again: ud2
        dec ecx
        jnz .again
        cmp dword [count], 3
        say_if {"three invalid opcodes, three faults",10}, {"miscounted",10}
        quit 0

undefined:
        inc dword [count]
        add dword [esp], 2              ; EIP: over the UD2
        iret

section .data
count:  dd 0
