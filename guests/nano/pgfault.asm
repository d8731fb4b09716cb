; nano-pgfault - a page fault that is the guest's own ("true"), and a handler
; that steps over it.
;
; Shadow page tables make each page fault an exit first: only the monitor can
; say whether it is the guest's. Nested page tables do not.
%include "nano.inc"

nano:   gate 14, handler
        rounds
        mov ebx, HOLE
        mov [ebx], ebx
        done

handler:
        add dword [esp + 4], 2          ; past the MOV
        add esp, 4                      ; the error code
        iret
