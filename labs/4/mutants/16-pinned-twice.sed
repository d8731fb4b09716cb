# 4.4 what is pinned may be pinned again
/^static int pin(/,/^}/s/if (f->pinned)/if (false)/
