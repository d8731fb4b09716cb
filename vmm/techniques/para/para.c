/*
 * para.c - the para technique: its table of functions.
 *
 * Job:    take a para VM's exits apart, and send each to the file that does
 *         it. The interface is Xen's for x86_32 (xen.h, docs/PARAVIRT.md).
 *
 * What comes here:
 *
 *   INT 0x82 in ring 1   a hypercall: hypercall.c
 *   #GP(n * 8 + 2)       INT n whose real gate is not for that ring: the
 *                        trap table's DPL says if it was allowed
 *   #GP(0) in ring 1     perhaps a privileged instruction: emulate.c
 *   #PF in ring 1        perhaps a write to a page table: ptwr.c
 *   the monitor's timer  a timer of the guest's may be due: time.c
 *   everything else      the guest kernel's own, through its trap table
 *
 * System calls do not: their gate leads from ring 3 straight to ring 1.
 */
#include "para.h"

#include <stdio.h>

#define ERROR_IDT 2u /* in an error code: the index is the IDT's */
#define INT_LENGTH 2u

static void hypercall(struct vm *v, struct exit *x)
{
    struct cpu *c = v->monitor->cpu;
    uint32_t number = c->reg[REG_EAX];
    uint32_t arg[6] = {c->reg[REG_EBX], c->reg[REG_ECX], c->reg[REG_EDX],
                       c->reg[REG_ESI], c->reg[REG_EDI], c->reg[REG_EBP]};
    x->r.reason = EXIT_hypercall;
    x->r.disposition = DISPOSITION_hypercall;
    x->r.detail = number;
    c->reg[REG_EAX] = (uint32_t)hypercall_do(para_of(v), number, arg);
}

/* Had the guest an IDT, INT n would pass for the rings its gate's DPL
 * names; else it is #GP, with this very error code. */
static void software_trap(struct vm *v, struct exit *x)
{
    uint32_t error = x->event.error;
    unsigned vector = error >> 3 & 0xff, ring = v->regs.cs & 3u;
    const struct xen_trap_info *t = &para_of(v)->trap[vector];
    x->r.reason = EXIT_int;
    x->r.detail = vector;
    if (t->address != 0 && (t->flags & 3u) >= ring) {
        exit_note(x, "INT 0x%x by the guest's trap table", vector);
        v->regs.eip += INT_LENGTH;
        reflect(v, x, vector, false, 0);
        return;
    }
    exit_note(x, "INT 0x%x is not for ring %u", vector, ring);
    reflect(v, x, VEC_GP, true, error);
}

static void general_protection(struct vm *v, struct exit *x)
{
    uint32_t error = x->event.error;
    if (error & ERROR_IDT)
        software_trap(v, x);
    else if (error != 0 || !emulate_privileged(v, x))
        reflect(v, x, VEC_GP, true, error);
}

static void page_fault(struct vm *v, struct exit *x)
{
    if (page_table_write(v, x))
        return;
    x->r.reason = EXIT_guest_pf;
    para_of(v)->shared->vcpu[0].cr2 = x->event.cr2;
    exit_note(x, "#PF at %08x, the guest's own", x->event.cr2);
    reflect(v, x, VEC_PF, true, x->event.error);
}

/* As Xen, the virtual TS is cleared for the guest's handler. */
static void device_not_available(struct vm *v, struct exit *x)
{
    struct para *p = para_of(v);
    if (fpu_wanted(v, task_wishes(p)))
        return;
    set_task_switched(p, false);
    exit_note(x, "the guest's own #NM; its TS is cleared");
    reflect(v, x, VEC_NM, false, 0);
}

static void trap(struct vm *v, struct exit *x)
{
    const struct event *e = &x->event;
    x->r.reason = e->kind == EVENT_SOFTWARE ? EXIT_int : EXIT_exception;
    switch (e->vector) {
    case XEN_HYPERCALL_VECTOR:
        hypercall(v, x);
        break;
    case VEC_GP:
        general_protection(v, x);
        break;
    case VEC_PF:
        page_fault(v, x);
        break;
    case VEC_NM:
        device_not_available(v, x);
        break;
    default:
        if (e->vector == VEC_DB)
            debug_trapped(para_of(v));
        exit_note(x, "vector %u to the guest's handler", e->vector);
        reflect(v, x, e->vector, e->has_error, e->error);
        break;
    }
}

static void para_handle(struct vm *v, struct exit *x)
{
    x->r.virtual_ring = v->regs.cs & 3; /* a para guest knows its ring */
    timers_run(para_of(v));
    if (x->event.kind == EVENT_INTERRUPT)
        return; /* reason and disposition are the monitor's */
    if (x->entering) {
        x->r.reason = EXIT_exception;
        failsafe(v, x);
    } else {
        trap(v, x);
    }
    if (v->state == VM_KILLED)
        x->r.disposition = DISPOSITION_killed;
}

/* The upcall, on the way back to the guest. */
static void para_deliver(struct vm *v, struct exit *x)
{
    struct para *p = para_of(v);
    if (v->state != VM_RUNNING || !event_deliverable(p))
        return;
    bounce(v, p->event, true, NULL, 0);
    if (x->r.disposition == DISPOSITION_scheduled) {
        x->r.disposition = DISPOSITION_injected;
        exit_note(x, "upcall to the guest's event handler");
    }
}

/* What the guest wants of CR0.MP and TS: a #NM at x87 instructions, WAIT
 * among them, once it has switched tasks. */
uint32_t task_wishes(const struct para *p)
{
    return p->task_switched ? CR0_MP | CR0_TS : 0;
}

void set_task_switched(struct para *p, bool switched)
{
    p->task_switched = switched;
    fpu_guard(p->vm, task_wishes(p));
}

static bool para_serial_in(struct vm *v, uint8_t byte)
{
    return console_in(para_of(v), byte);
}

/* --------------------------------------------------------- looking at it */

static void para_virtual_cpu(struct vm *v, struct virtual_cpu *out)
{
    const struct para *p = para_of(v);
    const struct xen_vcpu_info *c = &p->shared->vcpu[0];
    out->cr0 = (out->cr0 & ~(CR0_MP | CR0_TS)) | task_wishes(p);
    out->cr2 = c->cr2;
    out->cr3 = p->root.v;
    out->cpl = v->regs.cs & 3;
    out->eflags &= ~(uint32_t)FL_IF;
    if (!c->upcall_mask)
        out->eflags |= FL_IF;
}

/* By the guest's tables, and back from machine to guest physical. */
static bool para_translate(struct vm *v, gva_t at, gpa_t *out)
{
    struct para *p = para_of(v);
    if (at.v >= XEN_VIRT_START)
        return false;
    uint32_t pde = entry_read(p, p->root, at.v >> 22);
    if (!(pde & PTE_P))
        return false;
    mpa_t table = {pde & ~PAGE_MASK};
    uint32_t pte = entry_read(p, table, (at.v >> PAGE_SHIFT) % ENTRIES);
    mpa_t byte = {(pte & ~PAGE_MASK) | (at.v & PAGE_MASK)};
    return (pte & PTE_P) && m2p(v, byte, out);
}

/* ------------------------------------------------------ birth and death */

static bool para_create(struct vm *v, const struct image *im, char *err,
                        size_t errsize)
{
    struct para *p = pool_take(v->monitor->pool, sizeof(*p));
    if (!p) {
        snprintf(err, errsize, "no memory for the monitor itself");
        return false;
    }
    p->vm = v;
    v->own = p;
    return para_build(v, im, err, errsize);
}

static void para_destroy(struct vm *v)
{
    if (!v->own)
        return;
    hole_free(para_of(v));
    pool_give(v->monitor->pool, v->own);
    v->own = NULL;
}

const struct technique technique_para = {
    .name = "para",
    .text = "the guest's kernel was changed to ask: hypercalls, its own page "
            "tables checked entry by entry, event channels (Xen's interface)",
    .kind = CPU_CLASSIC,
    .own_descriptors = true,
    .create = para_create,
    .destroy = para_destroy,
    .handle = para_handle,
    .enter = hole_enter,
    .deliver = para_deliver,
    .next_event = timers_next,
    .serial_in = para_serial_in,
    .virtual_cpu = para_virtual_cpu,
    .translate = para_translate,
    .upcall = events_upcall,
    .channel = events_channel,
    .audit = para_audit,
};
