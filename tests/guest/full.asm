; full.asm - what makes life hard for a monitor that runs a kernel in ring 1
; on shadow page tables: see tests/cpu/cases.inc. The image prints the same
; lines on QEMU, on the bare machine, and under `full`.
;
; Page tables are written by every kind of instruction, while they are in
; use, through any mapping; pages become tables and cease to be; the top of
; the address space, where the monitor lives, is used; segments come from
; odd places; interrupts wait for their window.

%include "cases.inc"

DIR     equ 0x300000
LOW     equ 0x301000            ; 0 to 4 MiB, as they are
TABLE   equ 0x302000            ; of WINDOW
DIR2    equ 0x303000            ; another address space
OTHER   equ 0x304000            ; its table of WINDOW
TOP     equ 0x305000            ; the last table of the address space
SPARE   equ 0x306000            ; a page that becomes this and that
FRAME   equ 0x400000            ; 4 MiB to 8 MiB, as they are, in one page
WINDOW  equ 0x800000
LARGE   equ 0xc00000
HOLE    equ 0xffc00000

%define PTE(n) TABLE + (n) * 4
%define PDE(at) DIR + ((at) >> 22) * 4
%define WIN(n) WINDOW + (n) * 4096
%define PAGE(n) FRAME + (n) * 4096

cases:  call make_tables
        mov eax, cr4
        or al, 0x10             ; PSE
        mov cr4, eax
        mov eax, DIR
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80010000      ; PG, WP
        mov cr0, eax
        xor eax, eax
        jmp traced

make_tables:
        mov edi, DIR
        xor eax, eax
        mov ecx, 7 * 1024
        rep stosd
        mov eax, 7
        mov edi, LOW
        mov ecx, 1024
.next:  stosd
        add eax, 4096
        loop .next
        mov dword [DIR], LOW | 7
        mov dword [DIR + 4], FRAME | 0x87
        mov dword [PDE(WINDOW)], TABLE | 7
        mov dword [PDE(HOLE)], TOP | 7
        mov esi, DIR
        mov edi, DIR2
        mov ecx, 1024
        rep movsd
        mov dword [DIR2 + (WINDOW >> 22) * 4], OTHER | 7
        mov edi, FRAME          ; each page begins with its number
        xor eax, eax
.page:  mov [edi], eax
        add edi, 4096
        inc eax
        cmp eax, 64
        jb .page
        ret

; FLUSH: every translation that is not global.
%macro FLUSH 0
        mov ecx, cr3
        mov cr3, ecx
%endmacro

; ---------------------------------------------------- traced instructions

traced:
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

; ------------------------------------------------- the top of memory

CASE "a page where the monitor lives"
        mov dword [TOP], PAGE(34) | 7
        mov eax, [HOLE]
END
CASE "written"
        mov dword [HOLE + 8], 0x1234
        mov eax, [PAGE(34) + 8]
        mov ebx, [TOP]
END
CASE "read, changed and written"
        xor dword [HOLE + 8], 0xff00
        mov eax, [HOLE + 8]
END
CASE "no page there"
        mov eax, [HOLE + 0x22000]
END
CASE "no page there, a write by ring 3"
        RING 3, %$in
%$in:   mov [HOLE + 0x20008], eax
END
CASE "a page of the supervisor's there"
        mov dword [TOP + 4], PAGE(35) | 3
        FLUSH
        RING 3, %$in
%$in:   mov eax, [HOLE + 4096]
END
CASE "over its lower edge"
        mov dword [DIR + 1022 * 4], SPARE | 7
        mov dword [SPARE + 1023 * 4], PAGE(36) | 7
        mov dword [HOLE - 2], 0xaabbccdd
        mov eax, [HOLE - 2]
        movzx ebx, word [PAGE(34)]
END
CASE "the last four bytes"
        mov dword [TOP + 1023 * 4], PAGE(37) | 7
        mov dword [0xfffffffc], 0x600df00d
        mov eax, [PAGE(37) + 4092]
END
CASE "a stack there"
        mov ebx, esp
        mov esp, HOLE + 64
        push dword 0x77
        pop eax
        xchg ebx, esp
END
CASE "a stack there that is not mapped"
        RING 3, %$in
%$in:   mov esp, HOLE + 0x8000
        push eax
END
CASE "code there"
        mov dword [PAGE(34) + 64], 0x001234b8   ; mov eax, 0x1234; ret
        mov word [PAGE(34) + 68], 0xc300
        mov eax, HOLE + 64
        call eax
END
CASE "code there that faults"
        mov dword [PAGE(34) + 64], 0x0b0f9090
        mov eax, HOLE + 64
        jmp eax
END
CASE "code there that traps"
        mov dword [PAGE(34) + 64], 0xc3fbfafa
        mov eax, HOLE + 64
        call eax
        cli
END
CASE "code there is not mapped"
        mov eax, HOLE + 0x9000
        jmp eax
END
CASE "rep movsd into it"
        mov esi, PAGE(3)
        mov edi, HOLE - 8
        mov ecx, 4
        rep movsd
        mov eax, [HOLE - 8]
        mov ebx, edi
END
CASE "the interrupt table there"
        mov esi, idt
        mov edi, HOLE
        mov ecx, 512
        rep movsd
        mov word [SCRATCH], 2047
        mov dword [SCRATCH + 2], HOLE
        lidt [SCRATCH]
        ud2
END
CASE "a segment that begins there, to its limit (not on QEMU)"
        DESC T0, HOLE, 0xfff, 0x92, 4
        mov ax, T0
        mov es, ax
        mov dword [HOLE], 34
        mov eax, [es:0]
        mov ebx, [es:0xffd]
END
CASE "a segment that reaches into it, to its limit (not on QEMU)"
        DESC T0, 0xff000000, 0xfff, 0x92, 0xc
        mov ax, T0
        mov es, ax
        mov eax, [es:0xc00000]
        mov ebx, [es:0x1000000]
END
CASE "a segment that goes round the end"
        DESC T0, 0xc0000000, 0xfffff, 0x92, 0xc
        mov ax, T0
        mov es, ax
        mov eax, [es:0x3fc00000]
        mov ebx, [es:0x40000000 + PAGE(3)]
END
CASE "an expand-down segment"
        DESC T0, 0, PAGE(1) >> 12, 0x96, 0xc
        mov ax, T0
        mov es, ax
        mov eax, [es:PAGE(38)]
        mov ebx, [es:HOLE]
END
CASE "a 16-bit expand-down segment"
        DESC T0, PAGE(0), 0x1fff, 0x96, 0
        mov ax, T0
        mov es, ax
        mov eax, [es:0x2000]
        mov ebx, [es:0xf000]
END
CASE "a stack segment that begins there"
        DESC T0, HOLE, 0xfff, 0x92, 4
        mov ax, T0
        mov ebx, esp
        mov ss, ax
        mov esp, 0x100
        push dword 0x88
        pop eax
        mov cx, KDATA
        mov ss, cx
        mov esp, ebx
        mov ebx, [PAGE(34) + 0xfc]
END
CASE "a code segment that begins there"
        DESC T0, HOLE, 0xfff, 0x9a, 4
        mov dword [PAGE(34) + 64], 0xcb44b0 ; mov al, 0x44; retf
        call T0:64
END

; ----------------------------------------------------------------- segments

CASE "a segment outlives its descriptor"
        DESC T0, PAGE(39), 0xfff, 0x92, 4
        mov ax, T0
        mov fs, ax
        DESC T0, PAGE(40), 0xfff, 0x92, 4
        mov eax, [fs:0]
        cli
        mov ebx, [fs:0]
        xor ecx, ecx
        mov fs, cx
END
CASE "the stack's too"
        DESC T0, PAGE(41), 0xfff, 0x92, 4
        mov ax, T0
        mov ebx, esp
        mov ss, ax
        mov esp, 0x800
        DESC T0, PAGE(42), 0xfff, 0x92, 4
        cli
        push dword 0x99
        pop eax
        mov cx, KDATA
        mov ss, cx
        mov esp, ebx
        mov ebx, [PAGE(41) + 0x7fc]
END
CASE "code and stack from one descriptor"
        DESC T0, 0, 0xfffff, 0x92, 0xc
        mov ax, T0
        mov ss, ax
        DESC T0, 0, 0xfffff, 0x9a, 0xc
        jmp T0:%$in
%$in:   cli
        mov eax, cs
        mov ebx, ss
        push eax
        pop eax
END
CASE "segments of an LDT"
        DESC T0, PAGE(43), 31, 0x82, 0
        mov dword [PAGE(43) + 8], 0x0000ffff
        mov dword [PAGE(43) + 12], 0x00cffa00
        mov dword [PAGE(43) + 16], 0x0000ffff
        mov dword [PAGE(43) + 20], 0x00cff200
        mov ax, T0
        lldt ax
        push dword 0x17
        push dword STACK3
        push dword 0x3002
        push dword 0x0f
        push dword %$in
        iret
%$in:   mov ax, 0x17
        mov ds, ax
        cli
        pushf
        popf
        mov eax, cs
        mov ebx, ss
END
CASE "a table of 8192 descriptors"
        mov edi, FRAME + 0x200000
        mov ecx, 0x4000
        xor eax, eax
        rep stosd
        mov esi, gdt
        mov edi, FRAME + 0x200000
        mov ecx, (gdt_end - gdt) / 4
        rep movsd
        mov dword [FRAME + 0x200000 + 0xe008], 0x0000ffff
        mov dword [FRAME + 0x200000 + 0xe00c], 0x00cf9a00
        mov dword [FRAME + 0x200000 + 0xfff8], 0x0000ffff
        mov dword [FRAME + 0x200000 + 0xfffc], 0x00cf9200
        mov word [SCRATCH], 0xffff
        mov dword [SCRATCH + 2], FRAME + 0x200000
        lgdt [SCRATCH]
        mov eax, 0xfff8
        mov ss, ax
        mov ds, ax
        jmp 0xe008:%$in
%$in:   cli
        mov eax, cs
        mov ebx, ss
        jmp KCODE:%$out
%$out:
END
CASE "a data segment of ring 0, in ring 3 by sysexit"
        mov ecx, 0x174
        mov eax, KCODE
        xor edx, edx
        wrmsr
        mov edx, %$in
        mov ecx, STACK3
        DESC T0, 0, 0xfffff, 0xfa, 0xc
        sysexit
%$in:   cli
END
CASE "sysenter"
        mov ecx, 0x174
        mov eax, KCODE
        xor edx, edx
        wrmsr
        mov ecx, 0x175
        mov eax, OWN
        wrmsr
        mov ecx, 0x176
        mov eax, %$here
        wrmsr
        RING 3, %$in
%$in:   sysenter
%$here: mov eax, cs
        mov ebx, esp
END
CASE "16-bit code"
        DESC T0, 0x100000, 0xffff, 0x9a, 0
        mov dword [SCRATCH], 0
        jmp T0:%$in - 0x100000
        bits 16
%$in:   cli
        mov eax, cs
        pushf
        pop bx
        o32 jmp dword KCODE:%$out
        bits 32
%$out:
END

; ---------------------------------------------------------------- registers

CASE "fwait with MP and TS"
        mov eax, cr0
        or al, 0x0a
        mov cr0, eax
        fwait
END
CASE "smsw says so; clts"
        smsw ax
        and eax, 0xf
        clts
        mov ebx, cr0
        and ebx, 0xf
        lmsw bx
        fwait
        mov ecx, cr0
        and ecx, ~0xa
        mov cr0, ecx
END
CASE "rdtsc with TSD in ring 3"
        mov eax, cr4
        or al, 4
        mov cr4, eax
        RING 3, %$in
%$in:   rdtsc
END
CASE "rdtsc with TSD in ring 0 goes on"
        rdtsc
        mov ebx, eax
        mov ecx, edx
        rdtsc
        sub eax, ebx
        sbb edx, ecx
        mov eax, edx            ; 0: less than 2^32 cycles, and not backwards
        mov ecx, cr4
        and cl, ~4
        mov cr4, ecx
        mov ebx, 0
END
CASE "the TSC is written (not on QEMU)"
        mov ecx, 0x10
        mov eax, 0x40000000
        mov edx, 0x123
        wrmsr
        rdtsc
        mov eax, edx
END
CASE "debug registers"
        mov eax, 0x12345678
        mov dr0, eax
        mov ebx, dr0
        mov eax, dr7
END
CASE "mov to cr1"
        db 0x0f, 0x22, 0xc8
END
CASE "a string to a port"
        mov esi, s_port
        mov ecx, s_port_end - s_port
        mov dx, 0xe9
        rep outsb
        mov eax, ecx
END
CASE "a string from ports, over two pages, the second missing"
        mov dword [PTE(70)], PAGE(44) | 7
        mov dword [PTE(71)], 0
        mov dx, 0x80
        mov edi, WIN(71) - 3
        mov ecx, 8
        rep insb
END
CASE "single steps over what traps"
        pushf
        or dword [esp], 0x100
        popf
        cli
        nop
END
CASE "single steps over mov cr3"
        mov eax, cr3
        pushf
        or dword [esp], 0x100
        popf
        mov cr3, eax
        nop
END

; --------------------------------------------------------------- interrupts

; IRQ 0 at vector 0x20, and one that waits already.
%macro WAITING 0
        call irq_waits
%endmacro
CASE "sti lets one instruction pass"
        WAITING
        sti
        nop
        nop
        nop
END
CASE "popf lets none"
        call end_of_irq
        WAITING
        push dword 0x202
        popf
        nop
        nop
END
CASE "iret lets none"
        call end_of_irq
        WAITING
        push dword 0x202
        push dword KCODE
        push dword %$to
        iret
%$to:   nop
END
CASE "sti and hlt"
        call end_of_irq
        WAITING
        sti
        hlt
        nop
END
CASE "sti and cli: none"
        call end_of_irq
        WAITING
        sti
        cli
        nop
END
CASE "sti and iret to ring 3"
        push dword DATA3
        push dword STACK3
        push dword 0x3202
        push dword CODE3
        push dword %$to
        sti
        iret
%$to:   nop
END
CASE "sti and a page fault, hidden or not"
        call end_of_irq
        WAITING
        mov dword [PTE(72)], PAGE(45) | 7
        sti
        mov eax, [WIN(72)]
        nop
END
CASE "sti and a traced write"
        call end_of_irq
        WAITING
        sti
        mov dword [PTE(72)], PAGE(46) | 7
        nop
END
CASE "sti and a true fault"
        call end_of_irq
        WAITING
        sti
        ud2
END
CASE "a loop on the instruction behind sti"
        call end_of_irq
        call arm
        sti
%$loop: jmp %$loop
END
CASE "asleep, with the interrupt still to come"
        call end_of_irq
        call arm
        sti
        hlt
        nop
END
CASE "an interrupt in ring 3"
        call end_of_irq
        call arm
        RING 3, %$in, 0x202
%$in:   jmp %$in
END
CASE "masked: it waits"
        call end_of_irq
        in al, 0x21
        or al, 1
        out 0x21, al
        call arm
        sti
        mov ecx, 200000
%$spin: loop %$spin
        cli
        mov eax, 1
END
CASE "unmasked: it comes"
        sti
        nop
        mov al, 0xfe
        out 0x21, al
%$more: jmp %$more
END
        call end_of_irq
        mov al, 0xff
        out 0x21, al
        jmp finish

; One-shot: IRQ 0 in 1000 ticks of 1.19 MHz.
arm:    push eax
        mov al, 0x11
        out 0x20, al
        mov al, 0x20
        out 0x21, al
        mov al, 4
        out 0x21, al
        mov al, 1
        out 0x21, al
        mov al, [irq_mask]
        out 0x21, al
        mov al, 0x30            ; channel 0, mode 0
        out 0x43, al
        mov al, 1000 & 255
        out 0x40, al
        mov al, 1000 >> 8
        out 0x40, al
        pop eax
        ret
irq_waits:
        push eax
        call arm
.poll:  mov al, 0x0a            ; the requests
        out 0x20, al
        in al, 0x20
        test al, 1
        jz .poll
        pop eax
        ret
end_of_irq:
        push eax
        mov al, 0x20
        out 0x20, al
        pop eax
        ret

        section .rodata
s_port: db "outsb: these words", 10
s_port_end:
        section .data
irq_mask: db 0xfe
        section .text
