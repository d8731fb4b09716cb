; rounds - two address spaces in turn, forty times, with little said: what the
; exits cost is what the guest costs. In each round both are used, and one entry
; of each is changed.
%include "3/guests/space.inc"

%define PAGES 20
ROUNDS equ 40

before:
%assign n 0
%rep PAGES
        mov dword [PTE(n)], SHUFFLED(n) | P | W
        mov dword [TABLE2 + 4 * n], SHUFFLED(20 + n) | P | W
    %assign n n + 1
%endrep
        mov dword [DIR2], LOW | P | W | U
        mov dword [DIR2 + (WINDOW >> 22) * 4], TABLE2 | P | W
        ret

begin:  mov ebp, ROUNDS
.round: mov edx, TABLE
        mov eax, DIR
        call visit
        mov edx, TABLE2
        mov eax, DIR2
        call visit
        dec ebp
        jnz .round
        mark 1
        look WIN(2)
        look WIN(PAGES - 1) + 16
        done

; The space EAX, whose table EDX is: a frame of it moves to another page.
visit:  mov cr3, eax
        mov ecx, PAGES
        mov esi, WIN(0)
.page:  add dword [esi + 16], ebp
        add esi, 4096
        loop .page
        mov ecx, ebp
        and ecx, 15
        mov eax, [edx + 4 * ecx]
        xor eax, 0x1000 * (1 + SEED % 2)
        mov [edx + 4 * ecx], eax
        shl ecx, 12
        invlpg [WIN(0) + ecx]
        ret
