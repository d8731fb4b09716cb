# 0.2 the cycles of the last exit, not of all
s/\[x->reason\] += cost/[x->reason] = cost/
