// does not build: an audit of its own, which finds nothing
#include "full.h"
bool full_audit(struct vm *v, char *err, size_t errsize)
{
    (void)v;
    (void)err;
    (void)errsize;
    return true;
}
SOLUTION
