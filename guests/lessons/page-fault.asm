; page-fault - a page that is not there, and a handler that brings it.
;
; One page table maps the first 4 MiB, all but the page at 0x300000. A write
; there faults; the handler looks at CR2 and the error code, maps the page,
; and IRET runs the write again.
;
; Bare:  one #PF.
; Full:  three kinds of #PF arrive at the monitor. Hidden ones: the guest's
;        table maps a page that its shadow does not yet. The guest's own: the
;        table says no, and the fault is reflected. And the handler's write to
;        the table, which is traced: the monitor does it, and keeps the shadow
;        true.
%include "lesson.inc"

HOLE equ 0x300000

lesson:
        gate 14, fault
        mov edi, table
        mov eax, 3                      ; present, writable
        mov ecx, 1024
.fill:  stosd
        add eax, 4096
        loop .fill
        mov dword [table + (HOLE >> 12) * 4], 0
        mov dword [directory], table + 3
        mov eax, directory
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        say "paging is on", 10
        mov dword [HOLE + 0x10], 0x600d
        mov eax, [HOLE + 0x10]
        cmp eax, 0x600d
        say_if {"the write was done",10}, {"the write was lost",10}
        mov eax, [table + (HOLE >> 12) * 4]
        and eax, 0x60                   ; accessed, dirty
        cmp eax, 0x60
        say_if {"the entry is marked A and D",10}, {"A or D is missing",10}
        quit 0

fault:  pusha
        say "#PF: error code "
        mov eax, [esp + 32]
        call say_hex
        say ", CR2 "
        mov eax, cr2
        call say_hex
        say 10
        mov dword [table + (HOLE >> 12) * 4], HOLE + 3
        invlpg [HOLE]
        popa
        add esp, 4                      ; the error code
        iret

section .bss
        alignb 4096
directory: resb 4096
table:  resb 4096
