/*
 * string.c - MOVS, CMPS, STOS, LODS, SCAS, with REP; INS and OUTS are in
 * io.c and use the same loop.
 *
 * A repeated string instruction is one iteration a call: when more are due,
 * next_eip stays on the instruction, so that interrupts, single steps and
 * faults find ECX, ESI and EDI exact between iterations (SDM 2B, REP). The
 * source's segment may be overridden, the destination is always ES:EDI.
 */
#include "exec.h"
#include "string_loop.h"

static uint32_t by_adsize(const struct insn *i, uint32_t v)
{
    return i->adsize == 2 ? v & 0xffff : v;
}

bool string_begin(struct cpu *c, const struct insn *i)
{
    c->eflags &= ~(uint32_t)FL_RF; /* of the iteration before */
    return !i->rep || by_adsize(i, c->reg[REG_ECX]) != 0;
}

/* Move an index register one element on, or back when DF is set. */
static void advance(struct cpu *c, const struct insn *i, enum reg r,
                    unsigned size)
{
    uint32_t step = c->eflags & FL_DF ? 0 - size : size;
    reg_write(c, r, i->adsize, c->reg[r] + step);
}

/* Is another iteration due? While one is, RF is set: a breakpoint on the
 * instruction comes before the first alone (SDM 3B 17.3.1.1). */
static void repeat(struct cpu *c, bool again)
{
    if (again) {
        c->next_eip = c->eip;
        c->eflags |= FL_RF;
    } else {
        c->eflags &= ~(uint32_t)FL_RF;
    }
}

void string_end(struct cpu *c, const struct insn *i, enum string_uses uses,
                unsigned size)
{
    if (uses & STRING_SOURCE)
        advance(c, i, REG_ESI, size);
    if (uses & STRING_DESTINATION)
        advance(c, i, REG_EDI, size);
    if (!i->rep)
        return;
    uint32_t left = by_adsize(i, c->reg[REG_ECX] - 1);
    reg_write(c, REG_ECX, i->adsize, left);
    repeat(c, left != 0);
}

uint32_t string_source(const struct cpu *c, const struct insn *i)
{
    return by_adsize(i, c->reg[REG_ESI]);
}

uint32_t string_destination(const struct cpu *c, const struct insn *i)
{
    return by_adsize(i, c->reg[REG_EDI]);
}

static uint32_t read_source(struct cpu *c, const struct insn *i, unsigned size)
{
    return mem_read(c, (enum seg)i->seg, string_source(c, i), size);
}

void op_movs(struct cpu *c, const struct insn *i)
{
    unsigned size = opr_size(i, 0);
    if (!string_begin(c, i))
        return;
    uint32_t v = read_source(c, i, size);
    mem_write(c, SEG_ES, string_destination(c, i), size, v);
    string_end(c, i, STRING_BOTH, size);
}

void op_stos(struct cpu *c, const struct insn *i)
{
    unsigned size = opr_size(i, 0);
    if (!string_begin(c, i))
        return;
    mem_write(c, SEG_ES, string_destination(c, i), size,
              reg_read(c, REG_EAX, size));
    string_end(c, i, STRING_DESTINATION, size);
}

void op_lods(struct cpu *c, const struct insn *i)
{
    unsigned size = opr_size(i, 1);
    if (!string_begin(c, i))
        return;
    reg_write(c, REG_EAX, size, read_source(c, i, size));
    string_end(c, i, STRING_SOURCE, size);
}

/* A comparison ends the loop too: REPE on a difference, REPNE on a match. */
static void end_compare(struct cpu *c, const struct insn *i,
                        enum string_uses uses, unsigned size)
{
    uint32_t after = c->next_eip;
    string_end(c, i, uses, size);
    if (i->rep && flags_condition(c, 4 /* Z */) != (i->rep == 0xf3)) {
        repeat(c, false);
        c->next_eip = after;
    }
}

void op_cmps(struct cpu *c, const struct insn *i)
{
    unsigned size = opr_size(i, 0);
    if (!string_begin(c, i))
        return;
    uint32_t a = read_source(c, i, size);
    uint32_t b = mem_read(c, SEG_ES, string_destination(c, i), size);
    flags_sub(c, size, a, b);
    end_compare(c, i, STRING_BOTH, size);
}

void op_scas(struct cpu *c, const struct insn *i)
{
    unsigned size = opr_size(i, 0);
    if (!string_begin(c, i))
        return;
    uint32_t b = mem_read(c, SEG_ES, string_destination(c, i), size);
    flags_sub(c, size, reg_read(c, REG_EAX, size), b);
    end_compare(c, i, STRING_DESTINATION, size);
}
