; refused - a control block that cannot be.
;
; By a word at the marker port the guest has the grader spoil a field of its
; control block, as a mistake in a monitor might: the upper half of a register
; that has none. (Without guest mode nothing happens, and the guest goes on.)
%include "lib.inc"

SPOIL equ 0x5b010000                    ; labs/grade/transcript.h

lesson: say "before", 10
        dice 6
%if DICE == 0
        mov eax, SPOIL + 0x55c          ; CR0's
%elif DICE == 1
        mov eax, SPOIL + 0x54c          ; CR4's
%elif DICE == 2
        mov eax, SPOIL + 0x56c          ; DR6's
%elif DICE == 3
        mov eax, SPOIL + 0x564          ; DR7's
%elif DICE == 4
        mov eax, SPOIL + 0x044          ; the I/O permission map's
%else
        mov eax, SPOIL + 0x04c          ; the MSR permission map's
%endif
        out 0xf8, eax
        say "behind", 10
        quit 0
