/*
 * io.c - the port door, and IN, OUT, INS, OUTS.
 *
 * Outside the reach of IOPL, and always in virtual-8086 mode, a port is open if
 * the TSS's I/O permission bitmap says so (SDM 1 19.5): one bit a port, zero
 * for open, for each byte of the access. Two bytes of the bitmap are always
 * read, so both must lie within the TSS's limit.
 */
#include "debug.h"
#include "string_loop.h"

#define TSS32_AVAILABLE 9u
#define TSS32_BUSY 11u
#define TSS_BITMAP_BASE 102u /* offset of a word: where the bitmap begins */

static bool bitmap_allows(struct cpu *c, uint16_t port, unsigned size)
{
    unsigned type = SEG_TYPE(c->tr.attr);
    if ((type != TSS32_AVAILABLE && type != TSS32_BUSY) ||
        c->tr.limit < TSS_BITMAP_BASE + 1)
        return false; /* no TSS, or an 80286's, which has no bitmap */
    uint32_t base = lin_read(c, (gva_t){c->tr.base + TSS_BITMAP_BASE}, 2);
    uint32_t at = base + port / 8u;
    if (at + 1 > c->tr.limit)
        return false;
    uint32_t bits = lin_read(c, (gva_t){c->tr.base + at}, 2);
    return (bits >> (port & 7) & ((1u << size) - 1)) == 0;
}

static void check_port(struct cpu *c, const struct insn *i, uint16_t port,
                       unsigned size)
{
    unsigned iopl = (c->eflags & FL_IOPL) >> 12;
    bool asked = c->cpl > iopl || (c->eflags & FL_VM);
    if (asked && !bitmap_allows(c, port, size))
        raise_fault(c, VEC_GP, 0);
    if (c->guest.on)
        intercept_port(c, i, port, size);
}

/* The access itself, once it is allowed. A device may change INTR at it, which
 * is looked at between two iterations of a REP too. */
static uint32_t bus_in(struct cpu *c, uint16_t port, unsigned size)
{
    charge(c, PRICE_port_io);
    c->engine->attention = true;
    uint32_t v = c->bus->port_in(c->wire, port, size);
    debug_port(c, port, size);
    if (c->hooks && c->hooks->port)
        c->hooks->port(c->hooks->who, c, port, size, false, v);
    return v;
}

static void bus_out(struct cpu *c, uint16_t port, unsigned size, uint32_t v)
{
    charge(c, PRICE_port_io);
    c->engine->attention = true;
    if (size < 4)
        v &= (1u << (8 * size)) - 1;
    if (c->hooks && c->hooks->port)
        c->hooks->port(c->hooks->who, c, port, size, true, v);
    debug_port(c, port, size);
    c->bus->port_out(c->wire, port, size, v);
}

void op_in(struct cpu *c, const struct insn *i)
{
    uint16_t port = (uint16_t)opr_read(c, i, 1);
    unsigned size = opr_size(i, 0);
    check_port(c, i, port, size);
    opr_write(c, i, 0, bus_in(c, port, size));
}

void op_out(struct cpu *c, const struct insn *i)
{
    uint16_t port = (uint16_t)opr_read(c, i, 0);
    unsigned size = opr_size(i, 1);
    check_port(c, i, port, size);
    bus_out(c, port, size, opr_read(c, i, 1));
}

/* A port may not be read before the destination is known to be writable:
 * reading it can change the device. */
void op_ins(struct cpu *c, const struct insn *i)
{
    uint16_t port = (uint16_t)c->reg[REG_EDX];
    unsigned size = opr_size(i, 0);
    check_port(c, i, port, size); /* with a count of 0, too */
    if (!string_begin(c, i))
        return;
    uint32_t to = string_destination(c, i);
    mem_check_write(c, SEG_ES, to, size);
    mem_write(c, SEG_ES, to, size, bus_in(c, port, size));
    string_end(c, i, STRING_DESTINATION, size);
}

void op_outs(struct cpu *c, const struct insn *i)
{
    uint16_t port = (uint16_t)c->reg[REG_EDX];
    unsigned size = opr_size(i, 1);
    check_port(c, i, port, size);
    if (!string_begin(c, i))
        return;
    uint32_t v = mem_read(c, (enum seg)i->seg, string_source(c, i), size);
    bus_out(c, port, size, v);
    string_end(c, i, STRING_SOURCE, size);
}
