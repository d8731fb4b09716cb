; own - the guest's own page faults: its tables forbid the access.
;
; Absent, read-only, the kernel's; by reads and writes, in ring 0 and in ring 3;
; absent in the directory. Some pages have been used before, and some have not,
; so the real processor's error code is not always the guest's. In the end two
; faults are repaired, and the instruction is tried again.
%include "3/guests/space.inc"

%define PAGES 16
NOWHERE equ 0xc00000                    ; its directory entry is 0

before:
%assign n 0
%rep PAGES
        dice 4
    %if DICE == 0
        mov dword [PTE(n)], SHUFFLED(n)
    %elif DICE == 1
        mov dword [PTE(n)], SHUFFLED(n) | P | U
    %elif DICE == 2
        mov dword [PTE(n)], SHUFFLED(n) | P | W
    %else
        mov dword [PTE(n)], SHUFFLED(n) | P | W | U
    %endif
    %assign n n + 1
%endrep
        mov dword [PTE(20)], SHUFFLED(20) | P | U       ; one of each, whatever
        mov dword [PTE(21)], SHUFFLED(21) | P | W       ; the seed
        mov dword [PTE(22)], SHUFFLED(22) | W
        ret

; One access, of any kind, to any page.
%macro touch 0
    dice PAGES
    %assign page DICE
    dice 3
    %if DICE == 0
        attempt mov dword [WIN(page) + 32], SEED
    %elif DICE == 1
        attempt add dword [WIN(page) + 36], 1
    %else
        attempt mov eax, [WIN(page)]
    %endif
%endmacro
%macro one_of_each 0
        attempt mov eax, [WIN(20)]
        attempt mov dword [WIN(20)], 1
        attempt mov eax, [WIN(21)]
        attempt mov dword [WIN(21)], 1
        attempt mov eax, [WIN(22)]
        attempt mov dword [WIN(22)], 1
        attempt mov eax, [NOWHERE + 0x234]
        attempt mov dword [NOWHERE + 0x238], 1
%endmacro

begin:
%rep 12
        touch
%endrep
        one_of_each
        mark 1
        ring3
%rep 24
        touch
%endrep
        one_of_each
        ring0
        mark 2
        repair map_it, mov dword [WIN(30) + 8], 0x600d
        look WIN(30) + 8
        repair map_that, mov eax, [NOWHERE + 4096]
        look NOWHERE + 4096
        done

map_it: mov dword [PTE(30)], SHUFFLED(30) | P | W
        ret
map_that:
        mov dword [TABLE2 + 4], SHUFFLED(31) | P
        mov dword [PDE(NOWHERE)], TABLE2 | P
        ret
