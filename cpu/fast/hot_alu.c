/* hot_alu.c - the handlers of KINDS_ALU in kinds.def. */
#include "bodies.h"

#define KINDS_ALU 1
#define KIND(name, shape) KIND_##shape(name)
#include "kinds.def"
