# 7.1 a new nested table for each page: the others are forgotten
s/^    if (!(\*slot & PTE_P)) {/    if (true) {/
