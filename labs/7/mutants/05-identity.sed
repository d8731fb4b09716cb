# 7.1 guest physical is taken for machine physical: somebody else's memory
s/^            (frame.v & ~PAGE_MASK) | NESTED_RIGHTS;/            (at.v \& ~PAGE_MASK) | NESTED_RIGHTS;/
