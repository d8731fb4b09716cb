; tables - the guest's own page tables: where they are is guest physical, too,
; and each that is walked has to be mapped, as its pages have.
;
; Pages in three regions of 4 MiB are mapped to pages of an area, and used or
; not; the handler of the guest's page faults maps what is missing. To the
; monitor all of that is one nested fault a page, and nothing else.
%include "lib.inc"
%include "paging.inc"

%define PAGES 24

%macro use 0
        dice 3
    %assign region 1 + DICE
        dice 1024
    %assign at (region << 22) + (DICE << 12)
        dice PAGES
    %assign page DICE
        dice 5
    %if DICE == 0
        map at, area + page * 4096      ; mapped, and not used
    %elif DICE == 1
        map at, area + page * 4096
        invlpg [at]
        mov eax, [at + 8]
        add ebx, eax
    %elif DICE == 2
        map at, area + page * 4096
        invlpg [at]
        mov dword [at + 0x10], at + SEED
    %elif DICE == 3
        mov dword [wanted], area + page * 4096 + 3
        mov eax, [at + 0x10]            ; the guest's own fault, perhaps
        rol ebx, 3
        xor ebx, eax
    %else
        mov eax, cr3
        mov cr3, eax
    %endif
%endmacro

lesson: gate 14, fault
        xor ebx, ebx
        paging_on
        map 1 << 22, area               ; each region has its table
        map 2 << 22, area
        map 3 << 22, area
%rep 20
        use
%endrep
        say "tables "
        mov eax, ebx
        call say_hex
        say ", faults "
        mov eax, [faults]
        call say_hex
        say 10
        quit 0

fault:  push eax
        push edx
        inc dword [faults]
        mov eax, cr2
        mov edx, eax
        shr eax, 22
        dec eax
        shl eax, 12
        shr edx, 12
        and edx, 1023
        lea eax, [eax + edx * 4 + tables]
        mov edx, [wanted]
        mov [eax], edx
        pop edx
        pop eax
        add esp, 4                      ; the error code
        iret

section .data
faults: dd 0
wanted: dd 0
section .bss
        alignb 4096
area:   resb PAGES * 4096
