; para-others-frames - every frame of the machine, mapped one after the other.
; under: para
; ends: success
; Rule: an entry leads to a frame of its own guest's (EPERM else). What it may
; map is what its own list of frames has, and not one more.
%include "para.inc"
FRAMES equ 0x2000               ; the machine's 32 MiB
attack: xor ebp, ebp            ; frame
.next:  mov ecx, ebp
        shl ecx, 12
        or ecx, 5
        map SPARE, ecx
        test eax, eax
        jnz .no
        inc dword [mapped]
        cmp dword [M2P + ebp * 4], -1   ; nobody's, says the list
        jne .on
        mov eax, [start_info]
        mov eax, [eax + 36]     ; shared_info, which has no number
        shr eax, 12
        cmp eax, ebp
        jne .bad
        jmp .on
.no:    cmp eax, EPERM
        jne .bad
        cmp dword [M2P + ebp * 4], -1
        jne .bad
.on:    inc ebp
        cmp ebp, FRAMES
        jb .next
        mov edx, [start_info]
        mov eax, [mapped]
        sub eax, [edx + 32]     ; nr_pages
        ANSWERS 1, "its own pages, the shared info page, and no more"
        mov ecx, 0xfffff007
        map SPARE, ecx
        ANSWERS EPERM, "a frame that the machine does not have"
        mov eax, M2P
        FAULTS 14, "the M2P list, written"
        mov dword [M2P], 0
        END
        FAULTS 14, "the M2P list, from ring 3"
        push USER_DS
        push stack_top
        push 0x202
        push USER_CS
        push .user
        iret
.user:  mov eax, [M2P]
        END
        update 0x1002, 5        ; MMU_MACHPHYS_UPDATE of frame 1
        ANSWERS EPERM, "the M2P entry of a frame that is not its own"
        LIVES
.bad:   mov eax, 1
        ANSWERS 0, "a frame is not what the list says"
        LIVES
section .data
mapped: dd 0
