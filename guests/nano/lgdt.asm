; nano-lgdt - LGDT with the table that is in use already.
;
; A monitor that keeps shadow descriptors looks the new table over.
%include "nano.inc"

nano:   rounds
        lgdt [gdt_register]
        done
