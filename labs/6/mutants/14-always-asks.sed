# 6.4 even who can take an interrupt at once is made to wait for a window
s/    if (waits && open) {/    if (waits \&\& open \&\& x->r.reason == EXIT_window) {/
