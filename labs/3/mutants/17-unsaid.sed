# 3.2 a fault that went to the guest is not said in the record
/^static void guests_own/,/^}/s/    vp_reflected(&f->p);/    (void)x;/
