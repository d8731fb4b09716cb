; programs.asm - the user programs, part of the kernel's image: for each its
; name and where its bytes begin and end (struct program of kernel.h).
global programs
section .programs
%macro PROGRAM 1
%defstr %%name %1
%strcat %%file "user/", %%name, ".bin"
%1_start: incbin %%file
%1_end:
%1_name: db %%name, 0
        align 4
%endmacro
        PROGRAM work
        PROGRAM nothing
        PROGRAM measure
        PROGRAM cc
programs:
        dd work_name, work_start, work_end
        dd nothing_name, nothing_start, nothing_end
        dd measure_name, measure_start, measure_end
        dd cc_name, cc_start, cc_end
        dd 0, 0, 0
