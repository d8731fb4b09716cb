; never-exits - a guest that talks for ever. (For the tests: --limit ends it.)
%include "lesson.inc"

lesson:
        mov ecx, 100000
.spin:  dec ecx
        jnz .spin
        say "still here", 10
        jmp lesson
