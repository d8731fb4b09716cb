# 3.3 a write sets D in the directory entry, too
s/set_bits(f, w->pde_at, &w->pde, PTE_A);/set_bits(f, w->pde_at, \&w->pde, leaf);/
