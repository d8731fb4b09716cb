# 7.6 PS is not looked at
s/^        if (!(pde & PTE_PS) || !(c->cr4 & CR4_PSE)) {/        if (true) {/
