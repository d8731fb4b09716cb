# 1.7 HLT with IF clear waits for ever, and is not found out
s/if (!(p->cpu->eflags & FL_IF)) {/if (p->cpu->eflags \& FL_VM) {/
