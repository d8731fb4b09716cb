; marks - A and D in the guest's own entries, as its processor sets them.
;
; Reads, writes, reads and then writes; then the bits are cleared, INVLPG, and
; all over again.
%include "3/guests/space.inc"

%define PAGES 10

before:
%assign n 0
%rep PAGES
        mov dword [PTE(n)], SHUFFLED(n) | P | W | U
    %assign n n + 1
%endrep
        ret

%macro touch 0                          ; some page, in some way
    dice PAGES
    %assign page DICE
        use_it
%endmacro
%macro use_it 0
    dice 4
    %if DICE == 0
        mov eax, [WIN(page) + 8]
    %elif DICE == 1
        mov dword [WIN(page) + 8], SEED
    %elif DICE == 2
        or dword [WIN(page) + 12], 1
    %else
        mov eax, [WIN(page) + 16]
        mov [WIN(page) + 20], eax
    %endif
%endmacro
%macro say_all 0
    %assign n 0
    %rep PAGES
        look_entry PTE(n)
        %assign n n + 1
    %endrep
        look_entry PDE(WINDOW)
        look_entry DIR
%endmacro

begin:  look_entry PDE(WINDOW)          ; nothing has used it
        look_entry PDE(0)
        mark 1
%rep 6
        touch
%endrep
        say_all
        mark 2
%rep 8                                  ; clear, invalidate, use again
    dice PAGES
    %assign page DICE
    dice 3
    %if DICE == 0
        and dword [PTE(page)], ~A
    %elif DICE == 1
        and dword [PTE(page)], ~D
    %else
        and dword [PTE(page)], ~(A | D)
    %endif
        invlpg [WIN(page)]
        look_entry PTE(page)
        use_it
        look_entry PTE(page)
%endrep
        mark 3
        and dword [PDE(WINDOW)], ~A
        flush
        look_entry PDE(WINDOW)
        touch
        say_all
        mov dword [PTE(PAGES)], SHUFFLED(PAGES) | P | W | A     ; as it likes
        mov eax, [WIN(PAGES)]
        look_entry PTE(PAGES)
        mov dword [WIN(PAGES)], eax
        look_entry PTE(PAGES)
        done
