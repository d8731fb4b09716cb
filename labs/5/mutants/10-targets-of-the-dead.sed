# 5.5 the table of targets still leads to it
/^void unit_detach/,/^}/s/target_clear(t, eip);/(void)eip;/
