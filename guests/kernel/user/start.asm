; start.asm - a program begins here, with its two arguments in EAX and EBX.
bits 32
global start
extern main
extern program_end
section .start exec
start:  jmp short begin
        align 4
        dd program_end          ; the second word: process.c reads it
begin:  push ebx
        push eax
        call main
        mov ebx, eax
        mov eax, 1              ; exit
        int 0x80
