/*
 * inject.c - interrupts and exceptions by the processor's own hand.
 *
 * Job:    what the VM's 8259 raises goes into EVENTINJ, and VMRUN delivers it
 *         through the guest's IDT, with every check. If the guest cannot take
 *         it yet, a virtual interrupt is made to wait (V_IRQ): when IF and the
 *         interrupt shadow let it in, guest mode ends (VINTR), and then it is
 *         put in.
 * Parts:  EVENTINJ; an event that an exit cut short; interrupts.
 *
 * With V_INTR_MASKING the guest's IF is its own, and the monitor's timer ends
 * guest mode whatever the guest does with it.
 */
#include "hvm.h"

#include <stdio.h>

/* ---------------------------------------------------------------- EVENTINJ */

static uint32_t type_of(const struct event *e)
{
    switch (e->kind) {
    case EVENT_FAULT:
    case EVENT_TRAP:
        return INJECT_EXCEPTION;
    case EVENT_SOFTWARE:
        return INJECT_SOFTWARE;
    case EVENT_NMI:
        return INJECT_NMI;
    default:
        return INJECT_INTR;
    }
}

void hvm_inject(struct vp *p, const struct event *e)
{
    struct hvm *h = hvm_of_vp(p);
    charge_exit(p->vm, PHASE_inject, PRICE_vmm_inject, 1);
    h->inject = INJECT_VALID | type_of(e) | e->vector;
    h->inject |= e->has_error ? INJECT_ERROR : 0;
    h->inject_error = e->error;
    if (e->kind == EVENT_FAULT && e->vector == VEC_PF) {
        p->cpu->cr2 = e->cr2;
    }
    p->cpu->halted = false;
    p->cpu->last_event = *e;
}

/* ---------------------------------------- an event that an exit cut short */

/* INT n, INT3 and INTO: with RIP still on them, they come again by themselves.
 * Put in by EVENTINJ they would return to themselves (15.20). */
static bool is_instruction(uint32_t what)
{
    uint32_t type = what & INJECT_TYPE, vector = what & 0xff;
    return type == INJECT_SOFTWARE ||
           (type == INJECT_EXCEPTION && (vector == VEC_BP || vector == VEC_OF));
}

void hvm_deliver_again(struct hvm *h)
{
    uint32_t what = vmcb_look(h->f.vm, VMCB_EXITINTINFO);
    if ((what & INJECT_VALID) && !is_instruction(what)) {
        h->inject = what;
        h->inject_error = vmcb_look(h->f.vm, VMCB_EXITINTINFO + 4);
    }
}

static struct event event_of(const struct hvm *h, uint32_t what)
{
    const struct vm *v = h->f.vm;
    struct event e = {.vector = what & 0xff,
                      .has_error = what & INJECT_ERROR,
                      .error = vmcb_look(v, VMCB_EXITINTINFO + 4),
                      .cr2 = h->f.p.cpu->cr2};
    switch (what & INJECT_TYPE) {
    case INJECT_EXCEPTION:
        e.kind = e.vector == VEC_BP || e.vector == VEC_OF || e.vector == VEC_DB
                     ? EVENT_TRAP
                     : EVENT_FAULT;
        break;
    case INJECT_SOFTWARE:
        e.kind = EVENT_SOFTWARE;
        break;
    default:
        e.kind = EVENT_INTERRUPT;
    }
    return e;
}

bool hvm_deliver_now(struct hvm *h)
{
    uint32_t what = vmcb_look(h->f.vm, VMCB_EXITINTINFO);
    if (!(what & INJECT_VALID)) {
        return false;
    }
    struct event e = event_of(h, what);
    if (is_instruction(what)) {
        run_virtually(&h->f, &h->f.vm->exit);
    } else {
        vp_deliver_now(&h->f.p, &e);
    }
    return true;
}

/* -------------------------------------------------------------- interrupts */

/* Who let it in: the window was opened, or it was open when it came. */
static void record(struct exit *x, unsigned vector)
{
    char before[sizeof x->r.note];
    if (x->r.reason == EXIT_window || x->r.reason == EXIT_interrupt) {
        x->r.disposition = DISPOSITION_injected;
        x->r.detail = vector;
    }
    snprintf(before, sizeof before, "%s", x->r.note);
    exit_note(x, "%.48s%svector 0x%x injected", before, *before ? "; " : "",
              vector);
}

void hvm_deliver(struct vm *v, struct exit *x)
{
    struct hvm *h = hvm_of(v);
    bool waits = v->interrupt_line && !vm_ended(v);
    bool open = vp_open(&h->f.p) && !(h->inject & INJECT_VALID);
    if (waits && open) {
        struct event e = {.kind = EVENT_INTERRUPT,
                          .vector = board_acknowledge(v->board)};
        record(x, e.vector);
        hvm_inject(&h->f.p, &e);
        waits = v->interrupt_line;
    }
    h->window = waits;
    hvm_state_out(h);
}
