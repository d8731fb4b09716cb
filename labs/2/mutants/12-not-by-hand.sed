# 2.2 every interrupt is left to the processor
s/if (!is_plain(p) ||/if (is_plain(p) || !is_plain(p) ||/
