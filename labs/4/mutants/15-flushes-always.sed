# 4.12 the TLB is flushed for each entry: right, and dear
/^int entry_replace(/,/^}/s/^    entry_put(p, t, old);/    flush_all(p);\n    entry_put(p, t, old);/
