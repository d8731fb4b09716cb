/*
 * fpu_number.c - numbers out of the x87's formats and into them: SDM 1 4.2
 * and 4.8, 8.2.
 *
 * Parts:  taking apart; rounding a significand; registers; reals in memory;
 *         integers.
 *
 * Underflow is tininess after rounding, as on every x87, and, masked, only if
 * the result is not exact (SDM 1 4.9.1.5). Precision control shortens the
 * significand, never the exponent's range.
 */
#include "fpu_number.h"

/* ------------------------------------------------------------ taking apart */

#define BIAS 16383
#define EXP_MIN (-16382)
#define EXP_MAX 16383
#define HEAD_MAX 0x7fff

u128 shift_sticky(u128 sig, unsigned by)
{
    if (by == 0)
        return sig;
    if (by >= 128)
        return (u128){0, !u128_is_zero(sig)};
    u128 r = u128_right(sig, by);
    r.low |= !u128_is_zero(u128_left(sig, 128 - by));
    return r;
}

void number_normalise(struct number *n)
{
    int by = n->sig.high ? __builtin_clzll(n->sig.high)
                         : 64 + __builtin_clzll(n->sig.low);
    n->sig = u128_left(n->sig, (unsigned)by);
    n->exp -= by;
}

static enum number_kind kind_of_nan(uint64_t frac)
{
    if (!(frac >> 63))
        return NUMBER_UNSUPPORTED;
    if (frac << 1 == 0)
        return NUMBER_INFINITE;
    return frac >> 62 & 1 ? NUMBER_QNAN : NUMBER_SNAN;
}

/* From an exponent that is 0 for denormals and HEAD_MAX for NaNs. */
static struct number assemble(bool sign, int head, int exp, uint64_t frac)
{
    struct number n = {
        .kind = NUMBER_FINITE, .sign = sign, .exp = exp, .sig = {frac, 0}};
    if (head == HEAD_MAX) {
        n.kind = kind_of_nan(frac);
    } else if (frac == 0 && head == 0) {
        n.kind = NUMBER_ZERO;
    } else if (head == 0) {
        n.denormal = true;
        number_normalise(&n);
    } else if (!(frac >> 63)) {
        n.kind = NUMBER_UNSUPPORTED;
    }
    return n;
}

struct number number_of(struct f80 x)
{
    int head = x.head & HEAD_MAX;
    return assemble(x.head >> 15, head, head ? head - BIAS : EXP_MIN, x.frac);
}

/* A real in memory: `bits` of significand with the integer bit, which is not
 * stored; the exponent's range. */
struct format {
    int bits, min, max;
};
static const struct format real32 = {24, -126, 127};
static const struct format real64 = {53, -1022, 1023};

struct number number_of_real(uint64_t v, unsigned size)
{
    const struct format *f = size == 4 ? &real32 : &real64;
    int top = f->max * 2 + 1; /* the exponent of infinities and NaNs */
    int head = (int)(v >> (f->bits - 1)) & top;
    uint64_t frac = v << (64 - f->bits) & INT64_MAX;
    if (head != 0)
        frac |= (uint64_t)1 << 63;
    return assemble(v >> (size * 8 - 1) & 1, head == top ? HEAD_MAX : head,
                    head ? head - f->max : f->min, frac);
}

struct number number_of_integer(int64_t v)
{
    uint64_t magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    struct number n = {.kind = v ? NUMBER_FINITE : NUMBER_ZERO,
                       .sign = v < 0,
                       .exp = 63,
                       .sig = {magnitude, 0}};
    if (v != 0)
        number_normalise(&n);
    return n;
}

/* ---------------------------------------------------------------- rounding */

static bool rounds_up(u128 rest, u128 half, bool odd, bool sign,
                      enum rounding how)
{
    bool exact = u128_is_zero(rest);
    switch (how) {
    case ROUND_NEAREST:
        return u128_less(half, rest) || (u128_equal(rest, half) && odd);
    case ROUND_DOWN:
        return sign && !exact;
    case ROUND_UP:
        return !sign && !exact;
    case ROUND_ZERO:
        break;
    }
    return false;
}

/* A significand cut to its upper bits, 64 at most. */
struct cut {
    uint64_t frac;
    bool carry; /* it became 2.0: the exponent is one more */
    bool inexact, up;
};

static struct cut cut_to(u128 sig, int bits, bool sign, enum rounding how)
{
    uint64_t unit = (uint64_t)1 << (64 - bits);
    u128 rest = {sig.high & (unit - 1), sig.low};
    u128 half = u128_right((u128){unit, 0}, 1);
    struct cut c = {.frac = sig.high - rest.high,
                    .inexact = !u128_is_zero(rest)};
    c.up = rounds_up(rest, half, (c.frac & unit) != 0, sign, how);
    if (c.up) {
        c.frac += unit;
        c.carry = c.frac == 0;
    }
    if (c.carry)
        c.frac = (uint64_t)1 << 63;
    return c;
}

#define WRAP 24576 /* SDM 1 4.9.1.4: brings an exponent back into range */

struct rounded {
    uint64_t frac; /* leading bit clear: denormal */
    int32_t exp;
    bool infinite;
    uint16_t raised;
    bool up;
};

/* SDM 1 4.9.1.4: to infinity, or the largest number. */
static void overflow(struct rounded *r, const struct format *f, bool sign,
                     enum rounding how)
{
    r->raised |= FPU_O | FPU_P;
    r->infinite = how == ROUND_NEAREST || how == (sign ? ROUND_DOWN : ROUND_UP);
    r->up = r->infinite;
    r->exp = f->max;
    r->frac = UINT64_MAX << (64 - f->bits);
}

/* Not masked: the exponent wraps, or all is lost (FSCALE alone). */
static void wrap_down(struct rounded *r, int max)
{
    r->raised |= FPU_O;
    r->exp -= WRAP;
    if (r->exp > max) {
        r->infinite = r->up = true;
        r->raised |= FPU_P;
    }
}

static struct rounded round_to(const struct number *n, const struct format *f,
                               uint16_t control)
{
    enum rounding how = rounding_of(control);
    struct cut c = cut_to(n->sig, f->bits, n->sign, how);
    int32_t exp = n->exp + c.carry;
    bool tiny = exp < f->min;
    if (tiny && (control & FPU_U)) {
        u128 shifted = shift_sticky(n->sig, (unsigned)(f->min - n->exp));
        c = cut_to(shifted, f->bits, n->sign, how);
        exp = f->min;
    }
    struct rounded r = {.frac = c.frac,
                        .exp = exp,
                        .raised = c.inexact ? FPU_P : 0,
                        .up = c.up};
    if (tiny && (c.inexact || !(control & FPU_U)))
        r.raised |= FPU_U;
    if (tiny && !(control & FPU_U))
        r.exp += WRAP;
    if (exp > f->max && (control & FPU_O))
        overflow(&r, f, n->sign, how);
    else if (exp > f->max)
        wrap_down(&r, f->max);
    else if (r.exp < f->min) { /* FSCALE alone gets as far as this */
        r.frac = 0;
        r.raised |= FPU_P;
    }
    return r;
}

/* --------------------------------------------------------------- registers */

int precision_of(uint16_t control)
{
    static const int bits[] = {24, 64 /* reserved */, 53, 64};
    return bits[control >> 8 & 3];
}

static struct f80 special(bool sign, bool infinite)
{
    uint16_t head = (uint16_t)(sign << 15 | (infinite ? HEAD_MAX : 0));
    return (struct f80){.frac = (uint64_t)infinite << 63, .head = head};
}

struct answer number_round(const struct number *n, int bits, uint16_t control)
{
    if (n->kind != NUMBER_FINITE)
        return (struct answer){special(n->sign, n->kind == NUMBER_INFINITE), 0,
                               false};
    struct format f = {bits, EXP_MIN, EXP_MAX};
    struct rounded r = round_to(n, &f, control);
    struct answer a = {.raised = r.raised, .up = r.up};
    if (r.infinite) {
        a.value = special(n->sign, true);
    } else {
        int head = r.frac >> 63 ? r.exp + BIAS : 0;
        a.value.frac = r.frac;
        a.value.head = (uint16_t)(n->sign << 15 | head);
    }
    return a;
}

/* ---------------------------------------------------------- reals in memory */

/* Sign, exponent and significand without its integer bit, put together. */
static uint64_t pack(const struct format *f, bool sign, int head, uint64_t frac)
{
    int total = f->bits == 24 ? 32 : 64;
    return (uint64_t)sign << (total - 1) | (uint64_t)head << (f->bits - 1) |
           (frac & INT64_MAX) >> (64 - f->bits);
}

struct stored number_to_real(const struct number *n, unsigned size,
                             uint16_t control)
{
    const struct format *f = size == 4 ? &real32 : &real64;
    int top = f->max * 2 + 1;
    uint64_t quiet = (uint64_t)3 << 62;
    switch (n->kind) {
    case NUMBER_UNSUPPORTED:
        return (struct stored){pack(f, true, top, quiet), FPU_I, false};
    case NUMBER_QNAN:
    case NUMBER_SNAN:
        return (struct stored){pack(f, n->sign, top, n->sig.high | quiet),
                               n->kind == NUMBER_SNAN ? FPU_I : 0, false};
    case NUMBER_INFINITE:
        return (struct stored){pack(f, n->sign, top, 0), 0, false};
    case NUMBER_ZERO:
        return (struct stored){pack(f, n->sign, 0, 0), 0, false};
    case NUMBER_FINITE:
        break;
    }
    struct rounded r = round_to(n, f, control);
    struct stored s = {.raised = r.raised, .up = r.up};
    if (r.infinite)
        s.bits = pack(f, n->sign, top, 0);
    else /* after an unmasked U or O these are not stored */
        s.bits =
            pack(f, n->sign, r.frac >> 63 ? (r.exp + f->max) & top : 0, r.frac);
    return s;
}

/* ---------------------------------------------------------------- integers */

bool number_to_magnitude(const struct number *n, enum rounding how,
                         uint64_t *out, uint16_t *raised, bool *up)
{
    *out = 0;
    *raised = 0;
    *up = false;
    if (n->kind == NUMBER_ZERO)
        return true;
    if (n->kind != NUMBER_FINITE || n->exp > 63)
        return false;
    /* The integer in the upper half. */
    struct cut c =
        cut_to(shift_sticky(n->sig, (unsigned)(63 - n->exp)), 64, n->sign, how);
    *out = c.frac;
    *raised = c.inexact ? FPU_P : 0;
    *up = c.up;
    return !c.carry;
}

struct stored number_to_integer(const struct number *n, unsigned size,
                                uint16_t control)
{
    uint64_t least = (uint64_t)1 << (size * 8 - 1); /* also the indefinite */
    struct stored s;
    bool fits =
        number_to_magnitude(n, rounding_of(control), &s.bits, &s.raised, &s.up);
    if (!fits || s.bits > least - !n->sign)
        return (struct stored){least, FPU_I, false};
    if (n->sign)
        s.bits = 0 - s.bits;
    return s;
}
