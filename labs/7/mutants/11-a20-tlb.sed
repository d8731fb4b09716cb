# 7.5 the tables are dropped, and the TLB still has them
/^void nested_a20/,/^}/s/^    vm_flush_tlb(h->f.vm);/    (void)0;/
