# 4.3 PRESERVE_AD keeps nothing
/^static int mmu_one(/,/^}/s/(PTE_A | PTE_D)/0u/
