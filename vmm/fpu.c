/*
 * fpu.c - whose x87 registers are in the processor.
 *
 * Job:    give each guest its own x87, and move registers only when a guest
 *         uses it: most turns of most guests never do.
 * Parts:  where a guest's registers are; changing over; the real CR0.
 *
 * The registers stay in the processor when another guest becomes current, and
 * CR0.TS is set (with MP, so that WAIT traps too): the first x87 instruction
 * is then a #NM that the guest did not ask for, and the registers are changed
 * over. A guest's own TS and EM are its wishes, kept in its virtual CR0, and
 * are set in the real one as well. Linux and Xen did it so; processors leak
 * such registers by speculation (CVE-2018-3665), and both have given it up.
 * This one does not speculate.
 */
#include "monitor.h"

#define CR0_FPU (CR0_MP | CR0_EM | CR0_TS)

struct fpu *vm_fpu(struct vm *v)
{
    struct monitor *m = v->monitor;
    return m->fpu_owner == v ? &m->cpu->fpu : &v->context.fpu;
}

/* FXSAVE of the one, FXRSTOR of the other, and CLTS before them. */
static void change_over(struct vm *v)
{
    struct monitor *m = v->monitor;
    struct vm *other = m->fpu_owner;
    charge_exit(v, PHASE_save, PRICE_cr, 1);
    if (other) {
        charge_exit(v, PHASE_save, PRICE_fpu_state, 1);
        other->context.fpu = m->cpu->fpu;
    }
    charge_exit(v, PHASE_restore, PRICE_fpu_state, 1);
    m->cpu->fpu = v->context.fpu;
    m->fpu_owner = v;
    exit_note(&v->exit, "its x87 registers go in%s%s", other ? ", out go " : "",
              other ? other->name : "");
}

void fpu_bring(struct vm *v)
{
    if (v->monitor->fpu_owner != v) {
        change_over(v);
    }
}

bool fpu_wanted(struct vm *v, uint32_t wishes)
{
    const uint32_t lazy = CR0_TS | CR0_MP;
    struct exit *x = &v->exit;
    if (v->monitor->fpu_owner == v || (wishes & lazy) == lazy) {
        return false;
    }
    change_over(v);
    fpu_guard(v, wishes);
    x->r.reason = EXIT_fpu;
    x->r.disposition = DISPOSITION_switched;
    return true;
}

void fpu_guard(struct vm *v, uint32_t wishes)
{
    struct monitor *m = v->monitor;
    struct cpu *c = m->cpu;
    uint32_t cr0 = (c->cr0 & ~CR0_FPU) | (wishes & CR0_FPU);
    if (m->current != v) {
        return; /* when it becomes current */
    }
    if (m->fpu_owner != v) {
        cr0 |= CR0_TS | CR0_MP;
    }
    if (c->cr0 != cr0) {
        cpu_set_cr(c, 0, cr0);
    }
}
