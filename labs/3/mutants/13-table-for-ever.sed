# 3.7 what was a table once is traced for ever
/^bool trace_write/,/^}/s/if (!in_use(f, gfn) && /if (0 \&\& !in_use(f, gfn) \&\& /
