# 7.2 entered for reading alone: page tables are written, for A and D
s/^            (frame.v & ~PAGE_MASK) | NESTED_RIGHTS;/            (frame.v \& ~PAGE_MASK) | PTE_P | PTE_U;/
