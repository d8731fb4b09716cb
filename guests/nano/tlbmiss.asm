; nano-tlbmiss - 2,048 pages, one word of each: more than a TLB holds.
;
; The price of two dimensions: where the bare machine and shadow page tables
; look up 2 entries, nested page tables look up 8.
%include "nano.inc"

ROUND_PAGES equ 2048

nano:   rounds
        mov ebx, 0x400000
.page:  add eax, [ebx]
        add ebx, 4096
        cmp ebx, 0x400000 + ROUND_PAGES * 4096
        jne .page
        done
