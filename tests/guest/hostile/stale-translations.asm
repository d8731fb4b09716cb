; stale-translations - what the TLB still has, used after it was taken away.
; under: full hybrid translate emulate
; ends: success
; Rule: a real TLB entry permits what the guest's own TLB could still have;
; when a frame's role changes, what could write it is gone from the TLB.
%include "hostile.inc"
lesson: call trap_all
        call make_tables
        mov ebp, 300
.next:  mov dword [PTE(0)], FRAME | 7
        invlpg [WINDOW]
        mov [WINDOW], ebp
        mov dword [PTE(0)], FRAME + 0x1000 | 7  ; without INVLPG, then with
        mov [WINDOW + 4], ebp
        invlpg [WINDOW]
        mov [WINDOW + 8], ebp
        cmp [FRAME + 0x1008], ebp
        jne .bad
        mov dword [PTE(0)], 0
        invlpg [WINDOW]
        dec ebp
        jnz .next
        say "300 times", 10
        TRY "a page that was taken away and flushed"
        mov eax, [WINDOW]
        DONE
        TRY "a page written, and then made a page table"
        mov dword [PTE(1)], FRAME + 0x2000 | 7
        mov dword [WINDOW + 0x1000], 0          ; the TLB has it, dirty
        mov dword [FRAME + 0x2004], FRAME | 7
        mov dword [DIR + 30 * 4], FRAME + 0x2000 | 7
        mov eax, [30 * 0x400000 + 0x1000]       ; it is a table now
        mov dword [WINDOW + 0x1000], 0x800007   ; an entry behind memory
        mov dword [30 * 0x400000], 1
        mov eax, [30 * 0x400000]
        call say_hex
        DONE
        TRY "writable no more, flushed by a task's CR3"
        mov dword [PTE(1)], FRAME + 0x2000 | 5
        FLUSH
        mov dword [WINDOW + 0x1000], 0
        DONE
        TRY "a supervisor's page, from ring 3"
        mov dword [PTE(2)], FRAME | 3
        FLUSH
        mov eax, [WINDOW + 0x2000]              ; ring 0 has it in the TLB
        USER
        mov eax, [WINDOW + 0x2000]
        DONE
        TRY "global pages and CR4.PGE"
        mov eax, cr4
        or al, 0x80
        mov cr4, eax
        mov dword [PTE(3)], FRAME | 0x107
        mov eax, [WINDOW + 0x3000]
        mov dword [PTE(3)], 0
        mov eax, cr4
        and al, 0x7f
        mov cr4, eax
        mov eax, [WINDOW + 0x3000]
        DONE
        LIVES
.bad:   say "an old translation after INVLPG", 10
        quit 1
