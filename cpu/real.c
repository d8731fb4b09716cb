/*
 * real.c - the 8086's way, which real-address and virtual-8086 mode share
 * (SDM 3A 20.1): segments by arithmetic, far transfers that ask no
 * descriptor, interrupts through a table of far pointers.
 *
 * In real mode a load sets the selector, and sixteen times it as the base;
 * limit, size and attributes stay what the last descriptor made them. So
 * "big real mode" works: a 4 GiB limit loaded in protected mode is kept. And
 * a CS that had D set when PE was cleared stays 32-bit, far jump or not: SDM
 * 3A 9.9.2 has software load a 16-bit one first. Processors since the Pentium
 * do so, where earlier ones gave CS fixed attributes. In virtual-8086 mode a
 * load sets everything: 64 KiB, 16-bit, writable, ring 3.
 *
 * Simplified: a segment register that is null when PE is cleared becomes the
 * reset state's kind at its next load; the manual wants none to be null.
 */
#include "segment.h"

#define ATTR_8086 (SEG_P | SEG_S | TYPE_RW | TYPE_ACCESSED)

/* --------------------------------------------------------------- segments */

void real_load(struct cpu *c, enum seg s, uint32_t sel)
{
    struct segment *g = &c->seg[s];
    bool vm86 = cpu_mode(c->cr0, c->eflags) == MODE_VM86;
    g->sel = (uint16_t)sel;
    g->base = (sel & 0xffff) << 4;
    if (vm86 || !(g->attr & SEG_P)) {
        g->attr = ATTR_8086 | (vm86 ? SEG_DPL_OF(3) : 0);
        g->limit = 0xffff;
    }
}

void real_entered(struct cpu *c)
{
    struct segment *cs = &c->seg[SEG_CS];
    cs->attr = (uint16_t)((cs->attr & ~0xfu) | TYPE_RW | TYPE_ACCESSED);
}

/* -------------------------------------------------------------- transfers */

static void go(struct cpu *c, uint32_t sel, uint32_t eip)
{
    real_load(c, SEG_CS, sel);
    c->next_eip = eip;
}

/* The new offset is held against the limit that CS has and keeps. */
static void check_offset(struct cpu *c, uint32_t eip)
{
    if (eip > c->seg[SEG_CS].limit)
        raise_fault(c, VEC_GP, 0);
}

void real_jump(struct cpu *c, uint32_t sel, uint32_t eip)
{
    check_offset(c, eip);
    charge(c, PRICE_far);
    go(c, sel, eip);
}

void real_call(struct cpu *c, uint32_t sel, uint32_t eip, unsigned size)
{
    struct new_stack s = stack_current(c);
    stack_reserve(c, &s, size, 2);
    check_offset(c, eip);
    charge(c, PRICE_far);
    stack_push(c, &s, size, c->seg[SEG_CS].sel);
    stack_push(c, &s, size, c->next_eip);
    stack_commit(c, &s);
    go(c, sel, eip);
}

void real_retf(struct cpu *c, unsigned size, uint32_t drop)
{
    uint32_t eip = stack_peek(c, size, 0);
    uint32_t cs = stack_peek(c, size, size);
    check_offset(c, eip);
    stack_drop(c, 2 * size + drop);
    charge(c, PRICE_far);
    go(c, cs, eip);
}

uint32_t real_iret(struct cpu *c, unsigned size)
{
    uint32_t eip = stack_peek(c, size, 0);
    uint32_t cs = stack_peek(c, size, size);
    uint32_t flags = stack_peek(c, size, 2 * size);
    check_offset(c, eip);
    if (vm86_has_virtual_flags(c)) /* may refuse them */
        flags = vm86_flags_in(c, size, flags);
    stack_drop(c, 3 * size);
    charge(c, PRICE_iret_same);
    go(c, cs, eip);
    return flags;
}

/* ------------------------------------------------------------- interrupts */

void real_interrupt(struct cpu *c, uint32_t table, uint8_t vector,
                    uint32_t flags, uint32_t return_ip)
{
    uint32_t entry = lin_read(c, (gva_t){table + vector * 4u}, 4);
    struct new_stack s = stack_current(c);
    stack_reserve(c, &s, 2, 3);
    charge(c, PRICE_int_same);
    stack_push(c, &s, 2, flags);
    stack_push(c, &s, 2, c->seg[SEG_CS].sel);
    stack_push(c, &s, 2, return_ip);
    stack_commit(c, &s);
    go(c, entry >> 16, entry & 0xffff);
}

/* SDM 2A, INT n, REAL-ADDRESS-MODE. The table is where IDTR says, and as
 * long; no error code is pushed. */
void real_deliver(struct cpu *c, uint32_t return_ip)
{
    uint8_t vector = c->last_event.vector;
    if (vector * 4u + 3 > c->idtr.limit)
        raise_fault(c, VEC_GP, 0);
    real_interrupt(c, c->idtr.base, vector, cpu_eflags(c), return_ip);
    c->eflags &= ~(uint32_t)(FL_IF | FL_TF | FL_RF | FL_AC);
}
