# 3.12 INVLPG of a large page flushes 4 KiB of it
/^void paging_invalidate/,/^}/s/if (f->sh.pse) {/if (!f) {/
