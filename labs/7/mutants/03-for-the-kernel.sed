# 7.1 the entries are not for users, and to the nested tables every access is one
s/#define NESTED_RIGHTS (PTE_P | PTE_W | PTE_U)/#define NESTED_RIGHTS (PTE_P | PTE_W)/
