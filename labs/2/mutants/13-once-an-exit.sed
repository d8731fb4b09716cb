# 2.4 what the shadow protects is not done first
/^bool full_inject/,/^}/s/    run_protected(f, x);/    (void)run_protected;/
