/*
 * flags.c - the six arithmetic flags, materialised from what made them.
 *
 * Job:    turn the lazy flags of flags.h into EFLAGS bits or a condition,
 *         and the whole of EFLAGS in and out.
 * Where the manual leaves AF undefined after AND, OR, XOR and TEST, it is
 * cleared, as current processors do.
 */
#include "flags.h"

/* Bits of EFLAGS that can be set: SDM 1 figure 3-8. */
#define FL_KNOWN                                                             \
    ((uint32_t)(FL_ARITH | FL_TF | FL_IF | FL_DF | FL_IOPL | FL_NT | FL_RF | \
                FL_VM | FL_AC | FL_VIF | FL_VIP | FL_ID))

/* PF: an even number of ones in the low byte. The constant is a table of
 * sixteen bits: bit n says that n has an even number of ones. */
static bool parity_even(uint32_t r)
{
    return (0x9669u >> ((r ^ r >> 4) & 15) & 1) != 0;
}

uint32_t flags_of_result(uint32_t r, unsigned size)
{
    r = sign_extend(r, size);
    return (r >> 31 ? (uint32_t)FL_SF : 0) | (r == 0 ? (uint32_t)FL_ZF : 0) |
           (parity_even(r) ? (uint32_t)FL_PF : 0);
}

/* The carry out of bit 3. Shifts set it, as AMD's processors do. */
static bool flag_af(const struct lazy_flags *f)
{
    switch (f->kind) {
    case FLAGS_SUB:
        return ((f->x ^ f->y ^ f->r) & 0x10) != 0;
    case FLAGS_ADD:
        return ((~f->x ^ f->y ^ f->r) & 0x10) != 0;
    case FLAGS_INC1:
    case FLAGS_INC2:
    case FLAGS_INC4:
        return (f->r & 15) == 0;
    case FLAGS_DEC1:
    case FLAGS_DEC2:
    case FLAGS_DEC4:
        return (f->r & 15) == 15;
    default:
        return f->kind >= FLAGS_SHL4;
    }
}

/* For the arithmetic kinds: both operands differ in sign from what the
 * result should have. */
static bool flag_of(const struct lazy_flags *f)
{
    switch (f->kind) {
    case FLAGS_GIVEN:
        return (f->r & FL_OF) != 0;
    case FLAGS_SUB:
        return ((f->x ^ f->y) & (f->x ^ f->r)) >> 31 != 0;
    case FLAGS_ADD:
        return ((~f->x ^ f->r) & (f->y ^ f->r)) >> 31 != 0;
    case FLAGS_INC1:
        return f->r == (uint32_t)INT8_MIN;
    case FLAGS_INC2:
        return f->r == (uint32_t)INT16_MIN;
    case FLAGS_INC4:
        return f->r == (uint32_t)INT32_MIN;
    case FLAGS_DEC1:
        return f->r == INT8_MAX;
    case FLAGS_DEC2:
        return f->r == INT16_MAX;
    case FLAGS_DEC4:
        return f->r == INT32_MAX;
    case FLAGS_SHL4:
        return f->y != f->r >> 31;
    case FLAGS_SHR4:
        return (f->r >> 30 & 1) != 0;
    default:
        return false;
    }
}

static bool flag_zf(const struct lazy_flags *f)
{
    return f->kind == FLAGS_GIVEN ? (f->r & FL_ZF) != 0 : f->r == 0;
}

static bool flag_sf(const struct lazy_flags *f)
{
    return f->kind == FLAGS_GIVEN ? (f->r & FL_SF) != 0 : f->r >> 31 != 0;
}

static bool flag_pf(const struct lazy_flags *f)
{
    return f->kind == FLAGS_GIVEN ? (f->r & FL_PF) != 0 : parity_even(f->r);
}

uint32_t flags_arith(const struct cpu *c)
{
    const struct lazy_flags *f = &c->flags;
    if (f->kind == FLAGS_GIVEN)
        return f->r;
    return (flag_cf(c) ? (uint32_t)FL_CF : 0) |
           (flag_af(f) ? (uint32_t)FL_AF : 0) |
           (flag_of(f) ? (uint32_t)FL_OF : 0) | flags_of_result(f->r, 4);
}

void flags_two(struct cpu *c, bool cf, bool of)
{
    uint32_t two = (cf ? (uint32_t)FL_CF : 0) | (of ? (uint32_t)FL_OF : 0);
    flags_give(c, (flags_arith(c) & ~(uint32_t)(FL_CF | FL_OF)) | two);
}

void flags_carries(struct cpu *c, unsigned size, uint32_t carries, uint32_t r)
{
    unsigned top = 8 * size - 1;
    uint32_t flags = flags_of_result(r, size);
    if (carries >> top & 1)
        flags |= FL_CF;
    if (carries & 8)
        flags |= FL_AF;
    if ((carries >> top ^ carries >> (top - 1)) & 1)
        flags |= FL_OF;
    flags_give(c, flags);
}

bool flags_condition(const struct cpu *c, unsigned cond)
{
    const struct lazy_flags *f = &c->flags;
    bool yes = false;
    switch (cond >> 1 & 7) {
    case 0: /* O */
        yes = flag_of(f);
        break;
    case 1: /* B */
        yes = flag_cf(c);
        break;
    case 2: /* Z */
        yes = flag_zf(f);
        break;
    case 3: /* BE */
        yes = flag_cf(c) || flag_zf(f);
        break;
    case 4: /* S */
        yes = flag_sf(f);
        break;
    case 5: /* P */
        yes = flag_pf(f);
        break;
    case 6: /* L */
        yes = flag_sf(f) != flag_of(f);
        break;
    case 7: /* LE */
        yes = flag_zf(f) || flag_sf(f) != flag_of(f);
        break;
    }
    return yes != (cond & 1); /* the odd ones are negations */
}

uint32_t cpu_eflags(const struct cpu *c)
{
    return (c->eflags & ~(uint32_t)FL_ARITH) | flags_arith(c) | FL_ONE;
}

void cpu_set_eflags(struct cpu *c, uint32_t value)
{
    c->eflags = (value & FL_KNOWN & ~(uint32_t)FL_ARITH) | FL_ONE;
    flags_give(c, value);
}
