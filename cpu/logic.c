/*
 * logic.c - AND, OR, XOR, TEST, NOT, and the flags that have instructions of
 * their own: CLC, STC, CMC, CLD, STD, LAHF, SAHF, SALC.
 */
#include "exec.h"

void op_and(struct cpu *c, const struct insn *i)
{
    uint32_t r = opr_rmw(c, i, 0);
    r &= opr_read(c, i, 1);
    opr_write(c, i, 0, r);
    flags_logic(c, opr_size(i, 0), r);
}

void op_or(struct cpu *c, const struct insn *i)
{
    uint32_t r = opr_rmw(c, i, 0);
    r |= opr_read(c, i, 1);
    opr_write(c, i, 0, r);
    flags_logic(c, opr_size(i, 0), r);
}

void op_xor(struct cpu *c, const struct insn *i)
{
    uint32_t r = opr_rmw(c, i, 0);
    r ^= opr_read(c, i, 1);
    opr_write(c, i, 0, r);
    flags_logic(c, opr_size(i, 0), r);
}

void op_test(struct cpu *c, const struct insn *i)
{
    uint32_t r = opr_read(c, i, 0);
    r &= opr_read(c, i, 1);
    flags_logic(c, opr_size(i, 0), r);
}

void op_not(struct cpu *c, const struct insn *i)
{
    opr_write(c, i, 0, ~opr_rmw(c, i, 0));
}

void op_clc(struct cpu *c, const struct insn *i)
{
    (void)i;
    flags_give(c, flags_arith(c) & ~(uint32_t)FL_CF);
}

void op_stc(struct cpu *c, const struct insn *i)
{
    (void)i;
    flags_give(c, flags_arith(c) | FL_CF);
}

void op_cmc(struct cpu *c, const struct insn *i)
{
    (void)i;
    flags_give(c, flags_arith(c) ^ FL_CF);
}

void op_cld(struct cpu *c, const struct insn *i)
{
    (void)i;
    c->eflags &= ~(uint32_t)FL_DF;
}

void op_std(struct cpu *c, const struct insn *i)
{
    (void)i;
    c->eflags |= FL_DF;
}

/* AH takes, or gives, EFLAGS's low byte; bit 1 of it reads as one. */
#define REG_AH 4u
#define AH_FLAGS ((uint32_t)(FL_SF | FL_ZF | FL_AF | FL_PF | FL_CF))

void op_lahf(struct cpu *c, const struct insn *i)
{
    (void)i;
    reg_write(c, REG_AH, 1, (flags_arith(c) & AH_FLAGS) | FL_ONE);
}

void op_sahf(struct cpu *c, const struct insn *i)
{
    (void)i;
    flags_give(c,
               (reg_read(c, REG_AH, 1) & AH_FLAGS) | (flags_arith(c) & FL_OF));
}

/* SALC, undocumented for long: AL = CF ? 0xff : 0, flags untouched. */
void op_salc(struct cpu *c, const struct insn *i)
{
    (void)i;
    reg_write(c, REG_EAX, 1, flag_cf(c) ? 0xff : 0);
}
