# 3.4 a changed directory entry keeps its old child
/^static void entry_changed/,/^}/s/if (s && s->child\[i\]) {/if (s \&\& s->role == SHADOW_TABLE) {/
