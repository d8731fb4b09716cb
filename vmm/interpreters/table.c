/*
 * table.c - GDTR, IDTR, LDTR and TR: where the guest thinks its tables are.
 *
 * The real ones hold the monitor's tables for good. These exist only in the
 * virtual processor, which goes by them when it delivers an event or loads
 * a segment.
 */
#include "virtual.h"

void v_lgdt(struct vp *p, const struct insn *in)
{
    const struct table_reg *t = &p->cpu->gdtr;
    (void)in;
    vp_step(p);
    p->ops->gdt_changed(p);
    exit_note(vp_exit(p), "virtual GDTR: base %08x limit %04x", t->base,
              t->limit);
}

void v_lidt(struct vp *p, const struct insn *in)
{
    const struct table_reg *t = &p->cpu->idtr;
    (void)in;
    vp_step(p);
    exit_note(vp_exit(p), "virtual IDTR: base %08x limit %04x", t->base,
              t->limit);
}

void v_lldt(struct vp *p, const struct insn *in)
{
    (void)in;
    vp_step(p);
    exit_note(vp_exit(p), "virtual LDTR: %04x", p->cpu->ldtr.sel);
}

void v_ltr(struct vp *p, const struct insn *in)
{
    (void)in;
    vp_step(p);
    exit_note(vp_exit(p), "virtual TR: %04x base %08x", p->cpu->tr.sel,
              p->cpu->tr.base);
}

/* SGDT, SIDT, SLDT, STR. */
void v_store_table(struct vp *p, const struct insn *in)
{
    (void)in;
    vp_step(p);
    exit_note(vp_exit(p), "answered from the virtual registers");
}
