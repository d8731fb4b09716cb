# 5.1 a unit goes on behind its page, with what is anywhere
s/while (u->count < UNIT_INSNS && eip >> PAGE_SHIFT == u->eip >> PAGE_SHIFT) {/while (u->count < UNIT_INSNS) {/
