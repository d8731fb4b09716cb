# 5.5 a page is watched no more as soon as one unit of it is dead
/^void unit_drop/,/^}/s/if (!page_used(t, u->gfn\[k\]) && !selectors_use/if (!selectors_use/
