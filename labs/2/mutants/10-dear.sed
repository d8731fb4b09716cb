# 2.10 at each exit what comes next is decoded, thirty times
/^bool full_inject/,/^}/s/^    struct vm \*v = f->vm;/    struct vm *v = f->vm;\n    struct insn in;\n    for (int n = 0; n < 30; n++) {\n        vp_decode(\&f->p, \&in);\n    }/
