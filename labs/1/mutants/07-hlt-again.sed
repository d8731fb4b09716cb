# 1.3 HLT is executed again after each interrupt
/^void v_hlt/,/^}/s/    vp_next(p, in);/    (void)in;/
