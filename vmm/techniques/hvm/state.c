/*
 * state.c - between the control block and the virtual processor.
 *
 * Job:    at an exit all that the guest is becomes the virtual processor's,
 *         on which the interpreters work; before an entry what they changed
 *         goes back.
 * Parts:  in; out; looking.
 *
 *                       hvm                 hvm-shadow
 *   CPL, segments       the guest's         the guest's
 *   GDTR, IDTR, TR      the guest's         the guest's
 *   CR0                 the guest's         the guest's, and PG and WP
 *   CR3                 the guest's         a shadow
 *   CR4                 the guest's         the guest's
 *   DR0-DR3             the guest's, in the processor
 *
 * A monitor reads of a control block what it needs: ten fields at a typical
 * exit, as Adams and Agesen count (an interrupt needs three). What is written
 * is what has changed.
 */
#include "hvm.h"

#include <string.h>

#define READS_TYPICAL 10u
#define READS_INTERRUPT 3u
#define CR0_FORCED (CR0_PG | CR0_WP)
#define CR0_LAZY (CR0_TS | CR0_MP) /* which the guest changes by itself */
#define BREAKPOINTS 4

/* --------------------------------------------------------------------- in */

static void segment_in(const struct vm *v, unsigned at, struct segment *s)
{
    uint32_t word = vmcb_look(v, at);
    s->sel = (uint16_t)word;
    s->attr = (uint16_t)(word >> 16);
    s->limit = vmcb_look(v, at + VMCB_SEG_LIMIT);
    s->base = vmcb_look(v, at + VMCB_SEG_BASE);
}

static void table_in(const struct vm *v, unsigned at, struct table_reg *t)
{
    t->limit = (uint16_t)vmcb_look(v, at + VMCB_SEG_LIMIT);
    t->base = vmcb_look(v, at + VMCB_SEG_BASE);
}

static void controls_in(struct hvm *h)
{
    const struct vm *v = h->f.vm;
    struct cpu *c = h->f.p.cpu;
    uint32_t cr0 = vmcb_look(v, VMCB_CR0);
    c->cr2 = vmcb_look(v, VMCB_CR2);
    if (!h->nested) {
        c->cr0 = (c->cr0 & ~CR0_LAZY) | (cr0 & CR0_LAZY);
        return;
    }
    c->cr0 = cr0;
    c->cr3 = vmcb_look(v, VMCB_CR3);
    c->cr4 = vmcb_look(v, VMCB_CR4);
    for (unsigned n = 0; n < 4; n++) {
        c->pdpte[n] = vmcb_look(v, VMCB_PDPTE + 8 * n) |
                      (uint64_t)vmcb_look(v, VMCB_PDPTE + 8 * n + 4) << 32;
    }
}

static void debug_in_all(struct hvm *h)
{
    const struct vm *v = h->f.vm;
    struct cpu *c = h->f.p.cpu;
    for (int n = 0; n < BREAKPOINTS; n++) {
        c->dr[n] = v->monitor->cpu->dr[n];
    }
    c->dr[6] = vmcb_look(v, VMCB_DR6);
    cpu_set_dr(c, 7, vmcb_look(v, VMCB_DR7));
}

static void flow_in(struct hvm *h)
{
    const struct vm *v = h->f.vm;
    struct cpu *c = h->f.p.cpu;
    memcpy(c->reg, v->monitor->cpu->reg, sizeof c->reg);
    c->reg[REG_EAX] = vmcb_look(v, VMCB_RAX);
    c->reg[REG_ESP] = vmcb_look(v, VMCB_RSP);
    c->eip = vmcb_look(v, VMCB_RIP);
    cpu_set_eflags(c, vmcb_look(v, VMCB_RFLAGS));
    c->cpl = vmcb_look(v, VMCB_CPL & ~3u) >> 24 & 3;
    c->shadow =
        vmcb_look(v, VMCB_INTERRUPT_SHADOW) & 1 ? SHADOW_STI : SHADOW_NONE;
    c->shadow_eip = c->eip;
}

void hvm_state_in(struct hvm *h)
{
    struct vm *v = h->f.vm;
    struct cpu *c = h->f.p.cpu;
    bool timer = v->exit.event.kind == EVENT_INTERRUPT;
    charge_exit(v, PHASE_save, PRICE_vmcb_read,
                timer ? READS_INTERRUPT : READS_TYPICAL);
    flow_in(h);
    for (int s = 0; s < SEG_COUNT; s++) {
        segment_in(v, VMCB_ES + 16u * (unsigned)s, &c->seg[s]);
    }
    segment_in(v, VMCB_LDTR, &c->ldtr);
    segment_in(v, VMCB_TR, &c->tr);
    table_in(v, VMCB_GDTR, &c->gdtr);
    table_in(v, VMCB_IDTR, &c->idtr);
    c->sysenter_cs = vmcb_look(v, VMCB_SYSENTER_CS);
    c->sysenter_esp = vmcb_look(v, VMCB_SYSENTER_ESP);
    c->sysenter_eip = vmcb_look(v, VMCB_SYSENTER_EIP);
    controls_in(h);
    debug_in_all(h);
}

/* -------------------------------------------------------------------- out */

static void segment_out(struct vm *v, unsigned at, const struct segment *s)
{
    vmcb_set(v, at, s->sel | (uint32_t)s->attr << 16);
    vmcb_set(v, at + VMCB_SEG_LIMIT, s->limit);
    vmcb_set(v, at + VMCB_SEG_BASE, s->base);
}

static void table_out(struct vm *v, unsigned at, const struct table_reg *t)
{
    vmcb_set(v, at + VMCB_SEG_LIMIT, t->limit);
    vmcb_set(v, at + VMCB_SEG_BASE, t->base);
}

static uint32_t real_cr0(const struct hvm *h)
{
    return h->f.p.cpu->cr0 | (h->nested ? 0 : CR0_FORCED);
}

static void controls_out(struct hvm *h)
{
    struct vm *v = h->f.vm;
    const struct cpu *c = h->f.p.cpu;
    vmcb_set(v, VMCB_CR0, real_cr0(h));
    vmcb_set(v, VMCB_CR2, c->cr2);
    vmcb_set(v, VMCB_CR3, h->nested ? c->cr3 : v->shadow_cr3);
    vmcb_set(v, VMCB_CR4, c->cr4);
    for (unsigned n = 0; h->nested && n < 4; n++) {
        vmcb_set(v, VMCB_PDPTE + 8 * n, (uint32_t)c->pdpte[n]);
        vmcb_set(v, VMCB_PDPTE + 8 * n + 4, (uint32_t)(c->pdpte[n] >> 32));
    }
    vmcb_set(v, VMCB_TSC_OFFSET, (uint32_t)c->tsc_offset);
    vmcb_set(v, VMCB_TSC_OFFSET + 4, (uint32_t)(c->tsc_offset >> 32));
    vmcb_set(v, VMCB_DR6, c->dr[6]);
    vmcb_set(v, VMCB_DR7, c->dr[7]);
}

static void flow_out(struct hvm *h)
{
    struct vm *v = h->f.vm;
    const struct cpu *c = h->f.p.cpu;
    vmcb_set(v, VMCB_RAX, c->reg[REG_EAX]);
    vmcb_set(v, VMCB_RSP, c->reg[REG_ESP]);
    vmcb_set(v, VMCB_RIP, c->eip);
    vmcb_set(v, VMCB_RFLAGS, cpu_eflags(c));
    uint32_t word = vmcb_look(v, VMCB_CPL & ~3u) & 0x00ffffff;
    vmcb_set(v, VMCB_CPL & ~3u, word | (uint32_t)c->cpl << 24);
    vmcb_set(v, VMCB_INTERRUPT_SHADOW, vp_shadowed(&h->f.p));
}

/* What is in the processor's own registers while the VM is current. */
static void registers_out(struct hvm *h)
{
    struct vm *v = h->f.vm;
    struct cpu *real = v->monitor->cpu;
    const struct cpu *c = h->f.p.cpu;
    bool current = v->monitor->current == v;
    memcpy(current ? real->reg : v->context.reg, c->reg, sizeof c->reg);
    for (int n = 0; current && n < BREAKPOINTS; n++) {
        real->dr[n] = c->dr[n];
    }
    v->regs = (struct frame_regs){.eip = c->eip,
                                  .cs = c->seg[SEG_CS].sel,
                                  .eflags = cpu_eflags(c),
                                  .esp = c->reg[REG_ESP],
                                  .ss = c->seg[SEG_SS].sel};
}

void hvm_state_out(struct hvm *h)
{
    struct vm *v = h->f.vm;
    const struct cpu *c = h->f.p.cpu;
    for (int s = 0; s < SEG_COUNT; s++) {
        segment_out(v, VMCB_ES + 16u * (unsigned)s, &c->seg[s]);
    }
    segment_out(v, VMCB_LDTR, &c->ldtr);
    segment_out(v, VMCB_TR, &c->tr);
    table_out(v, VMCB_GDTR, &c->gdtr);
    table_out(v, VMCB_IDTR, &c->idtr);
    vmcb_set(v, VMCB_SYSENTER_CS, c->sysenter_cs);
    vmcb_set(v, VMCB_SYSENTER_ESP, c->sysenter_esp);
    vmcb_set(v, VMCB_SYSENTER_EIP, c->sysenter_eip);
    flow_out(h);
    controls_out(h);
    hvm_intercept(h);
    if (h->inject & INJECT_VALID) {
        vmcb_set(v, VMCB_EVENTINJ, h->inject);
        vmcb_set(v, VMCB_EVENTINJ + 4, h->inject_error);
    }
    registers_out(h);
    if (!h->nested) {
        shadow_settle(&h->f);
    }
}

/* Its x87 and debug registers; all else is in the control block. */
void hvm_enter(struct vm *v)
{
    fpu_bring(v);
    registers_out(hvm_of(v));
}

/* --------------------------------------------------------------- looking */

/* While the guest runs, what it changes by itself is in the processor. */
static bool is_inside(const struct vm *v)
{
    return v->monitor->current == v && v->monitor->cpu->guest.on;
}

void hvm_virtual_cpu(struct vm *v, struct virtual_cpu *out)
{
    const struct hvm *h = hvm_of(v);
    const struct cpu *c = h->f.p.cpu, *real = v->monitor->cpu;
    if (!is_inside(v)) {
        virtual_cpu_of(c, out);
        return;
    }
    virtual_cpu_of(real, out);
    if (!h->nested) {
        out->cr0 = (c->cr0 & ~CR0_LAZY) | (real->cr0 & CR0_LAZY);
        out->cr3 = c->cr3;
    }
}

/* The virtual processor has the guest's paging, as it is at this moment. */
static struct hvm *with_paging(struct vm *v)
{
    struct hvm *h = hvm_of(v);
    struct cpu *c = h->f.p.cpu;
    const struct cpu *real = v->monitor->cpu;
    if (is_inside(v) && h->nested) {
        c->cr0 = real->cr0;
        c->cr3 = real->cr3;
        c->cr4 = real->cr4;
        memcpy(c->pdpte, real->pdpte, sizeof c->pdpte);
    }
    return h;
}

bool hvm_translate(struct vm *v, gva_t at, gpa_t *out)
{
    return vp_translate(&with_paging(v)->f.p, at, out);
}

bool hvm_walk_2d(struct vm *v, gva_t at, struct walk_2d *out)
{
    struct hvm *h = with_paging(v);
    if (h->f.p.cpu->cr4 & CR4_PAE) {
        return false;
    }
    nested_walk(h, at, out);
    return true;
}
