# 5.5 links still lead to a unit that is dead
/^void unit_detach/,/^}/s/while (u->from) {/while (0) {/
