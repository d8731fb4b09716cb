/*
 * control.c - control and debug registers, INVLPG, the caches.
 *
 * The guest's CR3 names a directory of guest physical frames, which the real
 * processor must never walk: the technique puts a shadow in its place. CR0
 * and CR4 are the guest's wishes; the real ones are the monitor's, but for
 * the few bits that change nothing of it.
 */
#include "virtual.h"

/* Bits that change what the guest's page tables mean. */
#define CR0_SPACE (CR0_PE | CR0_PG | CR0_WP)
#define CR4_SPACE (CR4_PSE | CR4_PGE)

static void v_mov_to_cr3(struct vp *p, uint32_t value)
{
    uint32_t before = p->cpu->cr3;
    vp_exit(p)->r.reason = EXIT_cr3;
    cpu_set_cr(p->cpu, 3, value);
    p->ops->space_changed(p);
    exit_note(vp_exit(p), "CR3 %08x -> %08x", before, p->cpu->cr3);
}

/* CR0, CR2 or CR4. False: #GP(0), the manual refuses the value. */
static bool set_cr(struct vp *p, int n, uint32_t value)
{
    struct cpu *c = p->cpu;
    const uint32_t *cr = n == 0 ? &c->cr0 : n == 2 ? &c->cr2 : &c->cr4;
    uint32_t before = *cr, cr0 = c->cr0, cr4 = c->cr4;
    if (cpu_set_cr(c, n, value) != 0) {
        return false;
    }
    exit_note(vp_exit(p), "CR%d %08x -> %08x", n, before, *cr);
    if (((cr0 ^ c->cr0) & CR0_SPACE) || ((cr4 ^ c->cr4) & CR4_SPACE)) {
        p->ops->space_changed(p);
    }
    return true;
}

void v_mov_to_cr(struct vp *p, const struct insn *in)
{
    uint32_t value = p->cpu->reg[in->rm];
    vp_exit(p)->r.detail = in->reg;
    if (in->reg == 3) {
        v_mov_to_cr3(p, value);
        vp_next(p, in);
    } else if ((in->reg == 0 || in->reg == 2 || in->reg == 4) &&
               set_cr(p, in->reg, value)) {
        vp_next(p, in);
    } else {
        vp_step(p); /* the fault it deserves */
    }
}

void v_mov_from_cr(struct vp *p, const struct insn *in)
{
    vp_exit(p)->r.detail = in->reg;
    vp_step(p);
    exit_note(vp_exit(p), "virtual CR%u is %08x", in->reg, p->cpu->reg[in->rm]);
}

void v_smsw(struct vp *p, const struct insn *in)
{
    (void)in;
    vp_step(p);
    exit_note(vp_exit(p), "virtual CR0 is %08x", p->cpu->cr0);
}

/* LMSW cannot clear PE, nor touch PG or WP. */
void v_lmsw(struct vp *p, const struct insn *in)
{
    uint32_t before = p->cpu->cr0;
    (void)in;
    vp_step(p);
    exit_note(vp_exit(p), "CR0 %08x -> %08x", before, p->cpu->cr0);
}

void v_clts(struct vp *p, const struct insn *in)
{
    p->cpu->cr0 &= ~CR0_TS;
    exit_note(vp_exit(p), "CR0.TS cleared");
    vp_next(p, in);
}

/* -------------------------------------------------------------- INVLPG */

/* The operand's offset, as LEA would give it. No limit is checked. */
static uint32_t offset_of(const struct cpu *c, const struct insn *in)
{
    uint32_t at = in->disp;
    if (in->base != NO_REG) {
        at += c->reg[in->base];
    }
    if (in->index != NO_REG) {
        at += c->reg[in->index] << in->scale;
    }
    return in->adsize == 2 ? at & 0xffff : at;
}

void v_invlpg(struct vp *p, const struct insn *in)
{
    gva_t at = {p->cpu->seg[in->seg].base + offset_of(p->cpu, in)};
    p->ops->invalidated(p, at);
    exit_note(vp_exit(p), "the translation of %08x goes", at.v);
    vp_next(p, in);
}

/* INVD and WBINVD: there are no caches to write back. */
void v_cache(struct vp *p, const struct insn *in)
{
    exit_note(vp_exit(p), "no cache is modelled: nothing to do");
    vp_next(p, in);
}

/* ------------------------------------------------------ debug registers */

/* The real ones follow on the way back (full/debug.c): the guest's break-
 * points are armed in them. General detect is the virtual processor's. */
void v_debugreg(struct vp *p, const struct insn *in)
{
    vp_exit(p)->r.detail = in->reg;
    vp_step(p);
    exit_note(vp_exit(p), "DR%u of the virtual processor", in->reg);
}
