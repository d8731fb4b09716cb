/*
 * emulate.c - the few privileged instructions that Xen does for a guest.
 *
 * Job:    a paravirtual kernel should not execute them, but some code of
 *         every kernel does: reading CR0, say. A #GP(0) in ring 1 is looked
 *         at here; what is not in the list is the guest's own #GP.
 *
 *   CLTS            the virtual task-switched flag, as fpu_taskswitch
 *   MOV r, CRn      CR0 (with that flag), CR2 and CR3 as the guest knows
 *                   them, CR4
 *   MOV CR2, r      the shared page's copy
 *   MOV DRn         as get_debugreg and set_debugreg; what those refuse is #GP
 *
 * The others are the guest's #GP. No port is a guest's; the virtual IF is a
 * byte of the shared page; for the rest there is a hypercall.
 */
#include "para.h"

#define INSN_MAX 15u

/* The instruction at the guest's EIP; false if its bytes are not there. */
bool guest_insn(struct para *p, struct insn *in)
{
    const struct frame_regs *r = &p->vm->regs;
    uint32_t at = segment_base(p, r->cs) + r->eip;
    uint8_t bytes[INSN_MAX];
    for (uint32_t n = INSN_MAX; n > 0; n--)
        if (copy_in(p, bytes, at, n) == 0) {
            charge_exit(p->vm, PHASE_decode, PRICE_vmm_decode, 1);
            return cpu_decode(bytes, n, true, in) == DECODE_OK;
        }
    return false;
}

static uint32_t control_register(struct para *p, unsigned n)
{
    const struct cpu *c = p->vm->monitor->cpu;
    switch (n) {
    case 0:
        return (c->cr0 & ~(CR0_MP | CR0_TS)) | task_wishes(p);
    case 2:
        return p->shared->vcpu[0].cr2;
    case 3:
        return p->root.v;
    default:
        return c->cr4;
    }
}

/* DR4 and DR5 are DR6 and DR7: a guest has no CR4.DE. */
static uint32_t debug_register(const struct insn *in)
{
    return in->reg == 4 || in->reg == 5 ? in->reg + 2u : in->reg;
}

/* True: done, and EIP may move on. */
static bool emulate(struct para *p, const struct insn *in)
{
    uint32_t *reg = p->vm->monitor->cpu->reg;
    switch (in->id) {
    case I_CLTS:
        set_task_switched(p, false);
        return true;
    case I_MOV_Rd_Cd:
        if (in->reg == 1 || in->reg > 4)
            return false;
        reg[in->rm] = control_register(p, in->reg);
        return true;
    case I_MOV_Cd_Rd:
        if (in->reg != 2)
            return false;
        p->shared->vcpu[0].cr2 = reg[in->rm];
        return true;
    case I_MOV_Rd_Dd:
        reg[in->rm] = debug_read(p, debug_register(in));
        return true;
    case I_MOV_Dd_Rd:
        return debug_write(p, debug_register(in), reg[in->rm]) == 0;
    default:
        return false;
    }
}

bool emulate_privileged(struct vm *v, struct exit *x)
{
    struct para *p = para_of(v);
    struct insn in;
    if ((v->regs.cs & 3) != 1 || !guest_insn(p, &in))
        return false;
    x->r.insn = in;
    if (!emulate(p, &in))
        return false;
    charge_exit(p->vm, PHASE_emulate, PRICE_vmm_emulate, 1);
    v->regs.eip += in.len;
    bool of_debugging = in.id == I_MOV_Rd_Dd || in.id == I_MOV_Dd_Rd;
    x->r.reason = of_debugging ? EXIT_debugreg : EXIT_cr;
    x->r.disposition = DISPOSITION_emulated;
    exit_note(x, "emulated for a paravirtual kernel");
    return true;
}
