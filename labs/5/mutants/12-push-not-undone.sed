# 5.7 what is on the stack too early stays there
s/v->regs.esp += (uint32_t)m->esp;/(void)m->esp;/
