/*
 * string_loop.h - what string.c and io.c share: the frame of one iteration
 * of a string instruction.
 *
 *     if (!string_begin(c, i))
 *         return;                  a REP whose count is zero
 *     ... the accesses, at string_source() and string_destination() ...
 *     string_end(c, i, STRING_BOTH, size);
 */
#ifndef RINGSIDE_CPU_STRING_LOOP_H
#define RINGSIDE_CPU_STRING_LOOP_H

#include "exec.h"

enum string_uses {
    STRING_SOURCE = 1,      /* ESI moves */
    STRING_DESTINATION = 2, /* EDI moves */
    STRING_BOTH = STRING_SOURCE | STRING_DESTINATION,
    STRING_WRITES = 4, /* the destination is written */
};

/* Is there an iteration to do? */
bool string_begin(struct cpu *c, const struct insn *i);
/* Move the indices by `size` bytes, count, and stay on the instruction if
 * more iterations are due. After everything that may fault. */
void string_end(struct cpu *c, const struct insn *i, enum string_uses uses,
                unsigned size);

/* Both offsets, cut to the address size. */
uint32_t string_source(const struct cpu *c, const struct insn *i);
uint32_t string_destination(const struct cpu *c, const struct insn *i);

#endif
