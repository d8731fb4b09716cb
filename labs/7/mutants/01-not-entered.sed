# 7.1 the page is found, and not entered: it faults for ever
s/^        table\[at.v >> PAGE_SHIFT & (ENTRIES - 1)\] =/        (void)table; h->f.p.accesses =/
