# 5.2 sensitive instructions are copied, too
s/return in->id != I_INVALID \&\& (!sensitive || in->id == I_RDTSC) \&\&/(void)sensitive;\n    return in->id != I_INVALID \&\&/
