# 6.6 what an exit cut short is lost
s/if ((what & INJECT_VALID) && !is_instruction(what)) {/if (!what) {/
