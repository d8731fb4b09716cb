# 2.2 the frame is the wrong way round
s/cpu_eflags(c), c->seg\[SEG_CS\].sel, c->eip/c->eip, c->seg[SEG_CS].sel, cpu_eflags(c)/
