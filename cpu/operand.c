/*
 * operand.c - an instruction's operands, read and written by the letters of
 * its row (operand.def).
 *
 * Registers of size 1 are numbered AL, CL, DL, BL, AH, CH, DH, BH; a 16-bit
 * write keeps the upper half. Control and debug registers, far pointers and
 * the operands of string instructions are not moved here: their functions
 * know more about them.
 */
#include "exec.h"

#include <assert.h>

static const struct operand_form *form_of(const struct insn *i, int n)
{
    return &insn_rows[i->id].form[n];
}

static inline unsigned form_size(const struct operand_form *f,
                                 const struct insn *i)
{
    if (f->size < SIZE_V)
        return f->size;
    return f->size == SIZE_VW && opr_is_memory(i) ? 2 : i->opsize;
}

unsigned opr_size(const struct insn *i, int n)
{
    return form_size(form_of(i, n), i);
}

uint32_t reg_read(const struct cpu *c, unsigned n, unsigned size)
{
    if (size == 4)
        return c->reg[n];
    if (size == 2)
        return c->reg[n] & 0xffff;
    return n < 4 ? c->reg[n] & 0xff : c->reg[n - 4] >> 8 & 0xff;
}

void reg_write(struct cpu *c, unsigned n, unsigned size, uint32_t value)
{
    if (size == 4)
        c->reg[n] = value;
    else if (size == 2)
        c->reg[n] = (c->reg[n] & ~0xffffu) | (value & 0xffff);
    else if (n < 4)
        c->reg[n] = (c->reg[n] & ~0xffu) | (value & 0xff);
    else
        c->reg[n - 4] = (c->reg[n - 4] & ~0xff00u) | (value & 0xff) << 8;
}

uint32_t opr_offset(const struct cpu *c, const struct insn *i)
{
    uint32_t off = i->disp;
    if (i->base != NO_REG)
        off += c->reg[i->base];
    if (i->index != NO_REG)
        off += c->reg[i->index] << i->scale;
    return i->adsize == 2 ? off & 0xffff : off;
}

/* The register that the operand is, or -1: it is none. */
static int register_of(const struct operand_form *f, const struct insn *i)
{
    if (f->place == PLACE_RM)
        return opr_is_memory(i) ? -1 : i->rm;
    if (f->place == PLACE_REG || f->place == PLACE_OPREG)
        return i->reg;
    return f->place == PLACE_FIXED ? f->number : -1;
}

uint32_t opr_read(struct cpu *c, const struct insn *i, int n)
{
    const struct operand_form *f = form_of(i, n);
    unsigned size = form_size(f, i);
    int r = register_of(f, i);
    if (r >= 0)
        return reg_read(c, (unsigned)r, size);
    switch ((enum operand_place)f->place) {
    case PLACE_RM:
        return mem_read(c, (enum seg)i->seg, opr_offset(c, i), size);
    case PLACE_IMM:
    case PLACE_REL:
        return i->imm;
    case PLACE_ONE:
        return 1;
    case PLACE_OFFSET:
        return mem_read(c, (enum seg)i->seg, i->disp, size);
    default:
        assert(false && "operand of its function's own");
        return 0;
    }
}

uint32_t opr_rmw(struct cpu *c, const struct insn *i, int n)
{
    const struct operand_form *f = form_of(i, n);
    if (f->place == PLACE_RM && opr_is_memory(i)) {
        unsigned size = form_size(f, i);
        uint32_t off = opr_offset(c, i);
        mem_check_write(c, (enum seg)i->seg, off, size);
        return mem_read(c, (enum seg)i->seg, off, size);
    }
    return opr_read(c, i, n);
}

void opr_write(struct cpu *c, const struct insn *i, int n, uint32_t value)
{
    const struct operand_form *f = form_of(i, n);
    unsigned size = form_size(f, i);
    int r = register_of(f, i);
    if (r >= 0)
        reg_write(c, (unsigned)r, size, value);
    else if (f->place == PLACE_RM)
        mem_write(c, (enum seg)i->seg, opr_offset(c, i), size, value);
    else if (f->place == PLACE_OFFSET)
        mem_write(c, (enum seg)i->seg, i->disp, size, value);
    else
        assert(false && "operand of its function's own");
}
