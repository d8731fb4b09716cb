; flush - INVLPG and MOV CR3: when must the processor forget?
;
; Pages are read, so that the TLB has them; their entries change; then INVLPG
; of one, or MOV CR3, or paging turned off and on. Whatever the guest has told
; its processor to forget must be read anew: no look may go through an entry
; that is stale.
%include "3/guests/space.inc"

%define PAGES 12

before:
%assign n 0
%rep PAGES
        mov dword [PTE(n)], SHUFFLED(n) | P | W
    %assign n n + 1
%endrep
        ret
%macro use_all 0
    %assign n 0
    %rep PAGES
        add dword [WIN(n) + 12], 1
        %assign n n + 1
    %endrep
%endmacro
%macro remap 1
    dice 40
        mov dword [PTE(%1)], SHUFFLED(12 + DICE) | P | W
%endmacro

begin:  use_all
        mark 1
%rep 8
    dice PAGES
    %assign page DICE
        remap page
        invlpg [WIN(page) + 0x123]      ; any address in the page
        look WIN(page)
%endrep
        mark 2
        use_all
%assign n 0
%rep PAGES
        remap n
    %assign n n + 1
%endrep
        flush
%assign n 0
%rep PAGES
        look WIN(n)
    %assign n n + 1
%endrep
        mark 3
        use_all
        mov eax, cr0
        and eax, 0x7fffffff
        mov cr0, eax                    ; paging off: no traces, no tables
        look FRAME(7)
%assign n 0
%rep 4
        remap n
    %assign n n + 1
%endrep
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        look WIN(0)
        look WIN(3)
        done
