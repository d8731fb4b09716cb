/*
 * fpu_rem.c - operations that take numbers apart: remainder, scaling,
 * exponent and significand, rounding to an integer (SDM 2A: FPREM, FPREM1,
 * FSCALE, FXTRACT, FRNDINT).
 *
 * A remainder is exact. Where the exponents are 64 or more apart only a part
 * of the quotient is taken off (C2 = 1): the manual leaves open how much,
 * 32 to 63 bits; see PART.
 */
#include "fpu_rem.h"

/* --------------------------------------------------------------- remainder */

/* Like AMD's and Intel's: as many bits as bring the difference down to a
 * multiple of 32, and 32 at least. */
static int part_of(int difference)
{
    return (difference & 31) | 32;
}

/*
 * r = a - q * b for as many quotient bits as `steps` + 1, from the exponent
 * of b * 2^first down; a's exponent is first + that of b.
 */
static struct number reduce(const struct number *a, const struct number *b,
                            int steps, uint64_t *quotient)
{
    struct number r = *a;
    u128 rest = u128_right(a->sig, 1); /* room for a shift */
    u128 by = u128_right(b->sig, 1);
    uint64_t q = 0;
    for (int n = 0; n <= steps; n++) {
        if (n > 0)
            rest = u128_left(rest, 1);
        q <<= 1;
        if (!u128_less(rest, by)) {
            rest = u128_sub(rest, by);
            q |= 1;
        }
    }
    r.denormal = false;
    r.exp = a->exp - steps + 1;
    r.sig = rest;
    if (u128_is_zero(rest))
        r.kind = NUMBER_ZERO;
    else
        number_normalise(&r);
    *quotient = q;
    return r;
}

/* FPREM1: is what is left over half of b, or half and the quotient odd? Then
 * one more b. |r| < |b|. */
static void to_nearest(struct number *r, const struct number *b,
                       uint64_t *quotient)
{
    struct number twice = *r, size = *b;
    twice.exp++;
    twice.sign = size.sign = false;
    if (r->kind == NUMBER_ZERO)
        return;
    int c = number_compare(&twice, &size);
    if (c < 0 || (c == 0 && !(*quotient & 1)))
        return;
    size.sign = !r->sign;
    *r = number_add(r, &size, ROUND_NEAREST);
    ++*quotient;
}

struct remainder number_rem(const struct number *a, const struct number *b,
                            bool nearest)
{
    struct remainder m = {.rest = *a};
    if (a->kind == NUMBER_INFINITE || b->kind == NUMBER_ZERO) {
        m.rest.kind = NUMBER_UNSUPPORTED;
        return m;
    }
    if (a->kind == NUMBER_ZERO || b->kind == NUMBER_INFINITE)
        return m;
    int difference = a->exp - b->exp;
    if (difference >= 64) {
        struct number up = *b;
        int part = part_of(difference);
        up.exp += difference - part;
        m.partial = true;
        m.rest = reduce(a, &up, part, &m.quotient);
        m.quotient = 0;
        return m;
    }
    if (difference >= 0)
        m.rest = reduce(a, b, difference, &m.quotient);
    if (nearest)
        to_nearest(&m.rest, b, &m.quotient);
    m.rest.sign = m.rest.kind == NUMBER_ZERO ? a->sign : m.rest.sign;
    return m;
}

/* ----------------------------------------------------------------- scaling */

#define SCALE_MOST 0x10000 /* over this all is overflow or underflow */

struct number number_scale(const struct number *a, const struct number *by)
{
    struct number r = *a;
    if (by->kind == NUMBER_INFINITE) {
        enum number_kind refused = by->sign ? NUMBER_INFINITE : NUMBER_ZERO;
        if (a->kind == refused)
            r.kind = NUMBER_UNSUPPORTED;
        else
            r.kind = by->sign ? NUMBER_ZERO : NUMBER_INFINITE;
        return r;
    }
    uint64_t n;
    uint16_t raised;
    bool up;
    if (!number_to_magnitude(by, ROUND_ZERO, &n, &raised, &up) ||
        n > SCALE_MOST)
        n = SCALE_MOST;
    r.exp += by->sign ? -(int32_t)n : (int32_t)n;
    return r;
}

/* ------------------------------------------------------------- in two parts */

struct number number_exponent(const struct number *a)
{
    struct number r = {.kind = NUMBER_INFINITE};
    if (a->kind == NUMBER_ZERO)
        r.sign = true; /* and division by zero */
    else if (a->kind == NUMBER_FINITE)
        r = number_of_integer(a->exp);
    return r;
}

struct number number_significand(const struct number *a)
{
    struct number r = *a;
    r.exp = 0;
    return r;
}

/* -------------------------------------------------------------- an integer */

struct answer number_to_integral(const struct number *a, uint16_t control)
{
    uint64_t magnitude;
    struct answer out = number_round(a, 64, control);
    if (a->kind != NUMBER_FINITE || a->exp >= 63)
        return out;
    number_to_magnitude(a, rounding_of(control), &magnitude, &out.raised,
                        &out.up);
    struct number r = number_of_integer((int64_t)magnitude);
    r.sign = a->sign;
    out.value = number_round(&r, 64, control).value;
    return out;
}
