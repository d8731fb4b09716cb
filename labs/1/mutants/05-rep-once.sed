# 1.2 one exit an iteration of REP OUTS
s/while (vp_step(p) && in->rep/while (vp_step(p) \&\& !in->rep/
