# 3.12 a large page can be written before its D is set
s/to->bits |= pde & PTE_D ? pde & PTE_W : 0;/to->bits |= pde \& PTE_W;/
