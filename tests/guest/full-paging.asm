; full-paging.asm - page tables written by every kind of instruction, while
; they are in use, through any mapping; pages that become tables and cease to
; be; accessed and dirty bits; address spaces: see full.inc.

%include "full.inc"

begin:
; ---------------------------------------------------- traced instructions

CASE "mov makes an entry"
        mov dword [PTE(1)], PAGE(1) | 7
        mov eax, [WIN(1)]
END
CASE "xchg"
        mov eax, PAGE(2) | 7
        xchg eax, [PTE(1)]
        FLUSH
        and eax, 0xffffff9f     ; A and D may be there
        mov ebx, [WIN(1)]
END
CASE "xadd to the next frame"
        mov eax, 4096
        lock xadd [PTE(1)], eax
        FLUSH
        mov ebx, [WIN(1)]
        and eax, 0xffffff9f
END
CASE "cmpxchg that succeeds"
        mov dword [PTE(2)], 0
        mov ecx, PAGE(4) | 7
        xor eax, eax
        lock cmpxchg [PTE(2)], ecx
        setz bl
        mov eax, [WIN(2)]
END
CASE "cmpxchg that fails"
        mov ecx, PAGE(5) | 7
        mov eax, 1
        lock cmpxchg [PTE(2)], ecx
        setz bl
        mov eax, [WIN(2)]
END
CASE "cmpxchg8b makes two"
        xor eax, eax
        xor edx, edx
        mov ebx, PAGE(6) | 7
        mov ecx, PAGE(7) | 7
        mov dword [PTE(4)], 0
        mov dword [PTE(5)], 0
        cmpxchg8b [PTE(4)]
        mov eax, [WIN(4)]
        mov ebx, [WIN(5)]
END
CASE "and clears P"
        and dword [PTE(4)], ~1
        invlpg [WIN(4)]
        mov eax, [WIN(4)]
END
CASE "bts sets it again"
        bts dword [PTE(4)], 0
        mov eax, [WIN(4)]
END
CASE "btr of R/W"
        btr dword [PTE(4)], 1
        invlpg [WIN(4)]
        mov eax, [WIN(4)]
        mov [WIN(4)], eax
END
CASE "a byte of an entry"
        mov dword [PTE(8)], PAGE(8)
        mov byte [PTE(8)], 7
        mov eax, [WIN(8)]
END
CASE "its upper word"
        mov word [PTE(8) + 2], (PAGE(24)) >> 16
        FLUSH
        mov eax, [WIN(8)]
END
CASE "four bytes over two entries"
        mov dword [PTE(10)], 0
        mov dword [PTE(11)], 0x00400000
        mov dword [PTE(10) + 2], (((PAGE(9)) | 7) & 0xffff) << 16 | (PAGE(9)) >> 16
        mov word [PTE(10)], ((PAGE(9)) | 7) & 0xffff
        mov byte [PTE(11) + 1], 0xa0
        mov byte [PTE(11)], 7
        mov eax, [WIN(10)]
        mov ebx, [WIN(11)]
END
CASE "inc, add, sub, or, not, shift"
        mov dword [PTE(12)], PAGE(3) | 6
        inc dword [PTE(12)]
        mov eax, [WIN(12)]
        add dword [PTE(12)], 4096
        FLUSH
        shl eax, 8
        or eax, [WIN(12)]
        shl dword [PTE(13)], 1
        mov dword [PTE(13)], ~(PAGE(5) | 7)
        not dword [PTE(13)]
        mov ebx, [WIN(13)]
END
CASE "push onto the table"
        mov ebx, esp
        mov esp, PTE(15)
        push dword PAGE(11) | 7
        mov esp, ebx
        mov ebx, 0
        mov eax, [WIN(14)]
END
CASE "call onto the table"
        mov ebx, esp
        mov esp, PTE(15)
        mov dword [PTE(14)], 0
        call %$here
%$here: mov esp, ebx
        mov eax, [PTE(14)]
        sub eax, %$here
        mov ebx, 0
END
CASE "pop into the table"
        push dword PAGE(12) | 7
        pop dword [PTE(14)]
        FLUSH
        mov eax, [WIN(14)]
END
CASE "rep stosd over entries"
        mov edi, PTE(16)
        mov eax, PAGE(13) | 7
        mov ecx, 8
        rep stosd
        mov eax, [WIN(16)]
        mov ebx, [WIN(23)]
END
CASE "rep movsd of entries, downwards"
        mov dword [SCRATCH], PAGE(14) | 7
        mov dword [SCRATCH + 4], PAGE(15) | 7
        std
        mov esi, SCRATCH + 4
        mov edi, PTE(25)
        mov ecx, 2
        rep movsd
        cld
        mov eax, [WIN(24)]
        mov ebx, [WIN(25)]
END
CASE "rep stosd beyond the table's end"
        mov edi, TABLE + 4096 - 8
        mov eax, PAGE(16) | 7
        mov ecx, 4
        rep stosd
        mov eax, [WINDOW + 1023 * 4096]
        mov ebx, [DIR2 + 4]
        mov dword [DIR2], LOW | 7
        mov dword [DIR2 + 4], FRAME | 0x87
END
CASE "rep movsb that faults half way through entries"
        mov dword [SCRATCH], PAGE(17) | 7
        mov dword [PTE(30)], 0
        mov dword [PTE(31)], PAGE(31) | 7
        mov dword [PAGE(31)], 0
        mov esi, WIN(31) + 4094
        mov word [esi], 0x5555
        mov edi, PTE(30)
        mov dword [PTE(32)], 0
        mov ecx, 4
        rep movsb
END
CASE "how far it came"
        mov eax, [PTE(30)]
END
CASE "a far pointer and descriptor tables stored into a table"
        mov dword [PTE(40)], 0
        mov dword [PTE(41)], 0
        sgdt [PTE(40)]
        mov eax, [PTE(40)]
        mov [PTE(41)], ds
        mov ebx, [PTE(41)]
END

; ------------------------------------------------------------------- A and D

CASE "reading sets A, and not D"
        mov dword [PTE(50)], PAGE(18) | 7
        mov eax, [WIN(50)]
        mov eax, [PTE(50)]
END
CASE "writing sets D"
        mov dword [WIN(50)], 18
        mov eax, [PTE(50)]
END
CASE "cleared and set again"
        and dword [PTE(50)], ~0x60
        invlpg [WIN(50)]
        mov eax, [WIN(50)]
        mov eax, [PTE(50)]
        mov dword [WIN(50)], 18
        mov ebx, [PTE(50)]
END
CASE "D of a large page"
        mov dword [PDE(LARGE)], FRAME | 0x87
        mov eax, [LARGE + 0x3000]
        mov ebx, [PDE(LARGE)]
        mov [LARGE + 0x4000], dword 4
        mov eax, [PDE(LARGE)]
END
CASE "A of the directory entry"
        and dword [PDE(WINDOW)], ~0x20
        FLUSH
        mov ebx, [PDE(WINDOW)]
        mov eax, [WIN(50)]
        mov eax, [PDE(WINDOW)]
END
CASE "a read-modify-write of a clean page"
        mov dword [PTE(51)], PAGE(19) | 7
        inc dword [WIN(51)]
        mov eax, [PTE(51)]
        mov ebx, [PAGE(19)]
        mov dword [PAGE(19)], 19
END

; --------------------------------------------------------- directory entries

CASE "another table in the directory"
        mov edi, SPARE
        mov eax, PAGE(20) | 7
        mov ecx, 1024
        rep stosd
        mov dword [PDE(WINDOW)], SPARE | 7
        FLUSH
        mov eax, [WIN(1)]
END
CASE "and back"
        mov dword [PDE(WINDOW)], TABLE | 7
        FLUSH
        mov eax, [WIN(1)]
END
CASE "the page is data now"
        mov dword [SPARE + 4], 0x12345678
        mov eax, [SPARE + 4]
END
CASE "and a table again"
        mov dword [SPARE + 4], PAGE(21) | 7
        mov dword [PDE(WINDOW)], SPARE | 7
        FLUSH
        mov eax, [WIN(1)]
        mov dword [PDE(WINDOW)], TABLE | 7
        FLUSH
END
CASE "read-only by the directory"
        mov dword [PDE(WINDOW)], TABLE | 5
        FLUSH
        mov eax, [WIN(1)]
        mov [WIN(1)], eax
END
CASE "not for ring 3 by the directory"
        mov dword [PDE(WINDOW)], TABLE | 3
        FLUSH
        mov eax, [WIN(1)]
        RING 3, %$in
%$in:   mov ebx, [WIN(1)]
END
CASE "a table under two directory entries"
        mov dword [PDE(WINDOW)], TABLE | 7
        mov dword [PDE(LARGE)], TABLE | 5
        FLUSH
        mov eax, [WIN(1)]
        mov [WIN(1)], eax
        mov ebx, [LARGE + 4096]
        mov [LARGE + 4096], ebx
END
CASE "the directory as its own table"
        mov dword [PDE(LARGE)], DIR | 3
        FLUSH
        mov eax, [LARGE + (LARGE >> 10)]  ; DIR's first entry
        mov eax, [LARGE + (LARGE >> 22) * 4096 + (WINDOW >> 22) * 4]
        and eax, ~0x60
        mov ebx, [LARGE + (WINDOW >> 22) * 4096 + 4]    ; PTE(1)
        and ebx, ~0x60
END
CASE "an entry written through it"
        mov dword [LARGE + (WINDOW >> 22) * 4096 + 60 * 4], PAGE(22) | 7
        mov eax, [WIN(60)]
END
CASE "a directory entry written through it"
        mov dword [LARGE + (LARGE >> 22) * 4096 + (WINDOW >> 22) * 4], 0
        FLUSH
        mov eax, [WIN(60)]
END
CASE "and made good"
        mov dword [LARGE + (LARGE >> 22) * 4096 + (WINDOW >> 22) * 4], TABLE | 7
        mov eax, [WIN(60)]
END
CASE "a table written through a large page"
        mov dword [FRAME + 0x100000 + 4], PAGE(23) | 7
        mov dword [PDE(LARGE)], FRAME + 0x100000 + 7
        FLUSH
        mov eax, [LARGE + 4096]
        mov dword [FRAME + 0x100000 + 4], PAGE(24) | 7
        FLUSH
        mov ebx, [LARGE + 4096]
END
CASE "from small pages to a large one"
        mov dword [PDE(LARGE)], FRAME | 0x87
        FLUSH
        mov eax, [LARGE + 0x5000]
END
CASE "invlpg of any of its addresses drops all of it"
        mov dword [PDE(LARGE)], 0
        invlpg [LARGE + 0x7000]
        mov eax, [LARGE + 0x5000]
END
CASE "without PSE it is a table"
        mov dword [PDE(LARGE)], TABLE | 0x87
        mov eax, cr4
        mov ebx, eax
        and al, ~0x10
        mov dword [DIR + 4], SPARE | 7
        mov dword [SPARE], FRAME | 7
        mov cr4, eax
        mov eax, [LARGE + 4096]
        mov cr4, ebx
        mov dword [DIR + 4], FRAME | 0x87
        FLUSH
        mov ebx, 0
        mov dword [PDE(LARGE)], 0
END

; ------------------------------------------------------------ address spaces

CASE "another CR3"
        mov dword [OTHER + 4], PAGE(25) | 7
        mov eax, DIR2
        mov cr3, eax
        mov eax, [WIN(1)]
        mov ebx, cr3
END
CASE "its table is written while it is away"
        mov eax, DIR
        mov cr3, eax
        mov dword [OTHER + 4], PAGE(26) | 7
        mov ebx, [WIN(1)]
        mov eax, DIR2
        mov cr3, eax
        mov eax, [WIN(1)]
END
CASE "its directory is written while it is away"
        mov eax, DIR
        mov cr3, eax
        mov dword [DIR2 + (WINDOW >> 22) * 4], TABLE | 7
        mov eax, DIR2
        mov cr3, eax
        mov eax, [WIN(60)]
        mov ebx, DIR
        mov cr3, ebx
END
CASE "an old directory is data"
        mov eax, [DIR2]
        mov dword [DIR2], 0x11111111
        mov ebx, [DIR2]
        mov [DIR2], eax
        and eax, ~0x60
END
CASE "paging off and on"
        mov eax, cr0
        and eax, 0x7fffffff
        mov cr0, eax
        mov ebx, [PAGE(27)]
        or eax, 0x80000000
        mov cr0, eax
        mov eax, [WIN(60)]
END
CASE "tables changed while paging was off"
        mov eax, cr0
        and eax, 0x7fffffff
        mov cr0, eax
        mov dword [PTE(60)], PAGE(28) | 7
        or eax, 0x80000000
        mov cr0, eax
        mov eax, [WIN(60)]
END
CASE "WP 0: the supervisor writes a read-only page"
        mov dword [PTE(61)], PAGE(29) | 5
        mov eax, cr0
        and eax, ~0x10000
        mov cr0, eax
        mov dword [WIN(61)], 0x29
        add dword [WIN(61)], 0x100
        mov ebx, [PAGE(29)]
        mov eax, [PTE(61)]
END
CASE "and ring 3 does not"
        mov dword [PAGE(29)], 29
        RING 3, %$in
%$in:   mov [WIN(61)], eax
END
CASE "WP 1 again"
        mov eax, cr0
        or eax, 0x10000
        mov cr0, eax
        mov [WIN(61)], eax
END
CASE "ring 3 writes a table that is mapped for it"
        mov dword [PTE(62)], TABLE | 7
        RING 3, %$in
%$in:   mov dword [WIN(62) + 63 * 4], PAGE(30) | 7
        mov eax, [WIN(63)]
END
CASE "ring 3 reads what is the supervisor's"
        mov dword [PTE(64)], PAGE(31) | 3
        mov eax, [WIN(64)]
        RING 3, %$in
%$in:   mov eax, [WIN(64)]
END
CASE "a write over two pages, the second read-only"
        mov dword [PTE(65)], PAGE(32) | 7
        mov dword [PTE(66)], PAGE(33) | 5
        FLUSH
        mov dword [WIN(66) - 2], 0x55555555
END
CASE "nothing of it was written"
        movzx eax, word [PAGE(33) - 2]
        movzx ebx, word [PAGE(33)]
END
        jmp finish
