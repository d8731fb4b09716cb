/* hot_branch.c - the handlers of KINDS_BRANCH in kinds.def. */
#include "bodies.h"

#define KINDS_BRANCH 1
#define KIND(name, shape) KIND_##shape(name)
#include "kinds.def"
