/*
 * u128.h - unsigned integers of 128 bits, as plain C: a compiler's own exist
 * on 64-bit hosts alone.
 *
 * Shifts are by 0 to 127. Sums and differences wrap.
 */
#ifndef RINGSIDE_CPU_U128_H
#define RINGSIDE_CPU_U128_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t high, low;
} u128;

static inline bool u128_is_zero(u128 a)
{
    return (a.high | a.low) == 0;
}

static inline bool u128_less(u128 a, u128 b)
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

static inline bool u128_equal(u128 a, u128 b)
{
    return a.high == b.high && a.low == b.low;
}

static inline u128 u128_add(u128 a, u128 b)
{
    uint64_t low = a.low + b.low;
    return (u128){a.high + b.high + (low < b.low), low};
}

static inline u128 u128_sub(u128 a, u128 b)
{
    return (u128){a.high - b.high - (a.low < b.low), a.low - b.low};
}

static inline u128 u128_left(u128 a, unsigned by)
{
    if (by >= 64)
        return (u128){a.low << (by - 64), 0};
    return by == 0 ? a : (u128){a.high << by | a.low >> (64 - by), a.low << by};
}

static inline u128 u128_right(u128 a, unsigned by)
{
    if (by >= 64)
        return (u128){0, a.high >> (by - 64)};
    return by == 0 ? a
                   : (u128){a.high >> by, a.low >> by | a.high << (64 - by)};
}

/* The product of two words, by their halves. */
static inline u128 u128_product(uint64_t a, uint64_t b)
{
    uint64_t a1 = a >> 32, a0 = (uint32_t)a, b1 = b >> 32, b0 = (uint32_t)b;
    uint64_t low = a0 * b0, one = a1 * b0, other = a0 * b1;
    uint64_t middle = (low >> 32) + (uint32_t)one + (uint32_t)other;
    return (u128){a1 * b1 + (one >> 32) + (other >> 32) + (middle >> 32),
                  middle << 32 | (uint32_t)low};
}

/* The upper half of a product of 256 bits; *rest: the lower is not zero. */
static inline u128 u128_upper(u128 a, u128 b, bool *rest)
{
    u128 low = u128_product(a.low, b.low);
    u128 one = u128_product(a.high, b.low), other = u128_product(a.low, b.high);
    u128 middle = u128_add((u128){0, low.high}, (u128){0, one.low});
    middle = u128_add(middle, (u128){0, other.low});
    *rest = (low.low | middle.low) != 0;
    u128 high = u128_product(a.high, b.high);
    high = u128_add(high, (u128){0, one.high});
    high = u128_add(high, (u128){0, other.high});
    return u128_add(high, (u128){0, middle.high});
}

/* By a small number, rounded down: 32 bits at a time. */
static inline u128 u128_over(u128 a, uint32_t by)
{
    uint32_t digit[4] = {(uint32_t)(a.high >> 32), (uint32_t)a.high,
                         (uint32_t)(a.low >> 32), (uint32_t)a.low};
    uint64_t rest = 0;
    for (int n = 0; n < 4; n++) {
        uint64_t part = rest << 32 | digit[n];
        digit[n] = (uint32_t)(part / by);
        rest = part % by;
    }
    return (u128){(uint64_t)digit[0] << 32 | digit[1],
                  (uint64_t)digit[2] << 32 | digit[3]};
}

#endif
