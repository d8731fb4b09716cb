# 1.1 CLI clears the other flags, too
s/p->cpu->eflags &= ~(uint32_t)FL_IF;/cpu_set_eflags(p->cpu, 2);/
