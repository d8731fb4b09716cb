# 3.3 a read sets D, too
s/uint32_t leaf = write ? PTE_A | PTE_D : PTE_A;/uint32_t leaf = PTE_A | PTE_D | (write ? PTE_D : 0);/
