; behind-memory - physical addresses past the end of the guest's memory.
; under: full hybrid translate emulate
; ends: success
; Rule: the memory map (P2M) ends with the guest's memory. What is behind is
; no memory of anybody's: reads give ones, and writes go nowhere.
%include "hostile.inc"
lesson: call trap_all
        call make_tables
        mov ebp, 0x800000       ; 8 MiB: its own size
.next:  mov eax, ebp
        or eax, 7
        mov [PTE(0)], eax
        invlpg [WINDOW]
        mov dword [WINDOW], 0x41414141
        cmp dword [WINDOW], -1
        jne .bad
        mov ecx, 4
        mov edi, WINDOW + 0xff8
        mov eax, 0x42424242
        mov dword [PTE(1)], 0xfffff007
        rep stosd
        add ebp, 0x1ff000       ; not a multiple of 4 MiB
        jnc .next
        say "nothing is there", 10
        TRY "a directory behind memory: all its entries are ones"
        mov dword [DIR + 5 * 4], 0x10000007
        FLUSH
        mov eax, [0x1400000]
        call say_hex
        DONE
        TRY "code behind memory"
        mov dword [PTE(2)], 0x4000007
        mov eax, WINDOW + 0x2000
        jmp eax
        DONE
        TRY "a stack behind memory"
        mov ebx, esp
        mov esp, WINDOW + 0x2800
        push ebx
        pop eax
        mov esp, ebx
        call say_hex
        DONE
        TRY "without paging"
        mov eax, cr0
        and eax, 0x7fffffff
        mov cr0, eax
        mov dword [0x4000000], 1
        mov eax, [0x4000000]
        call say_hex
        DONE
        LIVES
.bad:   say "memory that is not its own", 10
        quit 1
