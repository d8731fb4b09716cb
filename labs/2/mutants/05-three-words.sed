# 2.5 SS and ESP of ring 3 are not pushed
s/return c->cpl == 3 ? push(/return c->cpl == 9 ? push(/
