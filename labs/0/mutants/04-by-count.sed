# 0.4 the most frequent reason first, not the dearest
s/before += count\[other\] > 0/before += count[other] > count[r]/
