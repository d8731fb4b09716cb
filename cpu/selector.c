/*
 * selector.c - LDTR and TR, and the instructions that inspect a selector:
 * LLDT, LTR, SLDT, STR; LAR, LSL, VERR, VERW, ARPL.
 *
 * All are #UD where there are no descriptors: insn.def's PROTECTED. LAR and
 * its like never fault over what the selector names: they answer in ZF.
 */
#include "segment.h"

/* ------------------------------------------------------------ LDTR and TR */

/* SDM 2A, LLDT. A null selector is legal and leaves no LDT. */
void op_lldt(struct cpu *c, const struct insn *i)
{
    struct descriptor d;
    uint16_t sel = (uint16_t)opr_read(c, i, 0);
    if (is_null(sel)) {
        c->ldtr = (struct segment){.sel = sel};
        return;
    }
    if (sel & 4)
        raise_fault(c, VEC_GP, sel_error(sel));
    descriptor_fetch(c, sel, &d);
    if (descriptor_is_memory(&d) || descriptor_type(&d) != TYPE_LDT)
        raise_fault(c, VEC_GP, sel_error(sel));
    if (!descriptor_present(&d))
        raise_fault(c, VEC_NP, sel_error(sel));
    c->ldtr = descriptor_segment(&d, sel);
}

/* SDM 2A, LTR: the TSS becomes busy, in the register and in memory. */
void op_ltr(struct cpu *c, const struct insn *i)
{
    struct descriptor d;
    uint16_t sel = (uint16_t)opr_read(c, i, 0);
    if (is_null(sel))
        raise_fault(c, VEC_GP, 0);
    if (sel & 4)
        raise_fault(c, VEC_GP, sel_error(sel));
    descriptor_fetch(c, sel, &d);
    unsigned type = descriptor_type(&d);
    if (descriptor_is_memory(&d) || (type != TYPE_TSS16 && type != TYPE_TSS32))
        raise_fault(c, VEC_GP, sel_error(sel));
    if (!descriptor_present(&d))
        raise_fault(c, VEC_NP, sel_error(sel));
    d.high |= 2u << 8; /* busy */
    lin_write(c, (gva_t){d.at.v + 4}, 4, d.high);
    c->tr = descriptor_segment(&d, sel);
}

void op_sldt(struct cpu *c, const struct insn *i)
{
    opr_write(c, i, 0, c->ldtr.sel);
}

void op_str(struct cpu *c, const struct insn *i)
{
    opr_write(c, i, 0, c->tr.sel);
}

/* ----------------------------------------------------- asking a selector */

static void answer(struct cpu *c, bool yes)
{
    uint32_t zf = yes ? FL_ZF : 0;
    flags_give(c, (flags_arith(c) & ~(uint32_t)FL_ZF) | zf);
}

/* Does the selector name a descriptor that this ring may see? */
static bool visible(struct cpu *c, uint16_t sel, struct descriptor *d)
{
    if (is_null(sel) || !descriptor_read(c, sel, d))
        return false;
    if (descriptor_is_code(d) && descriptor_is_conforming(d))
        return true;
    return descriptor_dpl(d) >= c->cpl && descriptor_dpl(d) >= rpl(sel);
}

/* SDM 2A table 3-53: the types that LAR knows, as bits. */
#define LAR_TYPES                                                       \
    (1u << TYPE_TSS16 | 1u << TYPE_LDT | 1u << TYPE_TSS16_BUSY |        \
     1u << TYPE_CALL_GATE16 | 1u << TYPE_TASK_GATE | 1u << TYPE_TSS32 | \
     1u << TYPE_TSS32_BUSY | 1u << TYPE_CALL_GATE32)
/* Table 3-58: LSL, only those that have a limit. */
#define LSL_TYPES                                                \
    (1u << TYPE_TSS16 | 1u << TYPE_LDT | 1u << TYPE_TSS16_BUSY | \
     1u << TYPE_TSS32 | 1u << TYPE_TSS32_BUSY)

static bool known(const struct descriptor *d, uint32_t types)
{
    return descriptor_is_memory(d) || (types >> descriptor_type(d) & 1);
}

void op_lar(struct cpu *c, const struct insn *i)
{
    struct descriptor d;
    uint16_t sel = (uint16_t)opr_read(c, i, 1);
    bool yes = visible(c, sel, &d) && known(&d, LAR_TYPES);
    if (yes)
        opr_write(c, i, 0, d.high & (i->opsize == 2 ? 0xff00 : 0xffff00));
    answer(c, yes);
}

void op_lsl(struct cpu *c, const struct insn *i)
{
    struct descriptor d;
    uint16_t sel = (uint16_t)opr_read(c, i, 1);
    bool yes = visible(c, sel, &d) && known(&d, LSL_TYPES);
    if (yes)
        opr_write(c, i, 0, descriptor_segment(&d, sel).limit);
    answer(c, yes);
}

void op_verr(struct cpu *c, const struct insn *i)
{
    struct descriptor d;
    uint16_t sel = (uint16_t)opr_read(c, i, 0);
    answer(c, visible(c, sel, &d) && descriptor_is_memory(&d) &&
                  (!descriptor_is_code(&d) || (descriptor_type(&d) & TYPE_RW)));
}

void op_verw(struct cpu *c, const struct insn *i)
{
    struct descriptor d;
    uint16_t sel = (uint16_t)opr_read(c, i, 0);
    answer(c, visible(c, sel, &d) && descriptor_is_writable_data(&d));
}

/* Raise the destination's RPL to the source's, if it is lower. Only then is it
 * written, and asked whether it may be: processors agree (tests/host). */
void op_arpl(struct cpu *c, const struct insn *i)
{
    uint32_t to = opr_read(c, i, 0), from = opr_read(c, i, 1);
    bool lower = rpl(to) < rpl(from);
    if (lower)
        opr_write(c, i, 0, (to & 0xfffc) | rpl(from));
    answer(c, lower);
}
