# 6.6 INT n is put in again, and returns to itself
s/^    return type == INJECT_SOFTWARE ||/    return (0 \&\& type == INJECT_SOFTWARE) ||/
