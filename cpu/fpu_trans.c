/*
 * fpu_trans.c - sine, cosine, tangent, arctangent, 2^x - 1 and y log2 x: SDM
 * 1 8.3.6 to 8.3.10.
 *
 * Parts:  constants and series; sine and cosine; 2^x - 1; logarithms; angles.
 *
 * Each is a Taylor series after a reduction of the argument, in 128-bit
 * integers, good to 2^-120 or so of the result, and rounded once at the end
 * by the rounding control: the nearest register value but for one case in
 * 2^50 or so. A processor's own are within one unit in the last place (SDM 1
 * 8.3.10), so its last bit may differ. A result counts as inexact (P), also
 * where it is exact by chance, but for the cases marked below.
 *
 * Sine, cosine and tangent are of x modulo Intel's pi, which has 66 bits
 * (SDM 1 8.3.8): sin(x) for an x near a multiple of pi is what a processor
 * gives, not what mathematics does. The reduction by it is exact.
 */
#include "fpu_trans.h"

/* ------------------------------------------------------- constants, series */

/* In series: fixed point, one bit before the point. */
#define ONE ((u128){(uint64_t)1 << 63, 0})

struct constant {
    int exp;
    uint64_t high, low;
};
static const struct constant pi = {1, 0xc90fdaa22168c234, 0xc4c6628b80dc1cd1};
static const struct constant ln_2 = {-1, 0xb17217f7d1cf79ab,
                                     0xc9e3b39803f2f6af};
static const struct constant two_by_ln_2 = {1, 0xb8aa3b295c17f0bb,
                                            0xbe87fed0691d3e88};

static struct number constant(const struct constant *k)
{
    return (struct number){
        .kind = NUMBER_FINITE, .exp = k->exp, .sig = {k->high, k->low}};
}

static struct number add(struct number a, struct number b)
{
    return number_add(&a, &b, ROUND_NEAREST);
}

static struct number subtract(struct number a, struct number b)
{
    return number_sub(&a, &b, ROUND_NEAREST);
}

static struct number times(struct number a, struct number b)
{
    return number_mul(&a, &b, ROUND_NEAREST);
}

static struct number over(struct number a, struct number b)
{
    return number_div(&a, &b, ROUND_NEAREST);
}

/* 2^n times a. */
static struct number shifted(struct number a, int n)
{
    a.exp += n;
    return a;
}

/* The result of a series is not exact, whatever its bits. */
static struct number inexact(struct number a)
{
    a.sig.low |= 1;
    return a;
}

/* |a| < 1, or |a| < 2 with a bit before the point, as fixed point. */
static u128 fixed(const struct number *a, int bits_before)
{
    unsigned right = (unsigned)(bits_before - 1 - a->exp);
    return a->kind == NUMBER_ZERO || right > 127 ? (u128){0, 0}
                                                 : u128_right(a->sig, right);
}

static struct number from_fixed(u128 one_before, bool sign)
{
    struct number n = {.kind = NUMBER_FINITE, .sign = sign, .sig = one_before};
    if (u128_is_zero(one_before))
        n.kind = NUMBER_ZERO;
    else
        number_normalise(&n);
    return n;
}

/* Of a fraction and a fixed-point number, the upper half. */
static u128 product(u128 fraction, u128 v)
{
    bool rest;
    return u128_upper(fraction, v, &rest);
}

/* 1 - less, and less than 1: what is too small to see is still there. */
static u128 below_one(u128 less)
{
    less.low |= u128_is_zero(less);
    return u128_sub(ONE, less);
}

/* -------------------------------------------------------- sine and cosine */

#define TRIG_TERMS 17u
/* pi/2 * 2^65: 66 bits. */
#define HALF_PI ((u128){3, 0x243f6a8885a308d3})
#define HALF_PI_SCALE 65

/* |x| = quarters * pi/2 + rest, |rest| <= pi/4. Returns quarters mod 4. */
static unsigned reduce(const struct number *x, struct number *rest)
{
    int steps = x->exp - 63 + HALF_PI_SCALE;
    *rest = *x;
    rest->sign = false;
    if (steps < 0)
        return 0; /* |x| < 1/4 */
    u128 r = {0, x->sig.high};
    unsigned quarters = 0;
    for (; steps > 0; steps--) {
        r = u128_left(r, 1);
        quarters <<= 1;
        if (!u128_less(r, HALF_PI)) {
            r = u128_sub(r, HALF_PI);
            quarters |= 1;
        }
    }
    bool over_half = u128_less(u128_right(HALF_PI, 1), r);
    if (over_half)
        r = u128_sub(HALF_PI, r);
    *rest = from_fixed(r, over_half);
    rest->exp += 127 - HALF_PI_SCALE;
    return (quarters + over_half) & 3;
}

/* cos r = 1 - z/2 (1 - z/12 (...)), and sin r = r (1 - z/6 (1 - z/20 ...)),
 * with z = r * r: `first` is 1 or 2. */
static u128 trig_series(u128 z, unsigned first)
{
    u128 s = ONE;
    for (unsigned k = TRIG_TERMS; k > 0; k--) {
        unsigned n = 2 * k - 2 + first;
        s = below_one(u128_over(product(z, s), n * (n + 1)));
    }
    return s;
}

void number_sincos(const struct number *x, struct number *sine,
                   struct number *cosine)
{
    if (x->kind == NUMBER_ZERO) {
        *sine = *x;
        *cosine = from_fixed(ONE, false);
        return; /* exact */
    }
    struct number r;
    unsigned quarters = reduce(x, &r);
    struct number square = times(r, r);
    u128 z = fixed(&square, 0);
    struct number s = times(r, from_fixed(trig_series(z, 2), false));
    struct number c = from_fixed(trig_series(z, 1), false);
    *sine = inexact(quarters & 1 ? c : s);
    *cosine = inexact(quarters & 1 ? s : c);
    if (quarters & 2)
        sine->sign = !sine->sign;
    if (quarters == 1 || quarters == 2)
        cosine->sign = !cosine->sign;
    if (x->sign)
        sine->sign = !sine->sign;
}

struct number number_tan(const struct number *x)
{
    struct number s, c;
    number_sincos(x, &s, &c);
    return x->kind == NUMBER_ZERO ? *x : inexact(over(s, c));
}

/* ---------------------------------------------------------------- 2^x - 1 */

#define EXP_TERMS 32u

/* e^t - 1 = t (1 + t/2 (1 + t/3 (...))) with t = x ln 2. Exact at -1, 0
 * and 1. */
struct number number_exp2m1(const struct number *x)
{
    struct number one = from_fixed(ONE, false);
    if (x->kind == NUMBER_INFINITE && x->sign) {
        one.sign = true;
        return one;
    }
    if (x->kind != NUMBER_FINITE || x->exp >= 0) {
        bool minus_one = x->kind == NUMBER_FINITE && x->sign && x->exp == 0 &&
                         u128_equal(x->sig, ONE);
        return minus_one ? shifted(*x, -1) : *x;
    }
    struct number t = times(*x, constant(&ln_2));
    u128 f = fixed(&t, 0), s = ONE;
    for (unsigned k = EXP_TERMS; k > 1; k--) {
        u128 part = u128_over(product(f, s), k);
        s = x->sign ? below_one(part) : u128_add(ONE, part);
    }
    return inexact(times(t, from_fixed(s, false)));
}

/* -------------------------------------------------------------- logarithms */

#define LOG_TERMS 26u

/* log2((1 + z) / (1 - z)) = 2/ln 2 * z (1 + w/3 + w^2/5 + ...), w = z * z;
 * |z| < 0.18. */
static struct number log_series(struct number z)
{
    if (z.kind == NUMBER_ZERO)
        return z;
    struct number square = times(z, z);
    u128 w = fixed(&square, 0), s = {0, 0};
    for (unsigned k = LOG_TERMS; k-- > 0;)
        s = u128_add(u128_over(ONE, 2 * k + 1), product(w, s));
    return inexact(
        times(times(z, constant(&two_by_ln_2)), from_fixed(s, false)));
}

#define ROOT_2 ((u128){0xb504f333f9de6484, 0})

/* Of a positive finite x. Exact where x is a power of two. */
static struct number log2_of(const struct number *x)
{
    struct number m = *x, one = from_fixed(ONE, false);
    bool halved = u128_less(ROOT_2, x->sig);
    m.exp = halved ? -1 : 0;
    struct number part = log_series(over(subtract(m, one), add(m, one)));
    return add(number_of_integer(x->exp + halved), part);
}

/* log2(1 + x): as it is where x is small, where 1 + x would lose bits. */
static struct number log2_of_next(const struct number *x)
{
    struct number next = add(*x, from_fixed(ONE, false));
    if (x->exp >= -2)
        return log2_of(&next);
    return log_series(over(*x, add(*x, number_of_integer(2))));
}

/* y * log, infinities and zeros as the tables of FYL2X and FYL2XP1. */
static struct number scaled(const struct number *y, struct number log)
{
    struct number r = times(*y, log);
    r.denormal = false;
    return r;
}

struct number number_ylog2x(const struct number *y, const struct number *x,
                            bool *zero_divide)
{
    struct number log = {.kind = NUMBER_INFINITE};
    if (x->kind == NUMBER_ZERO) {
        log.sign = true;
        *zero_divide = y->kind == NUMBER_FINITE;
    } else if (x->sign) {
        log.kind = NUMBER_UNSUPPORTED;
        return log;
    } else if (x->kind == NUMBER_FINITE) {
        log = log2_of(x);
    }
    return scaled(y, log);
}

/* Where the manual leaves x undefined, at -1 and below: invalid. */
struct number number_ylog2xp1(const struct number *y, const struct number *x,
                              bool *zero_divide)
{
    (void)zero_divide;
    struct number log = *x;
    if (x->sign && x->kind != NUMBER_ZERO &&
        (x->kind == NUMBER_INFINITE || x->exp >= 0)) {
        log.kind = NUMBER_UNSUPPORTED;
        return log;
    }
    if (x->kind == NUMBER_FINITE)
        log = log2_of_next(x);
    return scaled(y, log);
}

/* ------------------------------------------------------------------ angles */

#define ATAN_STEPS 16
#define ATAN_TERMS 13u

/* atan(k / 16), k = 1 to 16. */
static const struct constant atans[ATAN_STEPS] = {
    {-5, 0xffaaddb967ef4e36, 0xcb2792dc0e2e0d51},
    {-4, 0xfeadd4d5617b6e32, 0xc897989f3e888ef7},
    {-3, 0xbdcbda5e72d81134, 0x7b0b4f881c9c7487},
    {-3, 0xfadbafc96406eb15, 0x6dc79ef5f7a217e5},
    {-2, 0x9b13b9b83f5e5e69, 0xc5abb498d27af328},
    {-2, 0xb7b0ca0f26f78473, 0x8aa32122dcfe4483},
    {-2, 0xd327761e611fe5b6, 0x427c95e9001e7136},
    {-2, 0xed63382b0dda7b45, 0x6fe445ecbc3a8d03},
    {-1, 0x832bf4a6d9867e2a, 0x4b6a09cb61a515c0},
    {-1, 0x8f005d5ef7f59f9b, 0x5c835e1665c43747},
    {-1, 0x9a2f80e671bdda20, 0x4226f8e2204ff3bc},
    {-1, 0xa4bc7d1934f70924, 0x19a87f2a457dac9e},
    {-1, 0xaeac4c38b4d8c080, 0x14725e2f3e52070a},
    {-1, 0xb8053e2bc2319e73, 0xcb2da55210a4443d},
    {-1, 0xc0ce85b8ac526640, 0x89dd62c46e92fa24},
    {-1, 0xc90fdaa22168c234, 0xc4c6628b80dc1cd1},
};

/* t - t^3/3 + t^5/5 ..., |t| <= 1/32. */
static struct number atan_series(struct number t)
{
    if (t.kind == NUMBER_ZERO)
        return t;
    struct number square = times(t, t);
    u128 w = fixed(&square, 0), s = {0, 0};
    for (unsigned k = ATAN_TERMS; k > 0; k--)
        s = u128_sub(u128_over(ONE, 2 * k + 1), product(w, s));
    return times(t, from_fixed(below_one(product(w, s)), false));
}

/* 0 < t <= 1: atan t = atan c + atan((t - c) / (1 + t c)), c near t. */
static struct number atan_of(struct number t)
{
    uint64_t k;
    uint16_t raised;
    bool up;
    struct number scaled_t = shifted(t, 4);
    number_to_magnitude(&scaled_t, ROUND_NEAREST, &k, &raised, &up);
    if (k == 0)
        return atan_series(t);
    struct number c = shifted(number_of_integer((int64_t)k), -4);
    struct number below = add(from_fixed(ONE, false), times(t, c));
    return add(constant(&atans[k - 1]),
               atan_series(over(subtract(t, c), below)));
}

/* The angle of |y| and |x|, neither zero, not both infinite. */
static struct number first_quadrant(const struct number *y,
                                    const struct number *x)
{
    struct number a = *y, b = *x;
    a.sign = b.sign = a.denormal = b.denormal = false;
    if (number_compare(&a, &b) <= 0)
        return a.kind == b.kind ? atan_of(over(a, b))
                                : (struct number){.kind = NUMBER_ZERO};
    struct number quarter = shifted(constant(&pi), -1);
    return a.kind == b.kind ? subtract(quarter, atan_of(over(b, a))) : quarter;
}

/* SDM 2A, FPATAN's table. Exact only where it is zero. */
struct number number_atan2(const struct number *y, const struct number *x,
                           bool *zero_divide)
{
    struct number r = {.kind = NUMBER_ZERO};
    (void)zero_divide;
    if (y->kind == NUMBER_INFINITE && x->kind == NUMBER_INFINITE)
        r = shifted(constant(&pi), -2);
    else if (y->kind != NUMBER_ZERO && x->kind == NUMBER_ZERO)
        r = shifted(constant(&pi), -1);
    else if (y->kind != NUMBER_ZERO)
        r = first_quadrant(y, x);
    if (x->sign)
        r = subtract(constant(&pi), r);
    r.sign = y->sign;
    return r.kind == NUMBER_ZERO ? r : inexact(r);
}
