# 3.6 rights of the directory entry do not count
s/to->bits = THERE | (pde & PTE_RIGHTS);/to->bits = THERE | PTE_RIGHTS;/
