/*
 * flags.h - the six arithmetic flags, computed only when somebody asks.
 *
 * An instruction that sets flags stores its result, its operands and its
 * kind; most such flags are overwritten unread. The fast engine keeps the
 * same four words, so both engines agree on what is pending.
 *
 * `x`, `y` and `r` are sign extended from the operand's size, so that the
 * sign of r is SF, r == 0 is ZF, and for the subtracting kinds the unsigned
 * order of x and y is the borrow.
 *
 *   kind         x            y            CF        OF
 *   FLAGS_SUB    left         right        x < y     signs
 *   FLAGS_ADD    ~right       left         x < y     signs (right = ~x)
 *   FLAGS_LOGIC  0            0            0         0
 *   FLAGS_INC    the least    0, or ~0     x < y     r == x
 *   FLAGS_DEC    the greatest   for CF     x < y     r == x
 *   FLAGS_GIVEN  the six flags themselves, in x; r and y unused
 *
 * ADD: left + right carries when left is over the greatest number less
 * right, which is ~right. INC and DEC keep CF as y, and overflow when the
 * result is the operand size's least or greatest number: kept as x.
 *
 * ADC, SBB, shifts, rotates, multiplications and BCD use FLAGS_GIVEN.
 */
#ifndef RINGSIDE_CPU_FLAGS_H
#define RINGSIDE_CPU_FLAGS_H

#include "cpu.h"

enum flags_kind {
    FLAGS_GIVEN,
    FLAGS_SUB,
    FLAGS_ADD,
    FLAGS_LOGIC,
    FLAGS_INC,
    FLAGS_DEC
};

/* Sign extend `v` from `size` bytes. */
static inline uint32_t sign_extend(uint32_t v, unsigned size)
{
    return size == 1   ? (uint32_t)(int32_t)(int8_t)v
           : size == 2 ? (uint32_t)(int32_t)(int16_t)v
                       : v;
}

static inline void flags_set(struct cpu *c, enum flags_kind kind, uint32_t x,
                             uint32_t y, uint32_t r)
{
    c->flags = (struct lazy_flags){.x = x, .y = y, .r = r, .kind = kind};
}

/* r = a - b, or a compare. */
static inline void flags_sub(struct cpu *c, unsigned size, uint32_t a,
                             uint32_t b)
{
    a = sign_extend(a, size);
    b = sign_extend(b, size);
    flags_set(c, FLAGS_SUB, a, b, sign_extend(a - b, size));
}

/* r = a + b. */
static inline void flags_add(struct cpu *c, unsigned size, uint32_t a,
                             uint32_t b)
{
    flags_set(c, FLAGS_ADD, ~sign_extend(b, size), sign_extend(a, size),
              sign_extend(a + b, size));
}

static inline void flags_logic(struct cpu *c, unsigned size, uint32_t r)
{
    flags_set(c, FLAGS_LOGIC, 0, 0, sign_extend(r, size));
}

/* All six, as EFLAGS bits. */
static inline void flags_give(struct cpu *c, uint32_t arith)
{
    flags_set(c, FLAGS_GIVEN, arith & FL_ARITH, 0, 0);
}

/* The six, materialised: flags.c. */
uint32_t flags_arith(const struct cpu *c);
/* SF, ZF and PF of a result, as EFLAGS bits: flags.c. */
uint32_t flags_of_result(uint32_t r, unsigned size);

static inline bool flag_cf(const struct cpu *c)
{
    return c->flags.kind == FLAGS_GIVEN ? (c->flags.x & FL_CF) != 0
                                        : c->flags.x < c->flags.y;
}

/* r = a + 1 and r = a - 1: all but CF change. */
static inline void flags_inc(struct cpu *c, unsigned size, uint32_t r)
{
    flags_set(c, FLAGS_INC, sign_extend(1u << (8 * size - 1), size),
              flag_cf(c) ? UINT32_MAX : 0, sign_extend(r, size));
}

static inline void flags_dec(struct cpu *c, unsigned size, uint32_t r)
{
    flags_set(c, FLAGS_DEC, (1u << (8 * size - 1)) - 1,
              flag_cf(c) ? UINT32_MAX : 0, sign_extend(r, size));
}

/* Condition 0 to 15 of Jcc, SETcc, CMOVcc (SDM 1 appendix B): flags.c. */
bool flags_condition(const struct cpu *c, unsigned cond);

#endif
