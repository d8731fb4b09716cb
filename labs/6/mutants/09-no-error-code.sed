# 6.6 delivered again without its error code
s/^        h->inject = what;/        h->inject = what \& ~INJECT_ERROR;/
