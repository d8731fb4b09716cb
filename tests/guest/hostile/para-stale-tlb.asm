; para-stale-tlb - a frame written by the TLB's old entry, once it is a table.
; under: para
; ends: success
; Rule: a frame does not become a table before what could write it has gone
; from the TLB, whether the guest asked for a flush or not (types.c, stamps).
%include "para.inc"
%define PAGE SPARE / 4096
attack: mov ebp, 20
.next:  mov ecx, 1024
        mov edi, SPARE
        xor eax, eax
        rep stosd               ; the TLB has it now, writable and dirty
        mfn_of PAGE
        mov [frame], eax
        mov ebx, SPARE
        xor ecx, ecx
        xor edx, edx
        xor esi, esi            ; no flush
        hypercall update_va_mapping
        ANSWERS WORKS, "unmapped without a flush"
        mmuext PIN_L1, [frame], 0
        ANSWERS WORKS, "and pinned as a page table"
        FAULTS 14, "written by the old translation"
        mov dword [SPARE], 0x00000007
        END
        mmuext UNPIN, [frame], 0
        ANSWERS WORKS, "unpinned"
        mov eax, [frame]
        shl eax, 12
        or eax, 7
        mov [value], eax
        map SPARE, [value]
        ANSWERS WORKS, "and mapped again"
        dec ebp
        jnz .next
        LIVES
section .data
frame:  dd 0
value:  dd 0
