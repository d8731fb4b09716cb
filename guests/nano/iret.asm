; nano-iret - IRET within ring 0: flags, CS and EIP at once.
%include "nano.inc"

nano:   rounds
        pushf
        push dword CODE
        push dword after
        iret
after:
        done
