/* hot_move.c - the handlers of KINDS_MOVE in kinds.def. */
#include "bodies.h"

#define KINDS_MOVE 1
#define KIND(name, shape) KIND_##shape(name)
#include "kinds.def"
