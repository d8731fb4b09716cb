; random - a program that SEED makes: arithmetic, stack, strings, branches,
; calls, what is sensitive, what faults, and code that is changed, in any order.
%include "lib.inc"
%include "pages.inc"

%macro plain 0
    dice 14
    %if DICE == 0
        add eax, ebx
    %elif DICE == 1
        adc ecx, 0x1234567
    %elif DICE == 2
        sub [place + 4], edx
    %elif DICE == 3
        imul ebx, [place + 4]
    %elif DICE == 4
        rcr edx, 3
    %elif DICE == 5
        shld eax, ebx, 7
    %elif DICE == 6
        xchg ecx, [place + 8]
    %elif DICE == 7
        bsf edx, ebx
        setnz bl
    %elif DICE == 8
        cmova eax, ecx
        cmpxchg [place + 12], edx
    %elif DICE == 9
        movsx ecx, byte [place + 5]
    %elif DICE == 10
        lea edx, [eax + ecx * 8 - 77]
    %elif DICE == 11
        inc dword [place + 16]
    %elif DICE == 12
        bt eax, ecx
        sbb edi, edi
        mov edi, place
    %else
        mul ecx
    %endif
%endmacro

%macro piece 0
    plain
    dice 17
    %if DICE == 0
        pushf
        pop esi
        and esi, ~0x200
        mix esi
    %elif DICE == 1
        cli
    %elif DICE == 2
        sti
        nop
    %elif DICE == 3
        push eax
        and dword [esp], 0xcd5
        popf
        cld
    %elif DICE == 4
        push ecx
        push edx
        call routine
        lea esp, [esp + 8]
    %elif DICE == 5
        mov esi, routine
        push eax
        call esi
        pop edx
    %elif DICE == 6
        mov dword [counter], 3
%%again: plain
        dec dword [counter]
        jnz %%again
    %elif DICE == 7
        test eax, ebx
        jbe %%over
        plain
%%over: plain
    %elif DICE == 8
        push ecx
        mov esi, place
        mov edi, place + 32
        mov ecx, 5
        rep movsd
        pop ecx
    %elif DICE == 9
        mov dword [behind], %%on
        ud2
%%on:
    %elif DICE == 10
    dice 0x7fffffff
        add dword [routine.field], DICE
    %elif DICE == 11
        mov esi, eax
        and esi, 1
        mov edi, [%%case + esi * 4]
        jmp edi
%%case: dd %%zero, %%one
%%zero: plain
%%one:
    %elif DICE == 12
        int 0x40
    %elif DICE == 13
        mov esi, cr0
        mix esi
        mov esi, cs
        mix esi
        smsw si
        mix esi
    %elif DICE == 14
        push ds
        pop es
        mov esi, es
        mix esi
    %elif DICE == 15
        mov dword [behind], %%on
        xor esi, esi
        mov [esi + 0x3ff000], eax       ; the last page, which is not there
%%on:
    %else
        pushad
        popad
    %endif
        mix eax
        mix edx
%endmacro

lesson: gate 6, skip
        gate 14, absent
        gate 0x40, called
        paging
        mov eax, 0x3ff000
        shr eax, 12
        and dword [table + eax * 4], ~1
        mov eax, cr3
        mov cr3, eax
        garble
        mov ebp, SEED
        mov dword [rounds], 6
.round:
%rep 30
        piece
    dice 3
    %if DICE == 0
        look
    %endif
%endrep
        dec dword [rounds]
        jnz near .round
        cli
        look
        say "sum "
        mov eax, ebp
        call say_hex
        say 10
        quit 0

routine:
        mov esi, 0x1111
.field equ $ - 4
        xor esi, [esp + 4]
        mix esi
        ret

absent: add esp, 4
skip:   push eax
        mov eax, [behind]
        mov [esp + 4], eax
        pop eax
        iret

called: push eax
        mov eax, cr2
        mix eax
        pop eax
        iret

section .data
rounds: dd 0
behind: dd 0
counter: dd 0
        align 64
place:
%rep 32
    dice 0x7fffffff
        dd DICE
%endrep
