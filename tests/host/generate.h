/* generate.h - making cases out of insn.def: generate.c. */
#ifndef RINGSIDE_HOST_GENERATE_H
#define RINGSIDE_HOST_GENERATE_H

#include "../../cpu/cpu.h"
#include "case.h"

/* Why this row cannot be compared: it does not answer alike in any ring-3
 * program. NULL: it can. */
const char *row_left_out(enum insn_id id);
/* Does this row load segment registers, or ask about descriptors? */
bool row_is_segments(enum insn_id id);
/* Make a case of row `id`, and its decoding. The same seed, the same case. */
void generate(enum insn_id id, uint64_t *seed, const uint32_t selector[6],
              struct host_case *out, struct insn *in);
/* LOCK before it where that is not legal, #UD, now and then. */
void put_bad_lock(struct host_case *c, const struct insn *in, uint64_t *seed);

/* For generate.c's parts. */
uint32_t random32(uint64_t *seed);
bool one_in(uint64_t *seed, uint32_t n);
/* Store `size` bytes of v where the case's memory has linear address `at`, if
 * it has. */
void poke(struct host_case *c, uint32_t at, uint32_t v, uint32_t size);
/* A target in the code page, or in the nothing around it. */
uint32_t code_target(uint64_t *seed);
/* Give a row that is about segments selectors and targets: segments.c. `at`
 * is its memory operand's address. */
void aim_segments(struct host_case *c, const struct insn *in, uint32_t at,
                  const uint32_t selector[6], uint64_t *seed);
/* The base of a code segment that segments.c lets a case reach. */
uint32_t code_base(uint32_t sel);

#endif
