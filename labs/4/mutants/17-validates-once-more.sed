# 4.12 a table is validated for each use: right, and dear
/^int type_get(/,/^}/s/if (f->validated ||/if (f->validated)\n        (void)pass_over(p, t, at);\n    if (f->validated ||/
s/^static int table_get(struct para \*p, struct frame_info \*f, mpa_t at);/&\nstatic const uint32_t *pass_over(struct para *p, enum frame_type t, mpa_t table);/
