# 3.4 a write over two entries changes the shadow of the first alone
/^void paging_written/,/^}/s/unsigned last = .*/unsigned last = first;/
