# 7.3 where no memory is, the instruction is skipped
s/^        run_virtually(&h->f, x);/        { struct insn in; vp_decode(\&h->f.p, \&in); vp_next(\&h->f.p, \&in); }/
