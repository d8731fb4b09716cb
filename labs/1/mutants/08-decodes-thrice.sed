# 1.8 each instruction is decoded over and over: right, and dear
s/return vp_decode(p, &in) && interpret_decoded/for (int i = 0; i < 9; i++) vp_decode(p, \&in);\n    return vp_decode(p, \&in) \&\& interpret_decoded/
