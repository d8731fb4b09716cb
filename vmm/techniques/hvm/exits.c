/*
 * exits.c - where each exit goes.
 *
 *   exit code             hvm-shadow        hvm
 *   HLT, IOIO, MSR, CPUID     the interpreters' routines
 *   INTR                      the monitor's timer
 *   VINTR                     the window for an interrupt that waits
 *   SHUTDOWN                  a triple fault
 *   #PF                   paging.c          (the guest's own)
 *   task switches             the virtual processor
 *   CR3, CR4, CR0, INVLPG interpreters      (the guest's own)
 *   NPF                   -                 nested.c
 *   INVALID                   VMRUN refused: named, and the end
 */
#include "hvm.h"

/* An intercepted instruction, which the guest's ring allows. */
static void instruction(struct hvm *h, struct exit *x)
{
    /*@lab 6 instruction
     * An intercepted instruction, which the guest's ring allows: interpret().
     * If that is not for it, the reason is EXIT_exception, and the virtual
     * processor makes of it whatever it comes to: run_virtually().
     *@stub
     *  (void)h;
     *  (void)x;
     *  lab_todo("instruction");
     */
    if (!interpret(&h->f.p)) {
        x->r.reason = EXIT_exception;
        run_virtually(&h->f, x);
    }
    /*@end*/
}

/* hvm-shadow: #PF, perhaps of an event's delivery. */
static void shadow_fault(struct hvm *h, struct exit *x)
{
    x->event.has_error = true;
    x->r.has_error = true;
    if (vmcb_look(h->f.vm, VMCB_EXITINTINFO) & INJECT_VALID) {
        x->r.reason = EXIT_shadow_fill;
        x->r.disposition = DISPOSITION_injected;
        exit_note(x, "on the way to a handler: delivered by the monitor");
        hvm_deliver_now(h);
    } else {
        page_fault(&h->f, x);
    }
}

static void task(struct hvm *h, struct exit *x)
{
    /*@lab 6 task
     * A task switch: reason EXIT_task, disposition emulated. It is the virtual
     * processor's, from the beginning. If an event asked for it, delivering
     * that event does it (hvm_deliver_now); else the instruction does:
     * run_virtually().
     *@stub
     *  (void)h;
     *  (void)x;
     *  lab_todo("task");
     */
    x->r.reason = EXIT_task;
    x->r.disposition = DISPOSITION_emulated;
    if (!hvm_deliver_now(h)) {
        run_virtually(&h->f, x);
    }
    /*@end*/
}

static void shut_down(struct hvm *h, struct exit *x)
{
    /*@lab 6 shut_down
     * A triple fault: reason EXIT_triple, and vm_kill() with a sentence.
     *@stub
     *  (void)h;
     *  (void)x;
     *  lab_todo("shut_down");
     */
    x->r.reason = EXIT_triple;
    vm_kill(h->f.vm, "triple fault: it could not deliver a double fault");
    /*@end*/
}

/* VMRUN looks before it leaps; which field it was, it does not say. */
static void refused(struct hvm *h, struct exit *x)
{
    /*@lab 6 refused
     * VMRUN did not enter: reason EXIT_invalid, and vm_kill() with the name of
     * the field, which cpu_vmcb_invalid() tells. (It may have no name: with
     * PAE the four page-directory pointers are checked, too.)
     *@stub
     *  (void)h;
     *  (void)x;
     *  lab_todo("refused");
     */
    struct vm *v = h->f.vm;
    const char *why = cpu_vmcb_invalid(v->monitor->cpu, v->vmcb);
    x->r.reason = EXIT_invalid;
    vm_kill(v, "VMRUN refused its control block: %s",
            why ? why : "CR3: reserved bits are set in PAE pointers");
    /*@end*/
}

static void take(struct hvm *h, struct exit *x)
{
    /*@lab 6 take
     * By guest_mode_code(): #PF (VMEXIT_EXCP + VEC_PF) to shadow_fault(), NPF
     * to nested_page_fault(), task switches, shutdown and a refused control
     * block to the functions above. VINTR: the window is open, and the reason
     * EXIT_window is all there is to say. All other codes are instructions.
     *@stub
     *  (void)h;
     *  (void)x;
     *  (void)shadow_fault;
     *  (void)instruction;
     *  (void)task;
     *  (void)shut_down;
     *  (void)refused;
     *  lab_todo("take");
     */
    switch (guest_mode_code(h->f.vm)) {
    case VMEXIT_EXCP + VEC_PF:
        shadow_fault(h, x);
        break;
    case VMEXIT_NPF:
        nested_page_fault(h, x);
        break;
    case VMEXIT_VINTR:
        x->r.reason = EXIT_window;
        break;
    case VMEXIT_TASK_SWITCH:
        task(h, x);
        break;
    case VMEXIT_SHUTDOWN:
        shut_down(h, x);
        break;
    case (uint32_t)VMEXIT_INVALID:
        refused(h, x);
        break;
    default:
        instruction(h, x);
    }
    /*@end*/
}

void hvm_handle(struct vm *v, struct exit *x)
{
    /*@lab 6 hvm_handle
     * An exit. If the guest has run - the event is an EVENT_VMEXIT, or the VM
     * is running and not asleep - its state is in the control block:
     * hvm_state_in(), and what was to be injected has been (h->inject = 0).
     * Record the guest's ring in x->r.virtual_ring. EVENT_INTERRUPT: reason
     * and disposition are the monitor's. What it cut short is delivered again;
     * and who sleeps is woken if its interrupt line is up. Any other: take(),
     * and if the VM has not ended, hvm_state_out().
     *@stub
     *  (void)v;
     *  (void)x;
     *  (void)take;
     *  lab_todo("hvm_handle");
     */
    struct hvm *h = hvm_of(v);
    if (x->event.kind == EVENT_VMEXIT || v->state == VM_RUNNING) {
        hvm_state_in(h);
        h->inject = 0;
    }
    x->r.virtual_ring = h->f.p.cpu->cpl;
    if (x->event.kind == EVENT_INTERRUPT) {
        hvm_deliver_again(h);
        if (v->interrupt_line) {
            vm_wake(v);
        }
        return; /* reason and disposition are the monitor's */
    }
    take(h, x);
    if (!vm_ended(v)) {
        hvm_state_out(h);
    }
    /*@end*/
}
