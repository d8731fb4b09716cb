; nano-ptemod - the kernel changes a page-table entry (a bit that is its own).
;
; To the bare machine a store like another. With shadow page tables it must be
; noticed: the page is write-protected, and each store an exit, until a
; translator notices that this instruction does it always, and calls out
; instead. Nested page tables need not know.
%include "nano.inc"

nano:   rounds
        xor dword [tables + 0x200 * 4], 0x200
        done
