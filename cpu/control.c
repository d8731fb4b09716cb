/*
 * control.c - near control transfers: Jcc, LOOP, JCXZ, JMP, CALL, RET; and
 * the instructions that do nothing or only fault: NOP, UD2.
 *
 * A target is checked against CS's limit before anything changes, so the
 * #GP(0) of a jump to nowhere has the jump's own EIP (SDM 2A, JMP).
 */
#include "exec.h"

/* A target by the operand size: 16-bit ones cut EIP to 16 bits. */
static uint32_t near_target(struct cpu *c, const struct insn *i,
                            uint32_t target)
{
    if (i->opsize == 2)
        target &= 0xffff;
    if (target > c->seg[SEG_CS].limit)
        raise_fault(c, VEC_GP, 0);
    return target;
}

void jump_near(struct cpu *c, const struct insn *i, uint32_t target)
{
    c->next_eip = near_target(c, i, target);
}

void op_jcc(struct cpu *c, const struct insn *i)
{
    if (flags_condition(c, i->opcode & 15))
        jump_near(c, i, c->next_eip + i->imm);
}

void op_jmp(struct cpu *c, const struct insn *i)
{
    jump_near(c, i, c->next_eip + i->imm);
}

void op_jmp_ind(struct cpu *c, const struct insn *i)
{
    jump_near(c, i, opr_read(c, i, 0));
}

/* LOOPNE 0xe0, LOOPE 0xe1, LOOP 0xe2; the count is CX or ECX by the address
 * size. */
void op_loop(struct cpu *c, const struct insn *i)
{
    uint32_t count = reg_read(c, REG_ECX, i->adsize) - 1;
    bool again = (i->adsize == 2 ? count & 0xffff : count) != 0;
    if (i->opcode != 0xe2)
        again = again && flags_condition(c, 4 /* Z */) == (i->opcode & 1);
    if (again)
        jump_near(c, i, c->next_eip + i->imm);
    reg_write(c, REG_ECX, i->adsize, count);
}

void op_jcxz(struct cpu *c, const struct insn *i)
{
    if (reg_read(c, REG_ECX, i->adsize) == 0)
        jump_near(c, i, c->next_eip + i->imm);
}

static void call_near(struct cpu *c, const struct insn *i, uint32_t target)
{
    target = near_target(c, i, target);
    push(c, i->opsize, c->next_eip);
    c->next_eip = target;
}

void op_call(struct cpu *c, const struct insn *i)
{
    call_near(c, i, c->next_eip + i->imm);
}

void op_call_ind(struct cpu *c, const struct insn *i)
{
    call_near(c, i, opr_read(c, i, 0));
}

/* RET and RET imm16, which drops that many bytes of arguments. */
void op_ret(struct cpu *c, const struct insn *i)
{
    jump_near(c, i, stack_peek(c, i->opsize, 0));
    stack_drop(c, i->opsize + (i->imm & 0xffff));
}

void op_nop(struct cpu *c, const struct insn *i)
{
    (void)c;
    (void)i;
}

void op_ud2(struct cpu *c, const struct insn *i)
{
    (void)i;
    raise_fault(c, VEC_UD, 0);
}
