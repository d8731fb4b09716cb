# 2.4 an interrupt comes behind STI at once
s/return p->cpu->shadow && p->cpu->eip == p->cpu->shadow_eip;/return p->cpu->shadow \&\& p->cpu->eip == 1;/
