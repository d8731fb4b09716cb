# 3.3 the shadow lets it write a page whose D is clear: nobody sets it
s/if ((pte & PTE_W) && (pte & PTE_D) && !/if ((pte \& PTE_W) \&\& !/
