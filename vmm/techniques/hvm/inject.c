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

/*@hide 6*/
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
/*@end*/

void hvm_inject(struct vp *p, const struct event *e)
{
    /*@lab 6 hvm_inject
     * Have the next VMRUN deliver `e`: make h->inject of it (INJECT_VALID, the
     * type, the vector, INJECT_ERROR) and h->inject_error, which
     * hvm_state_out() puts into EVENTINJ. VMRUN does not set CR2: a #PF's
     * address goes to p->cpu->cr2. The guest is awake now (p->cpu->halted),
     * and this is its last_event. It is charged: PHASE_inject,
     * PRICE_vmm_inject.
     *@stub
     *  (void)p;
     *  (void)e;
     *  lab_todo("hvm_inject");
     */
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
    /*@end*/
}

/* ---------------------------------------- an event that an exit cut short */

/* INT n, INT3 and INTO: with RIP still on them, they come again by themselves.
 * Put in by EVENTINJ they would return to themselves (15.20). */
static bool is_instruction(uint32_t what)
{
    /*@lab 6 is_instruction
     * EXITINTINFO says `what`. Was it an instruction of the guest's that asked
     * for the event: INT n (INJECT_SOFTWARE), INT3 or INTO (exceptions 3 and
     * 4)?
     *@stub
     *  (void)what;
     *  lab_todo("is_instruction");
     */
    uint32_t type = what & INJECT_TYPE, vector = what & 0xff;
    return type == INJECT_SOFTWARE ||
           (type == INJECT_EXCEPTION && (vector == VEC_BP || vector == VEC_OF));
    /*@end*/
}

void hvm_deliver_again(struct hvm *h)
{
    /*@lab 6 hvm_deliver_again
     * If EXITINTINFO is valid, the exit cut an event's delivery short: the
     * next VMRUN is to deliver it, error code and all, as if nothing had been.
     * But not an instruction's: RIP still points at it, and it comes again by
     * itself.
     *@stub
     *  (void)h;
     *  (void)is_instruction;
     *  lab_todo("hvm_deliver_again");
     */
    uint32_t what = vmcb_look(h->f.vm, VMCB_EXITINTINFO);
    if ((what & INJECT_VALID) && !is_instruction(what)) {
        h->inject = what;
        h->inject_error = vmcb_look(h->f.vm, VMCB_EXITINTINFO + 4);
    }
    /*@end*/
}

/*@hide 6*/
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
/*@end*/

bool hvm_deliver_now(struct hvm *h)
{
    /*@lab 6 hvm_deliver_now
     * The same, but the virtual processor delivers it, here and now: an
     * instruction's with run_virtually(&h->f, &h->f.vm->exit), any other with
     * vp_deliver_now(), of which you make a struct event first: kind (a fault;
     * a trap for vectors 1, 3 and 4; a software interrupt; an interrupt),
     * vector, error code, and CR2. False: EXITINTINFO was not valid, and
     * nothing was done.
     *@stub
     *  (void)h;
     *  lab_todo("hvm_deliver_now");
     */
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
    /*@end*/
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
    /*@lab 6 hvm_deliver
     * Before an entry. If the VM's interrupt line is up, it has not ended, the
     * guest can take an interrupt (vp_open) and nothing else is being
     * injected: acknowledge it at the board, which tells the vector, record()
     * it, and hvm_inject() an EVENT_INTERRUPT. If the line is still up, or the
     * guest could not take it, h->window is to be set; else clear. Then
     * hvm_state_out().
     *@stub
     *  (void)v;
     *  (void)x;
     *  (void)record;
     *  lab_todo("hvm_deliver");
     */
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
    /*@end*/
}
