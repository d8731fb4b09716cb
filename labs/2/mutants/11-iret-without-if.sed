# 2.2 IRET leaves IF as it was
/^void v_iret/,/^}/s/    vp_step(p);/    vp_step(p);\n    c->eflags \&= ~(uint32_t)FL_IF;/
