# 1.1 CLI leaves the virtual IF set
s/p->cpu->eflags &= ~(uint32_t)FL_IF;/(void)0;/
