/*
 * fpu_math.c - x87 arithmetic: FADD to FDIVR in all their forms, and the
 * other operations on the stack's top but the transcendental ones (SDM 2A).
 *
 * The numbers are computed in fpu_arith.c and fpu_rem.c; here is where
 * operands come from, where results go, and what C0 to C3 tell. Precision
 * control shortens add, subtract, multiply, divide and square root alone.
 */
#include "fpu.h"
#include "fpu_rem.h"

/* --------------------------------------------- add, multiply, subtract, divide
 */

/* Register forms: bit 2 of the opcode makes ST(i) the destination, and DE
 * pops. `reverse` takes the operands in the other order. */
static void arithmetic(struct cpu *c, const struct insn *i, number_fn *op,
                       bool reverse)
{
    struct fpu *f = &c->fpu;
    bool memory = opr_is_memory(i);
    unsigned to = !memory && (i->opcode & 4) ? i->rm : 0;
    unsigned from = to == 0 ? i->rm : 0;
    struct number y = {0};
    fpu_begin(c);
    if (memory)
        y = fpu_read(c, i);
    fpu_record(c, i);
    struct answer a;
    if (fpu_is_empty(f, 0) || (!memory && fpu_is_empty(f, i->rm))) {
        a = fpu_underflow();
    } else {
        struct number x = fpu_number(f, to);
        if (!memory)
            y = fpu_number(f, from);
        a = reverse ? number_answer(op, &y, &x, f->control)
                    : number_answer(op, &x, &y, f->control);
    }
    if (fpu_put(f, to, a) && !memory && i->opcode == 0xde)
        fpu_pop(f);
}

void op_fadd(struct cpu *c, const struct insn *i)
{
    arithmetic(c, i, number_add, false);
}

void op_fmul(struct cpu *c, const struct insn *i)
{
    arithmetic(c, i, number_mul, false);
}

void op_fsub(struct cpu *c, const struct insn *i)
{
    arithmetic(c, i, number_sub, false);
}

void op_fsubr(struct cpu *c, const struct insn *i)
{
    arithmetic(c, i, number_sub, true);
}

void op_fdiv(struct cpu *c, const struct insn *i)
{
    arithmetic(c, i, number_div, false);
}

void op_fdivr(struct cpu *c, const struct insn *i)
{
    arithmetic(c, i, number_div, true);
}

/* -------------------------------------------------------- operations on ST(0)
 */

/* FCHS and FABS change a bit, of a NaN too, and raise nothing. */
void op_fchs(struct cpu *c, const struct insn *i)
{
    if (fpu_begin_top(c, i))
        fpu_st(&c->fpu, 0)->head ^= 0x8000;
}

void op_fabs(struct cpu *c, const struct insn *i)
{
    if (fpu_begin_top(c, i))
        fpu_st(&c->fpu, 0)->head &= 0x7fff;
}

void op_fsqrt(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    if (!fpu_begin_top(c, i))
        return;
    struct number x = fpu_number(f, 0);
    fpu_put(f, 0, number_sqrt_answer(&x, f->control));
}

void op_frndint(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    if (!fpu_begin_top(c, i))
        return;
    struct number x = fpu_number(f, 0);
    struct answer a = number_is_nan(&x) ? number_nan(&x, &x)
                                        : number_to_integral(&x, f->control);
    if (x.denormal)
        a.raised |= FPU_D;
    fpu_put(f, 0, a);
}

/* -------------------------------------------------------------- remainders */

static void remainder_of(struct cpu *c, const struct insn *i, bool nearest)
{
    struct fpu *f = &c->fpu;
    fpu_begin(c);
    fpu_record(c, i);
    f->status &= (uint16_t)~FPU_C2;
    if (fpu_is_empty(f, 0) || fpu_is_empty(f, 1)) {
        fpu_put(f, 0, fpu_underflow());
        return;
    }
    struct number x = fpu_number(f, 0), y = fpu_number(f, 1);
    if (number_is_nan(&x) || number_is_nan(&y)) {
        fpu_put(f, 0, number_nan(&x, &y));
        return;
    }
    struct remainder m = number_rem(&x, &y, nearest);
    struct answer a =
        number_answer_full(&m.rest, x.denormal || y.denormal, f->control);
    if (!fpu_put(f, 0, a) || (a.raised & FPU_I))
        return;
    f->status &= (uint16_t) ~(FPU_CC | FPU_C1);
    f->status |=
        (uint16_t)((m.quotient & 4 ? FPU_C0 : 0) |
                   (m.quotient & 2 ? FPU_C3 : 0) |
                   (m.quotient & 1 ? FPU_C1 : 0) | (m.partial ? FPU_C2 : 0));
}

void op_fprem(struct cpu *c, const struct insn *i)
{
    remainder_of(c, i, false);
}

void op_fprem1(struct cpu *c, const struct insn *i)
{
    remainder_of(c, i, true);
}

/* -------------------------------------------------------- scale and extract */

void op_fscale(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    fpu_begin(c);
    fpu_record(c, i);
    if (fpu_is_empty(f, 0) || fpu_is_empty(f, 1)) {
        fpu_put(f, 0, fpu_underflow());
        return;
    }
    struct number x = fpu_number(f, 0), y = fpu_number(f, 1);
    if (number_is_nan(&x) || number_is_nan(&y)) {
        fpu_put(f, 0, number_nan(&x, &y));
        return;
    }
    struct number r = number_scale(&x, &y);
    fpu_put(f, 0, number_answer_full(&r, x.denormal || y.denormal, f->control));
}

void op_fxtract(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    if (!fpu_begin_two(c, i))
        return;
    struct number x = fpu_number(f, 0);
    if (number_is_nan(&x)) {
        fpu_put_two(f, number_nan(&x, &x), number_nan(&x, &x));
        return;
    }
    struct number exponent = number_exponent(&x);
    struct number significand = number_significand(&x);
    struct answer first = number_answer_full(&exponent, x.denormal, f->control);
    if (x.kind == NUMBER_ZERO)
        first.raised |= FPU_Z;
    fpu_put_two(f, first, number_answer_full(&significand, false, f->control));
}
