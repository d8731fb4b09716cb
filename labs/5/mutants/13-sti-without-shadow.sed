# 5.7 an interrupt comes right behind STI
s/c->shadow = SHADOW_STI;/c->shadow = 0;/
