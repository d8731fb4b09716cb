# 4.6 a page that becomes a table may be written through the TLB
/^int type_get(/,/^}/s/forget_writable(p, f);/(void)forget_writable;/
