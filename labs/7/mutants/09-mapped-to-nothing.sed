# 7.3 where no memory is, a frame of the first page stands in
s/^    if (!vp_memory(&h->f.p, at, &frame)) {/    if (!vp_memory(\&h->f.p, at, \&frame) \&\& !vp_memory(\&h->f.p, (gpa_t){0}, \&frame)) {/
