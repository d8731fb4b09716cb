/*
 * fpu_number.h - numbers as the x87 computes with them: its exact arithmetic,
 * apart from registers, stack and status.
 *
 * Job:    take a number in any format apart, compute exactly (or to 128 bits
 *         and a sticky one), and round once at the end, by the control word.
 * Parts:  struct number; out of and into the formats (fpu_number.c); the
 *         exact operations (fpu_arith.c); the others (fpu_rem.c,
 *         fpu_trans.c).
 *
 * All of it is integer arithmetic, never the host's floating point: the same
 * bits on every host. Sections "SDM 1 4.8" are of volume 1.
 */
#ifndef RINGSIDE_CPU_FPU_NUMBER_H
#define RINGSIDE_CPU_FPU_NUMBER_H

#include "cpu.h"
#include "u128.h"

/* Exceptions: the same bits in status and control word (SDM 1 8.1.3). */
enum {
    FPU_I = 0x01, /* invalid operation */
    FPU_D = 0x02, /* denormal operand */
    FPU_Z = 0x04, /* division by zero */
    FPU_O = 0x08, /* overflow */
    FPU_U = 0x10, /* underflow */
    FPU_P = 0x20, /* precision: the result is rounded */
    FPU_EXCEPTIONS = 0x3f,
    FPU_SF = 0x40, /* with I: it was the register stack */
    /* Those that stop an operation before it has a result. */
    FPU_BEFORE = FPU_I | FPU_D | FPU_Z,
};

/* The control word's rounding control (SDM 1 table 4-8). */
enum rounding { ROUND_NEAREST, ROUND_DOWN, ROUND_UP, ROUND_ZERO };
static inline enum rounding rounding_of(uint16_t control)
{
    return (enum rounding)(control >> 10 & 3);
}

enum number_kind {
    NUMBER_ZERO,
    NUMBER_FINITE,
    NUMBER_INFINITE,
    NUMBER_QNAN,
    NUMBER_SNAN,
    NUMBER_UNSUPPORTED, /* unnormal, pseudo-infinity, pseudo-NaN: SDM 1 8.2.2;
                           and the result of an invalid operation */
};

/*
 * A number taken apart. Finite: sig * 2^(exp - 127), with bit 127 of sig set;
 * bit 0 of a result may be sticky, "and something more". NaN: sig.high is the
 * register's significand.
 */
struct number {
    enum number_kind kind;
    bool sign;
    bool denormal; /* as an operand: raises D */
    int32_t exp;
    u128 sig;
};

/* A result for a register, the exceptions it raises, and C1: rounded up. */
struct answer {
    struct f80 value;
    uint16_t raised;
    bool up;
};
/* The same for memory: the bits of a 16, 32 or 64-bit format. */
struct stored {
    uint64_t bits;
    uint16_t raised;
    bool up;
};

/* ------------------------------------------------ formats: fpu_number.c */

#define F80_INDEFINITE ((struct f80){.frac = (uint64_t)3 << 62, .head = 0xffff})

struct number number_of(struct f80 x);
struct number number_of_real(uint64_t bits, unsigned size); /* 4 or 8 bytes */
struct number number_of_integer(int64_t v);
/* Put the leading bit into place; sig must not be 0. */
void number_normalise(struct number *n);
/* Shift right, what falls out into the lowest bit. */
u128 shift_sticky(u128 sig, unsigned by);

/* The bits of precision that the control word asks of arithmetic: 24, 53 or
 * 64 (SDM 1 table 8-1). */
int precision_of(uint16_t control);
/* Round to a register at `bits` of precision, with the response to overflow
 * and underflow (SDM 1 4.9.1). Not for NaNs. */
struct answer number_round(const struct number *n, int bits, uint16_t control);
/* Round to a real of 4 or 8 bytes, NaNs too. */
struct stored number_to_real(const struct number *n, unsigned size,
                             uint16_t control);
/* Round to a signed integer of 2, 4 or 8 bytes. */
struct stored number_to_integer(const struct number *n, unsigned size,
                                uint16_t control);
/* Round to an integer's magnitude. False: it has over 64 bits. */
bool number_to_magnitude(const struct number *n, enum rounding how,
                         uint64_t *out, uint16_t *raised, bool *up);

/* ------------------------------------------------ arithmetic: fpu_arith.c */

/* Neither operand is a NaN. An invalid operation gives NUMBER_UNSUPPORTED;
 * division by zero an infinity of finite operands, which number_answer
 * recognises. `how` decides the sign of an exact zero. */
typedef struct number number_fn(const struct number *a, const struct number *b,
                                enum rounding how);
number_fn number_add, number_sub, number_mul, number_div;
struct number number_sqrt(const struct number *a);

/* The NaN that an operation of NaNs gives (SDM 1 table 4-7). `b` may be a
 * copy of `a`, where there is one operand. */
struct answer number_nan(const struct number *a, const struct number *b);
static inline bool number_is_nan(const struct number *n)
{
    return n->kind >= NUMBER_QNAN;
}
/* One operation with all its special cases: NaNs, D, I and Z. */
struct answer number_answer(number_fn *op, const struct number *a,
                            const struct number *b, uint16_t control);
struct answer number_sqrt_answer(const struct number *a, uint16_t control);

/* A result that is no NaN, at full precision; `denormal`: an operand was. */
struct answer number_answer_full(const struct number *r, bool denormal,
                                 uint16_t control);

/* -1, 0, 1, or 2 if unordered. */
int number_compare(const struct number *a, const struct number *b);

#endif
