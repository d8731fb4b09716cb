# 3.1 guest physical addresses are put in as they are
/^uint32_t paging_leaf/,/^}/s/uint32_t entry = frame.v | /uint32_t entry = (pte \& ~PAGE_MASK) | /
