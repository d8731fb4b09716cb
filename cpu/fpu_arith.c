/*
 * fpu_arith.c - add, subtract, multiply, divide, square root and comparison
 * of numbers taken apart; and the special cases that all share: SDM 1 4.8.3,
 * 8.5.1.
 *
 * Each result is exact, or has 128 bits with a sticky lowest one, so that
 * rounding it once is rounding the exact value: at most 64 bits are kept.
 */
#include "fpu_number.h"

#define LEADING ((uint64_t)1 << 63) /* of the upper half */

static struct number special(enum number_kind kind, bool sign)
{
    return (struct number){.kind = kind, .sign = sign};
}

/* --------------------------------------------------------- add, subtract */

static bool is_smaller(const struct number *a, const struct number *b)
{
    return a->exp != b->exp ? a->exp < b->exp : u128_less(a->sig, b->sig);
}

/* Finite, |a| >= |b|. */
static struct number add_finite(const struct number *a, const struct number *b,
                                enum rounding how)
{
    struct number r = *a;
    u128 other = shift_sticky(b->sig, (unsigned)(a->exp - b->exp));
    r.denormal = false;
    if (a->sign == b->sign) {
        r.sig = u128_add(r.sig, other);
        if (u128_less(r.sig, other)) { /* carried out */
            r.sig = shift_sticky(r.sig, 1);
            r.sig.high |= LEADING;
            r.exp++;
        }
        return r;
    }
    r.sig = u128_sub(r.sig, other);
    if (u128_is_zero(r.sig))
        return special(NUMBER_ZERO, how == ROUND_DOWN);
    number_normalise(&r);
    return r;
}

struct number number_add(const struct number *a, const struct number *b,
                         enum rounding how)
{
    if (a->kind == NUMBER_INFINITE || b->kind == NUMBER_INFINITE) {
        if (a->kind == b->kind && a->sign != b->sign)
            return special(NUMBER_UNSUPPORTED, false);
        return special(NUMBER_INFINITE,
                       a->kind == NUMBER_INFINITE ? a->sign : b->sign);
    }
    if (a->kind == NUMBER_ZERO && b->kind == NUMBER_ZERO)
        return special(NUMBER_ZERO,
                       a->sign == b->sign ? a->sign : how == ROUND_DOWN);
    if (a->kind == NUMBER_ZERO)
        return *b;
    if (b->kind == NUMBER_ZERO)
        return *a;
    return is_smaller(a, b) ? add_finite(b, a, how) : add_finite(a, b, how);
}

struct number number_sub(const struct number *a, const struct number *b,
                         enum rounding how)
{
    struct number minus = *b;
    minus.sign = !b->sign;
    return number_add(a, &minus, how);
}

/* ------------------------------------------------------ multiply, divide */

struct number number_mul(const struct number *a, const struct number *b,
                         enum rounding how)
{
    (void)how;
    bool sign = a->sign != b->sign;
    bool zero = a->kind == NUMBER_ZERO || b->kind == NUMBER_ZERO;
    if (a->kind == NUMBER_INFINITE || b->kind == NUMBER_INFINITE)
        return special(zero ? NUMBER_UNSUPPORTED : NUMBER_INFINITE, sign);
    if (zero)
        return special(NUMBER_ZERO, sign);
    bool rest;
    struct number r = {.kind = NUMBER_FINITE,
                       .sign = sign,
                       .exp = a->exp + b->exp + 1,
                       .sig = u128_upper(a->sig, b->sig, &rest)};
    r.sig.low |= rest;
    number_normalise(&r);
    return r;
}

/* a / b * 2^127 with a sticky bit, bit by bit; both have their leading bit. */
static u128 divide(u128 a, u128 b)
{
    u128 q = {0, 0};
    bool carry = false; /* out of a */
    for (int bit = 127; bit >= 0; bit--) {
        q = u128_left(q, 1);
        if (carry || !u128_less(a, b)) {
            a = u128_sub(a, b);
            q.low |= 1;
        }
        carry = a.high >> 63;
        a = u128_left(a, 1);
    }
    q.low |= carry || !u128_is_zero(a);
    return q;
}

struct number number_div(const struct number *a, const struct number *b,
                         enum rounding how)
{
    (void)how;
    bool sign = a->sign != b->sign;
    if (a->kind == b->kind && a->kind != NUMBER_FINITE)
        return special(NUMBER_UNSUPPORTED, false); /* 0/0, inf/inf */
    if (a->kind == NUMBER_INFINITE || b->kind == NUMBER_ZERO)
        return special(NUMBER_INFINITE, sign);
    if (a->kind == NUMBER_ZERO || b->kind == NUMBER_INFINITE)
        return special(NUMBER_ZERO, sign);
    struct number r = {.kind = NUMBER_FINITE,
                       .sign = sign,
                       .exp = a->exp - b->exp,
                       .sig = divide(a->sig, b->sig)};
    number_normalise(&r);
    return r;
}

/* ------------------------------------------------------------ square root */

/* The integer square root and what is left, bit by bit. */
static uint64_t root_of(u128 v, u128 *rest)
{
    u128 root = {0, 0}, bit = {(uint64_t)1 << 62, 0};
    for (; !u128_is_zero(bit); bit = u128_right(bit, 2)) {
        u128 trial = u128_add(root, bit);
        root = u128_right(root, 1);
        if (!u128_less(v, trial)) {
            v = u128_sub(v, trial);
            root = u128_add(root, bit);
        }
    }
    *rest = v;
    return root.low;
}

struct number number_sqrt(const struct number *a)
{
    if (a->kind == NUMBER_ZERO)
        return *a;
    if (a->sign)
        return special(NUMBER_UNSUPPORTED, false);
    if (a->kind == NUMBER_INFINITE)
        return *a;
    /* With an even exponent e, 64 bits before the point: the root has 64. */
    bool odd = a->exp & 1;
    u128 rest;
    uint64_t root = root_of(u128_right(a->sig, !odd), &rest);
    struct number r = {.kind = NUMBER_FINITE,
                       .exp = (a->exp - odd) / 2,
                       .sig = {root, !u128_is_zero(rest)}};
    /* (root + 1/2)^2 is root^2 + root + 1/4: over half if rest > root. */
    if (u128_less((u128){0, root}, rest))
        r.sig.low |= (uint64_t)1 << 63;
    return r;
}

/* ----------------------------------------------------------- special cases */

/* Unlike kinds in the table: the QNaN goes before the SNaN, a NaN before a
 * number; of two alike the larger significand, and then the positive. */
static const struct number *choose(const struct number *a,
                                   const struct number *b)
{
    if (a->kind < NUMBER_QNAN)
        return b;
    if (b->kind < NUMBER_QNAN)
        return a;
    if (a->kind != b->kind)
        return a->kind == NUMBER_QNAN ? a : b;
    if (!u128_equal(a->sig, b->sig))
        return u128_less(b->sig, a->sig) ? a : b;
    return a->sign ? b : a;
}

struct answer number_nan(const struct number *a, const struct number *b)
{
    if (a->kind == NUMBER_UNSUPPORTED || b->kind == NUMBER_UNSUPPORTED)
        return (struct answer){F80_INDEFINITE, FPU_I, false};
    const struct number *n = choose(a, b);
    bool signals = a->kind == NUMBER_SNAN || b->kind == NUMBER_SNAN;
    return (struct answer){
        .value = {.frac = n->sig.high | (uint64_t)3 << 62,
                  .head = (uint16_t)(n->sign << 15 | 0x7fff)},
        .raised = signals ? FPU_I : 0};
}

struct answer number_answer(number_fn *op, const struct number *a,
                            const struct number *b, uint16_t control)
{
    if (number_is_nan(a) || number_is_nan(b))
        return number_nan(a, b);
    struct number r = op(a, b, rounding_of(control));
    if (r.kind == NUMBER_UNSUPPORTED)
        return (struct answer){F80_INDEFINITE, FPU_I, false};
    struct answer out = number_round(&r, precision_of(control), control);
    if (r.kind == NUMBER_INFINITE && a->kind != NUMBER_INFINITE &&
        b->kind != NUMBER_INFINITE)
        out.raised |= FPU_Z;
    else if (a->denormal || b->denormal)
        out.raised |= FPU_D;
    return out;
}

struct answer number_sqrt_answer(const struct number *a, uint16_t control)
{
    if (number_is_nan(a))
        return number_nan(a, a);
    struct number r = number_sqrt(a);
    if (r.kind == NUMBER_UNSUPPORTED)
        return (struct answer){F80_INDEFINITE, FPU_I, false};
    struct answer out = number_round(&r, precision_of(control), control);
    if (a->denormal)
        out.raised |= FPU_D;
    return out;
}

struct answer number_answer_full(const struct number *r, bool denormal,
                                 uint16_t control)
{
    if (r->kind == NUMBER_UNSUPPORTED)
        return (struct answer){F80_INDEFINITE, FPU_I, false};
    struct answer a = number_round(r, 64, control);
    if (denormal)
        a.raised |= FPU_D;
    return a;
}

/* -------------------------------------------------------------- comparison */

/* By sign and magnitude: a positive number's rank is above zero's. */
static int compare_magnitude(const struct number *a, const struct number *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1; /* zero, finite, infinite */
    if (a->kind != NUMBER_FINITE)
        return 0;
    if (a->exp != b->exp)
        return a->exp < b->exp ? -1 : 1;
    return u128_equal(a->sig, b->sig) ? 0 : u128_less(a->sig, b->sig) ? -1 : 1;
}

int number_compare(const struct number *a, const struct number *b)
{
    if (number_is_nan(a) || number_is_nan(b))
        return 2;
    if (a->kind == NUMBER_ZERO && b->kind == NUMBER_ZERO)
        return 0;
    if (a->sign != b->sign)
        return a->sign ? -1 : 1;
    int r = compare_magnitude(a, b);
    return a->sign ? -r : r;
}
