# 4.6 update_va_mapping flushes nothing
/^int64_t do_update_va_mapping(/,/^}/s/flush_as_told(p, va, flags);/(void)flags, (void)flush_as_told;/
