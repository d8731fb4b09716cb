# 6.5 the window stays open though nothing waits
s/    h->window = waits;/    h->window = h->window || waits;/
