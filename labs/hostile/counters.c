// do not balance: writes the monitor's books
#include "virtual.h"
#define vp_next(p, in) ((p)->vm->books.exits = 1, (vp_next)(p, in))
SOLUTION
