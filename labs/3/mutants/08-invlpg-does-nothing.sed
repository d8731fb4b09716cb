# 3.5 INVLPG leaves the real TLB alone
/^void paging_invalidate/,/^}/{s/vm_flush_page(f->vm, at);/(void)at;/;s/vm_flush_tlb(f->vm);//}
