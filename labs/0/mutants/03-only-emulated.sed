# 0.1 only exits that were emulated are counted
s/h->count\[x->reason\]++/h->count[x->reason] += x->disposition == DISPOSITION_emulated/
