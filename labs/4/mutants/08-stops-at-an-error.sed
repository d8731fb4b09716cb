# 4.2 a multicall ends at its first call that fails
/^int64_t do_multicall(/,/^}/s/for (uint32_t i = 0; rc == 0 \&\& i < n;/bool bad = false;\n    for (uint32_t i = 0; !bad \&\& rc == 0 \&\& i < n;/
/^int64_t do_multicall(/,/^}/s/        rc = copy_out(\(.*\)$/        bad = answer < 0;\n        rc = copy_out(\1/
