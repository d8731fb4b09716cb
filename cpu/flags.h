/*
 * flags.h - the six arithmetic flags, computed only when somebody asks.
 *
 * An instruction that sets flags stores its result, its operands and its
 * kind; most such flags are overwritten unread. The fast engine keeps the
 * same four words, so both engines agree on what is pending.
 *
 * `r` is sign extended from the operand's size, so its sign is SF and r == 0
 * is ZF. CF is x < y, whatever the kind: INC and DEC keep it by leaving x and
 * y alone. The operands are sign extended too, so that for a subtraction
 * their unsigned order is the borrow.
 *
 *   kind             x        y        OF
 *   FLAGS_GIVEN      0        CF       the six flags themselves are in r
 *   FLAGS_SUB        left     right    signs
 *   FLAGS_ADD        ~right   left     signs (right = ~x)
 *   FLAGS_LOGIC      0        0        0
 *   FLAGS_INC1,2,4   as it was         r is the size's least number
 *   FLAGS_DEC1,2,4   as it was         r is the size's greatest number
 *   FLAGS_SHL4       0        CF       CF differs from r's sign
 *   FLAGS_SHR4       0        CF       r's bit 30: the sign before a shift by 1
 *   FLAGS_SAR4       0        CF       0
 *
 * ADD: left + right carries when left is over the greatest number less
 * right, which is ~right. The shifts of 32 bits, by 1 to 31, are kinds for
 * the fast engine's sake; here shift.c gives its flags.
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
    FLAGS_INC1, /* and the size: */
    FLAGS_INC2,
    FLAGS_INC4,
    FLAGS_DEC1,
    FLAGS_DEC2,
    FLAGS_DEC4,
    FLAGS_SHL4,
    FLAGS_SHR4,
    FLAGS_SAR4,
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
    flags_set(c, FLAGS_GIVEN, 0, arith & FL_CF, arith & FL_ARITH);
}

/* The six, materialised: flags.c. */
uint32_t flags_arith(const struct cpu *c);
/* SF, ZF and PF of a result, as EFLAGS bits: flags.c. */
uint32_t flags_of_result(uint32_t r, unsigned size);

static inline bool flag_cf(const struct cpu *c)
{
    return c->flags.x < c->flags.y;
}

/* r = a + 1 and r = a - 1: all but CF change. */
static inline void flags_inc(struct cpu *c, unsigned size, uint32_t r)
{
    c->flags.r = sign_extend(r, size);
    c->flags.kind = FLAGS_INC1 + size / 2;
}

static inline void flags_dec(struct cpu *c, unsigned size, uint32_t r)
{
    c->flags.r = sign_extend(r, size);
    c->flags.kind = FLAGS_DEC1 + size / 2;
}

/* CF and OF alone: flags.c. */
void flags_two(struct cpu *c, bool cf, bool of);
/*
 * The flags of a sum r with carry: `carries` has at each bit the carry out
 * of it, so its bit 3 is AF, its top bit CF, and its top two differ on
 * overflow. A subtraction's borrows serve alike: flags.c.
 */
void flags_carries(struct cpu *c, unsigned size, uint32_t carries, uint32_t r);

/* Condition 0 to 15 of Jcc, SETcc, CMOVcc (SDM 1 appendix B): flags.c. */
bool flags_condition(const struct cpu *c, unsigned cond);

#endif
