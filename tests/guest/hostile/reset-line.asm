; reset-line - the keyboard controller's reset line, beside others.
; under: full hybrid translate emulate
; ends: reset
; Rule: the line is a virtual board's: it ends its own VM.
%include "hostile.inc"
lesson: mov al, 0xfe
        out 0x64, al
        jmp $
