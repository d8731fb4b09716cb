; tss-bitmaps - I/O permission bitmaps that lie, are too long, or elsewhere.
; under: full hybrid translate emulate
; ends: success
; Rule: the real TSS has no bitmap. The guest's is looked at for it, where its
; own TR and tables say.
%include "hostile.inc"
%macro BITMAP 2                 ; offset of it, limit of the TSS
        mov word [long_tss + 102], %1
        mov word [gdt_task], %2
        mov byte [gdt_task + 5], 0x89
        mov eax, long_tss
        mov [gdt_task + 2], ax
        shr eax, 16
        mov [gdt_task + 4], al
        mov [gdt_task + 7], ah
        mov ax, TASK
        ltr ax
%endmacro
%macro PORT 2                   ; port, "name"
        TRY %2
        USER
        mov dx, %1
        in al, dx
        DONE
%endmacro
lesson: call trap_all
        call make_tables
        mov eax, [tss + 4]
        mov [long_tss + 4], eax
        mov dword [long_tss + 8], DATA
        BITMAP 104, 104 + 128
        mov byte [long_tss + 104 + 0x80 / 8], 0xfe
        PORT 0x80, "a port that its bitmap opens"
        PORT 0x81, "and the one beside it"
        PORT 0x400, "a port behind the bitmap's end"
        BITMAP 0xffff, 0xffff
        PORT 0x80, "a bitmap behind the limit"
        BITMAP 0xfff0, 0xffff
        PORT 0xfff0, "a bitmap that runs over the limit"
        TRY "a TSS in the hole"
        mov word [gdt_task], 0xffff
        mov word [gdt_task + 2], MONITOR_TSS_AT & 0xffff
        mov byte [gdt_task + 4], MONITOR_TSS_AT >> 16 & 0xff
        mov byte [gdt_task + 5], 0x89
        mov byte [gdt_task + 7], MONITOR_TSS_AT >> 24
        mov dword [HOLE_PTE(MONITOR_TSS_AT)], long_tss_frame | 7
        mov ax, TASK
        ltr ax
        DONE
        mov dword [long_tss_frame + 4], user_stack
        mov dword [long_tss_frame + 8], DATA
        mov word [long_tss_frame + 102], 104
        mov byte [long_tss_frame + 104 + 0x80 / 8], 0
        PORT 0x80, "its bitmap is read where it is"
        LIVES
long_tss_frame equ FRAME + 0x4000
section .bss
        alignb 8
long_tss: resb 0x10000 + 4
