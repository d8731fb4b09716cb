; fill - the first look at each page: hidden faults, and nothing else.
;
; Before paging is on the window's table maps 24 pages to shuffled frames, and
; four of those a second time. No entry is changed afterwards, and no access is
; forbidden, so the guest sees no fault at all.
%include "3/guests/space.inc"

%define PAGES 24

before:
%assign n 0
%rep PAGES
        dice 3
    %if DICE == 0
        mov dword [PTE(n)], SHUFFLED(n) | P
    %else
        mov dword [PTE(n)], SHUFFLED(n) | P | W
    %endif
    %assign may_write%[n] DICE != 0
    %assign n n + 1
%endrep
%assign n 0
%rep 4                                  ; the same frames by another way
        mov dword [PTE(100 + n)], SHUFFLED(n) | P | W
    %assign n n + 1
%endrep
        ret

begin:  mark 1
%rep 40
    dice PAGES
    %assign page DICE
    dice 2
    %if DICE && may_write%[page]
        add dword [WIN(page) + 64], page + 1
        look WIN(page) + 64
    %else
        look WIN(page)
    %endif
%endrep
        mark 2
%assign n 0
%rep 4
        mov dword [WIN(100 + n) + 4 * n], 0x1000 + n
        look WIN(n) + 4 * n
    %assign n n + 1
%endrep
        done
