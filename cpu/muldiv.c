/*
 * muldiv.c - MUL, IMUL, DIV, IDIV.
 *
 * A product sets CF and OF when it does not fit the lower half. #DE comes
 * before anything changes.
 *
 * Left undefined by the manual, done as AMD's processors do: a product keeps
 * the other four flags; a division keeps CF and OF, clears SF, ZF and PF, and
 * sets AF.
 */
#include "exec.h"

#define REG_AH 4u

/* The accumulator's upper half: AH, DX, EDX. */
static uint32_t upper_read(const struct cpu *c, unsigned size)
{
    return size == 1 ? reg_read(c, REG_AH, 1) : reg_read(c, REG_EDX, size);
}

static void upper_write(struct cpu *c, unsigned size, uint32_t value)
{
    if (size == 1)
        reg_write(c, REG_AH, 1, value);
    else
        reg_write(c, REG_EDX, size, value);
}

static int64_t as_signed(uint32_t v, unsigned size)
{
    return (int32_t)sign_extend(v, size);
}

/* Does the product fit `size` bytes with a sign? */
static bool fits(int64_t product, unsigned size)
{
    return product == as_signed((uint32_t)product, size);
}

/* AX, DX:AX or EDX:EAX = accumulator * operand. */
void op_mul(struct cpu *c, const struct insn *i)
{
    unsigned size = opr_size(i, 0);
    uint64_t p = (uint64_t)reg_read(c, REG_EAX, size) * opr_read(c, i, 0);
    uint32_t upper = (uint32_t)(p >> (8 * size));
    reg_write(c, REG_EAX, size, (uint32_t)p);
    upper_write(c, size, upper);
    flags_two(c, upper != 0, upper != 0);
}

void op_imul1(struct cpu *c, const struct insn *i)
{
    unsigned size = opr_size(i, 0);
    int64_t p = as_signed(reg_read(c, REG_EAX, size), size) *
                as_signed(opr_read(c, i, 0), size);
    reg_write(c, REG_EAX, size, (uint32_t)p);
    upper_write(c, size, (uint32_t)((uint64_t)p >> (8 * size)));
    flags_two(c, !fits(p, size), !fits(p, size));
}

/* Operand 0 = operand a * operand b, cut to the operand size. */
static void multiply(struct cpu *c, const struct insn *i, int a, int b)
{
    unsigned size = i->opsize;
    int64_t p =
        as_signed(opr_read(c, i, a), size) * as_signed(opr_read(c, i, b), size);
    opr_write(c, i, 0, (uint32_t)p);
    flags_two(c, !fits(p, size), !fits(p, size));
}

void op_imul2(struct cpu *c, const struct insn *i)
{
    multiply(c, i, 0, 1);
}

void op_imul3(struct cpu *c, const struct insn *i)
{
    multiply(c, i, 1, 2);
}

/* AX, DX:AX or EDX:EAX. */
static uint64_t dividend(const struct cpu *c, unsigned size)
{
    return (uint64_t)upper_read(c, size) << (8 * size) |
           reg_read(c, REG_EAX, size);
}

static void give_divided(struct cpu *c)
{
    flags_give(c, (flags_arith(c) & (FL_CF | FL_OF)) | FL_AF);
}

void op_div(struct cpu *c, const struct insn *i)
{
    unsigned size = opr_size(i, 0);
    uint32_t by = opr_read(c, i, 0);
    uint64_t n = dividend(c, size);
    if (by == 0 || (n / by) >> (8 * size) != 0)
        raise_fault(c, VEC_DE, 0);
    reg_write(c, REG_EAX, size, (uint32_t)(n / by));
    upper_write(c, size, (uint32_t)(n % by));
    give_divided(c);
}

/* The quotient is cut towards zero, the remainder has the dividend's sign,
 * as in C; but C has no answer for the least dividend by -1. */
void op_idiv(struct cpu *c, const struct insn *i)
{
    unsigned size = opr_size(i, 0);
    int64_t by = as_signed(opr_read(c, i, 0), size);
    uint64_t raw = dividend(c, size);
    int64_t n = size == 4 ? (int64_t)raw : as_signed((uint32_t)raw, 2 * size);
    if (by == 0 || (by == -1 && n == INT64_MIN) || !fits(n / by, size))
        raise_fault(c, VEC_DE, 0);
    reg_write(c, REG_EAX, size, (uint32_t)(n / by));
    upper_write(c, size, (uint32_t)(n % by));
    give_divided(c);
}
