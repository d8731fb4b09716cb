/* hot_memory.c - the handlers of KINDS_MEMORY in kinds.def. */
#include "bodies.h"

#define KINDS_MEMORY 1
#define KIND(name, shape) KIND_##shape(name)
#include "kinds.def"
