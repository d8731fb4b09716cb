; odd - what no shadow entry can do, and the monitor does one at a time: writes
; of the kernel's to read-only pages while CR0.WP is 0; and guest physical
; addresses where no memory is, which read as ones.
%include "3/guests/space.inc"

%define PAGES 8
BEHIND equ 0x5000000                    ; far behind the memory's end
NOWHERE equ 0xc00000                    ; its table is there, too

before:
%assign n 0
%rep PAGES
        dice 2
    %if DICE
        mov dword [PTE(n)], SHUFFLED(n) | P | U
    %else
        mov dword [PTE(n)], SHUFFLED(n) | P | W | U
    %endif
    %assign n n + 1
%endrep
        mov dword [PTE(8)], SHUFFLED(8) | P | U
        mov dword [PTE(9)], BEHIND + 0x1000 * (SEED % 16) | P | W | U
        mov dword [PDE(NOWHERE)], BEHIND | P | W | U
        ret

%macro touch 0
    dice PAGES + 1
    %assign page DICE
        attempt add dword [WIN(page) + 4], page + 1
%endmacro

begin:
%rep 6
        touch
%endrep
        mark 1
        mov eax, cr0
        and eax, ~0x10000               ; WP
        mov cr0, eax
%rep 10
        touch
%endrep
        attempt mov dword [WIN(8)], 0x8888
        look WIN(8)
        look_entry PTE(8)
        ring3                           ; it may not, WP or no WP
%rep 6
        touch
%endrep
        attempt mov dword [WIN(8)], 0x9999
        ring0
        mov eax, cr0
        or eax, 0x10000
        mov cr0, eax
        attempt mov dword [WIN(8)], 0xaaaa
        mark 2
        look WIN(9)
        mov dword [WIN(9) + 4], 0x1234
        look WIN(9) + 4
        look_entry PTE(9)
        look NOWHERE + 0x1234
        movzx eax, byte [WIN(9) + 9]
        push eax
        look esp
        pop eax
%assign n 0
%rep PAGES
        look WIN(n) + 4
        look_entry PTE(n)
    %assign n n + 1
%endrep
        done
