# 6.5 IF alone is asked, and not the shadow of STI
s/bool open = vp_open(&h->f.p)/bool open = (h->f.p.cpu->eflags \& FL_IF)/
