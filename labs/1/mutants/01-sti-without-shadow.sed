# 1.10 STI has no shadow: an interrupt comes before HLT
s/p->cpu->shadow = true;/p->cpu->shadow = false;/
