# 5.14 branches are never chained
/^void unit_chain/,/^}/s/if (!l || l->to || l->owner->dead) {/if (l || to) {/
