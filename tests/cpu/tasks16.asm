; tasks16.asm - tasks.asm with a 16-bit TSS.
%define TBITS 16
%include "tasks.asm"
