; hostile-x87 - odd control words, and an exception left for the next one.
; under: full hybrid translate emulate
; ends: success
; Rule: the x87's registers are changed over when another VM uses them, with
; all that is pending (fpu.c).
%include "hostile.inc"
lesson: call trap_all
        mov eax, cr0
        or al, 0x22                     ; NE, MP
        mov cr0, eax
        mov ebp, 40
.next:  fninit
        fldcw [odd]
        fldz
        fld1
        fdiv st1                        ; 1 / 0, unmasked: pending
        mov ecx, 20000                  ; others' turns
        loop $
        dec ebp
        jnz .next
        TRY "an exception that was pending all the time"
        fwait
        DONE
        fnclex
        TRY "FNSTENV into the hole"
        fnstenv [MONITOR_STACK - 28]
        DONE
        TRY "FLDENV of ones"
        fldenv [ones]
        fnstcw [word_at]
        movzx eax, word [word_at]
        call say_hex
        DONE
        TRY "FXSAVE that is not aligned"
        fxsave [ones + 1]
        DONE
        LIVES
section .data
odd:    dw 0
word_at: dw 0
        align 16
ones:   times 512 db 0xff
