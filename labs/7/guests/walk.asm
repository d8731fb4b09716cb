; walk - the walk in two dimensions, asked for at the marker port.
;
; Paging off, a large page, a page of 4 KiB; a page that the guest's tables do
; not have, a table that they do not have; a page that they have and that
; nobody has touched, a directory that nobody has touched; a page where the
; guest has no memory. (g + 1)(n + 1) - 1 references, or fewer.
%include "lib.inc"
%include "paging.inc"

%macro ask 0
        dice 8
    %assign kind DICE
        dice 16
    %assign n DICE
    %if kind == 0
        walk lesson + n                         ; a large page, in use
    %elif kind == 1
        map (1 << 22) + n * 4096, area + n * 4096
        mov eax, [(1 << 22) + n * 4096]
        walk (1 << 22) + n * 4096 + 0x123       ; in use
    %elif kind == 2
        map (2 << 22) + n * 4096, fresh + n * 4096
        walk (2 << 22) + n * 4096               ; the page: never touched
    %elif kind == 3
        walk (3 << 22) + n * 4096               ; no table
    %elif kind == 4
        mov eax, [(1 << 22) + 64 * 4096]
        walk (1 << 22) + (512 + n) * 4096       ; not in the table
    %elif kind == 5
        map (2 << 22) + (100 + n) * 4096, 0x00700000 + n * 4096
        walk (2 << 22) + (100 + n) * 4096 + 4   ; no memory
    %elif kind == 6
        walk (0x10 << 22) + n * 4               ; no table either
    %else
        walk area + n * 4096 + 8                ; large; touched or not
    %endif
%endmacro

lesson: walk lesson                             ; paging off: touched
        walk fresh                              ; and not
        walk 0x00500000 + SEED % 256 * 4096     ; and no memory
        paging_on
        map (1 << 22) + 64 * 4096, area         ; region 1 has a table
        mov eax, [(1 << 22) + 64 * 4096]
%rep 12
        ask
%endrep
        say "walked", 10
        quit 0

section .bss
        alignb 4096
area:   resb 16 * 4096
fresh:  resb 16 * 4096
