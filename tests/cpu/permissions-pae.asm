; permissions-pae.asm - permissions.asm with PAE tables.
%define PAE
%include "permissions.asm"
