/* fpu_trans.h - the transcendental functions: fpu_trans.c. No operand is a
 * NaN; results have over 100 good bits, to be rounded once. */
#ifndef RINGSIDE_CPU_FPU_TRANS_H
#define RINGSIDE_CPU_FPU_TRANS_H

#include "fpu_number.h"

/* Of a finite x, |x| < 2^63. */
void number_sincos(const struct number *x, struct number *sine,
                   struct number *cosine);
struct number number_tan(const struct number *x);
/* 2^x - 1; outside -1 to 1, where the manual leaves it undefined, x. */
struct number number_exp2m1(const struct number *x);

/* Of y and x: y * log2(x), y * log2(x + 1), the angle of (x, y).
 * NUMBER_UNSUPPORTED: invalid. */
typedef struct number trans_fn(const struct number *y, const struct number *x,
                               bool *zero_divide);
trans_fn number_ylog2x, number_ylog2xp1, number_atan2;

#endif
