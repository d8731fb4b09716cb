/*
 * fpu_func.c - the x87's transcendental instructions: SDM 2A, F2XM1 to
 * FYL2XP1. fpu_trans.c computes them.
 *
 * They ignore precision control. A result that is not zero or infinite counts
 * as inexact, as processors have it, even where it is not: log2(8).
 */
#include "fpu.h"
#include "fpu_trans.h"

/* --------------------------------------------------- exponents, logarithms */

void op_f2xm1(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    if (!fpu_begin_top(c, i))
        return;
    struct number x = fpu_number(f, 0);
    if (number_is_nan(&x)) {
        fpu_put(f, 0, number_nan(&x, &x));
        return;
    }
    struct number r = number_exp2m1(&x);
    struct answer a = number_answer_full(&r, x.denormal, f->control);
    if (x.kind == NUMBER_FINITE)
        a.raised |= FPU_P;
    fpu_put(f, 0, a);
}

/* op(ST(1), ST(0)). */
static struct answer answer_of_two(struct fpu *f, trans_fn *op)
{
    struct number x = fpu_number(f, 0), y = fpu_number(f, 1);
    bool zero_divide = false;
    if (number_is_nan(&x) || number_is_nan(&y))
        return number_nan(&x, &y);
    struct number r = op(&y, &x, &zero_divide);
    if (zero_divide)
        return (struct answer){number_round(&r, 64, f->control).value, FPU_Z,
                               false};
    struct answer a =
        number_answer_full(&r, x.denormal || y.denormal, f->control);
    if (r.kind == NUMBER_FINITE)
        a.raised |= a.value.frac >> 63 ? FPU_P : FPU_P | FPU_U;
    return a;
}

/* ST(1) = op(ST(1), ST(0)), and pop. */
static void two_operands(struct cpu *c, const struct insn *i, trans_fn *op)
{
    struct fpu *f = &c->fpu;
    fpu_begin(c);
    fpu_record(c, i);
    bool empty = fpu_is_empty(f, 0) || fpu_is_empty(f, 1);
    if (fpu_put(f, 1, empty ? fpu_underflow() : answer_of_two(f, op)))
        fpu_pop(f);
}

void op_fyl2x(struct cpu *c, const struct insn *i)
{
    two_operands(c, i, number_ylog2x);
}

void op_fyl2xp1(struct cpu *c, const struct insn *i)
{
    two_operands(c, i, number_ylog2xp1);
}

void op_fpatan(struct cpu *c, const struct insn *i)
{
    two_operands(c, i, number_atan2);
}

/* ----------------------------------------------------------- trigonometry */

/* Begin one of these. False: there is nothing more to do, because of the
 * stack, or because ST(0) is beyond 2^63: then it stays, and C2 is set. */
static bool begin_angle(struct cpu *c, const struct insn *i, bool pushes)
{
    struct fpu *f = &c->fpu;
    bool ready = pushes ? fpu_begin_two(c, i) : fpu_begin_top(c, i);
    f->status &= (uint16_t)~FPU_C2;
    struct number x = fpu_number(f, 0);
    if (ready && x.kind == NUMBER_FINITE && x.exp >= 63) {
        f->status |= FPU_C2;
        return false;
    }
    return ready;
}

enum { SINE, COSINE, TANGENT };

/* Of x in ST(0): a NaN's is that NaN, infinity's invalid. */
static struct answer angle_answer(struct fpu *f, int function)
{
    struct number x = fpu_number(f, 0), r, other;
    if (number_is_nan(&x))
        return number_nan(&x, &x);
    if (x.kind == NUMBER_INFINITE)
        return (struct answer){F80_INDEFINITE, FPU_I, false};
    if (function == TANGENT)
        r = number_tan(&x);
    else if (function == SINE)
        number_sincos(&x, &r, &other);
    else
        number_sincos(&x, &other, &r);
    return number_answer_full(&r, x.denormal, f->control);
}

void op_fsin(struct cpu *c, const struct insn *i)
{
    if (begin_angle(c, i, false))
        fpu_put(&c->fpu, 0, angle_answer(&c->fpu, SINE));
}

void op_fcos(struct cpu *c, const struct insn *i)
{
    if (begin_angle(c, i, false))
        fpu_put(&c->fpu, 0, angle_answer(&c->fpu, COSINE));
}

void op_fsincos(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    if (begin_angle(c, i, true))
        fpu_put_two(f, angle_answer(f, SINE), angle_answer(f, COSINE));
}

/* The tangent, and above it 1.0, once the cosine that went with it; of no
 * number, the same NaN twice. */
void op_fptan(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    if (!begin_angle(c, i, true))
        return;
    struct answer tangent = angle_answer(f, TANGENT), one = tangent;
    struct number n = number_of_integer(1);
    if ((tangent.value.head & 0x7fff) != 0x7fff)
        one = number_round(&n, 64, f->control);
    fpu_put_two(f, tangent, one);
}
