; large - pages of 4 MiB (CR4.PSE). The guest's code, data and tables are all in
; one, so that its tables are written through it; and another one maps the same
; memory a second time.
%include "3/guests/space.inc"

%define PAGES 8
BIG equ 0x1000000
PS equ 0x80

before: mov eax, cr4
        or eax, 0x10
        mov cr4, eax
        mov dword [DIR], P | W | U | PS
        mov dword [PDE(BIG)], P | PS
%assign n 0
%rep PAGES
        mov dword [PTE(n)], SHUFFLED(n) | P | W | U
    %assign n n + 1
%endrep
        ret

begin:  look_entry PDE(BIG)
        look BIG + SHUFFLED(3)
        look_entry PDE(BIG)
        look_entry DIR
        mark 1
%rep 6
    dice PAGES
    %assign page DICE
    dice 40
        add dword [WIN(page) + 8], 5
        mov dword [PTE(page)], SHUFFLED(10 + DICE) | P | W
        invlpg [WIN(page)]
        look WIN(page)
        look BIG + PTE(page)
%endrep
        attempt mov dword [BIG + SHUFFLED(3)], 1
        or dword [PDE(BIG)], W | U
        invlpg [BIG + 0x12345]          ; anywhere in it
        mov dword [BIG + SHUFFLED(3) + 4], 0xd
        look_entry PDE(BIG)
        look SHUFFLED(3) + 4
        mark 2
        mov dword [BIG + PTE(1)], SHUFFLED(55) | P      ; a table, through it
        invlpg [WIN(1)]
        look WIN(1)
        mov dword [BIG + SHUFFLED(5) + 4], 0xe  ; the TLB may write them
        mov dword [BIG + SHUFFLED(6) + 4], 0xf
        and dword [PDE(BIG)], ~(W | D)
        invlpg [BIG]
        attempt mov dword [BIG + SHUFFLED(5) + 8], 1
        attempt mov dword [BIG + SHUFFLED(6) + 8], 1
        attempt mov dword [BIG + SHUFFLED(9)], 1
        mov dword [PDE(BIG)], TABLE | P | W     ; small pages again
        invlpg [BIG + 0x3000]
        look BIG + 0x2000
        look_entry PDE(BIG)
        mark 3
        mov dword [PDE(BIG)], 0x400000 | P | PS ; behind the memory's end
        flush
        look BIG + 0x100
        done
