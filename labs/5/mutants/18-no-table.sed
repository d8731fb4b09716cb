# 5.14 indirect branches always ask
/^void targets_put/,/^}/s/\*target_of(t, eip) = /struct target unused = /;/^void targets_put/,/^}/s/    charge_exit/    (void)unused;\n    charge_exit/
