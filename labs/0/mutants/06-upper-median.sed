# 0.5 of four exits the third
s/(h->count\[reason\] + 1) \/ 2/h->count[reason] \/ 2 + 1/
