/*
 * bcd.c - decimal arithmetic: DAA, DAS, AAA, AAS, AAM, AAD.
 *
 * Left undefined by the manual, done as AMD's processors do: OF of DAA and
 * DAS, and all but AF and CF of AAA and AAS, are those of the addition or
 * subtraction that adjusts AL, or AX; AAD's are those of its last addition;
 * AAM clears its.
 */
#include "exec.h"

#define REG_AH 4u

static uint32_t bit_if(bool yes, uint32_t flag)
{
    return yes ? flag : 0;
}

/* OF of old + x = sum, or old - x = sum, where x is positive: the sign went
 * where x cannot have taken it. */
static uint32_t overflow(uint32_t old, uint32_t sum, uint32_t sign,
                         unsigned size)
{
    uint32_t gone = sign == 1 ? ~old & sum : old & ~sum;
    return bit_if(gone >> (8 * size - 1) & 1, FL_OF);
}

/*
 * DAA after an addition of two packed decimals (`sign` 1), DAS after a
 * subtraction (-1): 6 to the low digit if it is over 9 or carried (AF), 0x60
 * to the high one likewise (SDM 2A, DAA).
 */
static void adjust_packed(struct cpu *c, uint32_t sign)
{
    uint32_t old = reg_read(c, REG_EAX, 1), flags = flags_arith(c);
    bool low = (old & 15) > 9 || (flags & FL_AF);
    bool high = old > 0x99 || (flags & FL_CF);
    uint32_t al = old + sign * (low ? 6 : 0);
    bool carry = high || (low && al > 0xff); /* DAS: 6 borrowed */
    al += sign * (high ? 0x60 : 0);
    reg_write(c, REG_EAX, 1, al);
    flags_give(c, flags_of_result(al, 1) | bit_if(carry, FL_CF) |
                      bit_if(low, FL_AF) | overflow(old, al, sign, 1));
}

void op_daa(struct cpu *c, const struct insn *i)
{
    (void)i;
    adjust_packed(c, 1);
}

void op_das(struct cpu *c, const struct insn *i)
{
    (void)i;
    adjust_packed(c, 0u - 1);
}

/* AAA and AAS: 6 to AL and one to AH by way of AX (SDM 2A, AAA). */
static void adjust_unpacked(struct cpu *c, uint32_t sign)
{
    uint32_t old = reg_read(c, REG_EAX, 2), ax = old;
    bool carry = (old & 15) > 9 || (flags_arith(c) & FL_AF);
    if (carry)
        ax += sign * 0x106;
    reg_write(c, REG_EAX, 2, ax & 0xff0f);
    flags_give(c, flags_of_result(ax, 2) | overflow(old, ax, sign, 2) |
                      bit_if(carry, FL_CF | FL_AF));
}

void op_aaa(struct cpu *c, const struct insn *i)
{
    (void)i;
    adjust_unpacked(c, 1);
}

void op_aas(struct cpu *c, const struct insn *i)
{
    (void)i;
    adjust_unpacked(c, 0u - 1);
}

/* AH = AL / imm8, AL = AL % imm8; the base is 10 in every assembler. */
void op_aam(struct cpu *c, const struct insn *i)
{
    uint32_t al = reg_read(c, REG_EAX, 1), base = i->imm & 0xff;
    if (base == 0)
        raise_fault(c, VEC_DE, 0);
    reg_write(c, REG_EAX, 2, (al / base) << 8 | al % base);
    flags_give(c, flags_of_result(al % base, 1));
}

/* AL = AH * imm8 + AL, AH = 0. */
void op_aad(struct cpu *c, const struct insn *i)
{
    uint32_t tens = reg_read(c, REG_AH, 1) * (i->imm & 0xff);
    uint32_t al = reg_read(c, REG_EAX, 1);
    reg_write(c, REG_EAX, 2, (al + tens) & 0xff);
    flags_add(c, 1, al, tens);
}
