/*
 * fpu_control.c - x87 control: the control and status words, the stack's
 * pointer and tags, and what does nothing (SDM 2A, FCLEX to FNSTSW).
 *
 * The forms with N in their name do not wait for a pending exception; the
 * others are these with a WAIT before them, an instruction of its own.
 */
#include "fpu.h"

void op_fldcw(struct cpu *c, const struct insn *i)
{
    fpu_begin(c);
    uint32_t word = mem_read(c, (enum seg)i->seg, opr_offset(c, i), 2);
    fpu_set_control(&c->fpu, (uint16_t)word);
}

void op_fnstcw(struct cpu *c, const struct insn *i)
{
    fpu_begin_no_wait(c);
    fpu_write(c, i, 2, c->fpu.control);
}

void op_fnstsw(struct cpu *c, const struct insn *i)
{
    fpu_begin_no_wait(c);
    fpu_write(c, i, 2, fpu_status(&c->fpu));
}

void op_fnstsw_ax(struct cpu *c, const struct insn *i)
{
    (void)i;
    fpu_begin_no_wait(c);
    reg_write(c, REG_EAX, 2, fpu_status(&c->fpu));
}

void op_fnclex(struct cpu *c, const struct insn *i)
{
    (void)i;
    fpu_begin_no_wait(c);
    c->fpu.status &= FPU_CC | FPU_C1;
}

void op_fninit(struct cpu *c, const struct insn *i)
{
    (void)i;
    fpu_begin_no_wait(c);
    fpu_init(&c->fpu);
}

/* FNENI, FNDISI, FNSETPM: they meant something to the 8087 and the 80287. */
void op_fpu_ignored(struct cpu *c, const struct insn *i)
{
    (void)i;
    fpu_begin_no_wait(c);
}

void op_fnop(struct cpu *c, const struct insn *i)
{
    fpu_begin(c);
    fpu_point(c, i);
}

/* The stack turns, and no register is filled or freed. */
void op_fincstp(struct cpu *c, const struct insn *i)
{
    fpu_begin(c);
    fpu_record(c, i);
    c->fpu.top = (c->fpu.top + 1) & 7;
}

void op_fdecstp(struct cpu *c, const struct insn *i)
{
    fpu_begin(c);
    fpu_record(c, i);
    c->fpu.top = (c->fpu.top - 1) & 7;
}

void op_ffree(struct cpu *c, const struct insn *i)
{
    fpu_begin(c);
    fpu_record(c, i);
    fpu_free(&c->fpu, i->rm);
}

/* Undocumented by Intel, in every x87: and pop. */
void op_ffreep(struct cpu *c, const struct insn *i)
{
    op_ffree(c, i);
    fpu_pop(&c->fpu);
}
