/*
 * arith.c - addition and subtraction: ADD, ADC, SUB, SBB, CMP, NEG, INC, DEC.
 *
 * All but ADC and SBB leave their flags lazy (flags.h). A function reads its
 * destination with opr_rmw, which faults now where the write would, so that
 * nothing after it can fail.
 */
#include "exec.h"

void op_add(struct cpu *c, const struct insn *i)
{
    uint32_t a = opr_rmw(c, i, 0), b = opr_read(c, i, 1);
    opr_write(c, i, 0, a + b);
    flags_add(c, opr_size(i, 0), a, b);
}

void op_sub(struct cpu *c, const struct insn *i)
{
    uint32_t a = opr_rmw(c, i, 0), b = opr_read(c, i, 1);
    opr_write(c, i, 0, a - b);
    flags_sub(c, opr_size(i, 0), a, b);
}

void op_cmp(struct cpu *c, const struct insn *i)
{
    uint32_t a = opr_read(c, i, 0), b = opr_read(c, i, 1);
    flags_sub(c, opr_size(i, 0), a, b);
}

void op_neg(struct cpu *c, const struct insn *i)
{
    uint32_t a = opr_rmw(c, i, 0);
    opr_write(c, i, 0, 0 - a);
    flags_sub(c, opr_size(i, 0), 0, a);
}

void op_adc(struct cpu *c, const struct insn *i)
{
    uint32_t a = opr_rmw(c, i, 0), b = opr_read(c, i, 1);
    uint32_t r = a + b + flag_cf(c);
    opr_write(c, i, 0, r);
    flags_carries(c, opr_size(i, 0), (a & b) | ((a | b) & ~r), r);
}

void op_sbb(struct cpu *c, const struct insn *i)
{
    uint32_t a = opr_rmw(c, i, 0), b = opr_read(c, i, 1);
    uint32_t r = a - b - flag_cf(c);
    opr_write(c, i, 0, r);
    flags_carries(c, opr_size(i, 0), (~a & b) | ((~a | b) & r), r);
}

void op_inc(struct cpu *c, const struct insn *i)
{
    uint32_t r = opr_rmw(c, i, 0) + 1;
    opr_write(c, i, 0, r);
    flags_inc(c, opr_size(i, 0), r);
}

void op_dec(struct cpu *c, const struct insn *i)
{
    uint32_t r = opr_rmw(c, i, 0) - 1;
    opr_write(c, i, 0, r);
    flags_dec(c, opr_size(i, 0), r);
}
