/* generate.h - making cases out of insn.def: generate.c. */
#ifndef RINGSIDE_HOST_GENERATE_H
#define RINGSIDE_HOST_GENERATE_H

#include "../../cpu/cpu.h"
#include "case.h"

/* Can this row be compared: does it answer alike in any unprivileged 32-bit
 * program? */
bool row_is_comparable(enum insn_id id);
/* Make a case of row `id`, and its decoding. The same seed, the same case. */
void generate(enum insn_id id, uint64_t *seed, struct host_case *out,
              struct insn *in);

#endif
