/*
 * segment.c - descriptors, and loading data and stack segment registers
 * (SDM 3A 3.4 and 5.5 to 5.7).
 *
 * Parts:  reading a descriptor; its accessed bit; loads as MOV, POP and LDS
 *         do them; the same for the monitor (cpu_load_segment).
 *
 * Real and virtual-8086 mode go without descriptors: real.c.
 */
#include "segment.h"

/* ------------------------------------------------------------ descriptors */

bool descriptor_read(struct cpu *c, uint32_t sel, struct descriptor *d)
{
    uint32_t base = c->gdtr.base, limit = c->gdtr.limit;
    if (sel & 4) { /* TI: the local table */
        if (!(c->ldtr.attr & SEG_P))
            return false;
        base = c->ldtr.base;
        limit = c->ldtr.limit;
    }
    if ((sel | 7) > limit)
        return false;
    d->at.v = base + (sel & 0xfff8);
    descriptor_load(c, d);
    return true;
}

void descriptor_fetch(struct cpu *c, uint32_t sel, struct descriptor *d)
{
    if (!descriptor_read(c, sel, d))
        raise_fault(c, VEC_GP, sel_error(sel));
}

void load_cs(struct cpu *c, const struct descriptor *d, uint32_t sel,
             unsigned cpl)
{
    c->seg[SEG_CS] = descriptor_segment(d, (sel & 0xfffc) | cpl);
    c->cpl = (uint8_t)cpl;
}

/* ------------------------------------------------------------------ loads */

static void load_stack_segment(struct cpu *c, uint16_t sel)
{
    struct descriptor d;
    if (is_null(sel))
        raise_fault(c, VEC_GP, 0);
    descriptor_fetch(c, sel, &d);
    if (rpl(sel) != c->cpl || !descriptor_is_writable_data(&d) ||
        descriptor_dpl(&d) != c->cpl)
        raise_fault(c, VEC_GP, sel_error(sel));
    if (!descriptor_present(&d))
        raise_fault(c, VEC_SS, sel_error(sel));
    descriptor_accessed(c, &d);
    c->seg[SEG_SS] = descriptor_segment(&d, sel);
}

bool data_allowed(const struct cpu *c, uint32_t sel, const struct descriptor *d)
{
    bool code = descriptor_is_code(d);
    if (!descriptor_is_memory(d) || (code && !(descriptor_type(d) & TYPE_RW)))
        return false;
    if (code && descriptor_is_conforming(d))
        return true;
    return rpl(sel) <= descriptor_dpl(d) && c->cpl <= descriptor_dpl(d);
}

static void load_data_segment(struct cpu *c, enum seg s, uint16_t sel)
{
    struct descriptor d;
    if (is_null(sel)) { /* legal, until it is used */
        c->seg[s] = (struct segment){.sel = sel};
        return;
    }
    descriptor_fetch(c, sel, &d);
    if (!data_allowed(c, sel, &d))
        raise_fault(c, VEC_GP, sel_error(sel));
    if (!descriptor_present(&d))
        raise_fault(c, VEC_NP, sel_error(sel));
    descriptor_accessed(c, &d);
    c->seg[s] = descriptor_segment(&d, sel);
}

void load_segment(struct cpu *c, enum seg s, uint16_t sel)
{
    if (!in_protected_mode(c))
        real_load(c, s, sel);
    else if (s == SEG_SS)
        load_stack_segment(c, sel);
    else
        load_data_segment(c, s, sel);
}

/* Guarded, for callers outside an instruction. */
int cpu_load_segment(struct cpu *c, enum seg s, uint16_t sel, uint32_t *error)
{
    struct unwind outer = c->engine->unwind;
    int vector = 0;
    if (setjmp(c->engine->unwind.env) == 0) {
        load_segment(c, s, sel);
    } else {
        vector = (int)c->engine->fault;
        *error = c->engine->fault_error;
    }
    c->engine->unwind = outer;
    return vector;
}

/* ----------------------------------------------------- the instructions */

/* No interrupt between loading SS and loading ESP (SDM 3A 6.8.3). */
static void shadow_after_ss(struct cpu *c, enum seg s)
{
    if (s == SEG_SS) {
        c->shadow = SHADOW_SS;
        c->shadow_eip = c->next_eip;
    }
}

void op_mov_to_seg(struct cpu *c, const struct insn *i)
{
    load_segment(c, (enum seg)i->reg, (uint16_t)opr_read(c, i, 1));
    shadow_after_ss(c, (enum seg)i->reg);
}

/* POP ES, SS, DS, FS, GS: the register's number is in bits 5:3. The stack
 * pointer moves by the old SS's width, and not at all on a fault. */
void op_pop_seg(struct cpu *c, const struct insn *i)
{
    enum seg s = (enum seg)(i->opcode >> 3 & 7);
    uint16_t sel = (uint16_t)stack_peek(c, i->opsize, 0);
    uint32_t before = c->reg[REG_ESP];
    stack_drop(c, i->opsize);
    uint32_t after = c->reg[REG_ESP];
    c->reg[REG_ESP] = before;
    load_segment(c, s, sel);
    c->reg[REG_ESP] = after;
    shadow_after_ss(c, s);
}

static enum seg far_pointer_segment(const struct insn *i)
{
    switch (i->id) {
    case I_LES_Gv_Mp:
        return SEG_ES;
    case I_LDS_Gv_Mp:
        return SEG_DS;
    case I_LSS_Gv_Mp:
        return SEG_SS;
    case I_LFS_Gv_Mp:
        return SEG_FS;
    default:
        return SEG_GS;
    }
}

void op_load_far_ptr(struct cpu *c, const struct insn *i)
{
    uint32_t at = opr_offset(c, i);
    uint32_t off = mem_read(c, (enum seg)i->seg, at, i->opsize);
    uint32_t sel = mem_read(c, (enum seg)i->seg, at + i->opsize, 2);
    load_segment(c, far_pointer_segment(i), (uint16_t)sel);
    reg_write(c, i->reg, i->opsize, off);
}
