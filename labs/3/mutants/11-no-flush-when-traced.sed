# 3.7 the TLB may still write what became a table
/^void shadow_protect/,/^}/s/f->sh.flush = .*/(void)0;/
