# 1.4 what was reflected into the guest is not said in the record
/^bool interpret_decoded/,/^}/s/    vp_reflected(p);/    (void)0;/
