/* fpu_rem.h - taking numbers apart: fpu_rem.c. No operand is a NaN. */
#ifndef RINGSIDE_CPU_FPU_REM_H
#define RINGSIDE_CPU_FPU_REM_H

#include "fpu_number.h"

struct remainder {
    struct number rest; /* NUMBER_UNSUPPORTED: invalid */
    uint64_t quotient;  /* its low bits; 0 if partial */
    bool partial;       /* C2: there is more to take off */
};
/* a modulo b; `nearest` rounds the quotient to nearest even, else to zero. */
struct remainder number_rem(const struct number *a, const struct number *b,
                            bool nearest);
/* a * 2^trunc(by), not yet rounded. */
struct number number_scale(const struct number *a, const struct number *by);
/* FXTRACT's two results; the exponent of zero is minus infinity. */
struct number number_exponent(const struct number *a);
struct number number_significand(const struct number *a);
/* Round to an integer, in a register. */
struct answer number_to_integral(const struct number *a, uint16_t control);

#endif
