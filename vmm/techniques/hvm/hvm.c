/*
 * hvm.c - hardware assist: guest mode, with shadow or nested page tables.
 *
 * Job:    the two techniques' tables of functions; a VM's birth and death;
 *         where each exit goes.
 *
 * The guest's kernel is in ring 0, of guest mode. Its descriptor tables, its
 * rings, its system calls, its interrupt flag are its own, and cost nothing.
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
 */
#include "hvm.h"

#include <stdio.h>

/* --------------------------------------------------------- where exits go */

/* An intercepted instruction, which the guest's ring allows. */
static void instruction(struct hvm *h, struct exit *x)
{
    if (!interpret(&h->f.p)) {
        x->r.reason = EXIT_exception;
        run_virtually(&h->f, x);
    }
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
    x->r.reason = EXIT_task;
    x->r.disposition = DISPOSITION_emulated;
    if (!hvm_deliver_now(h)) {
        run_virtually(&h->f, x);
    }
}

static void shut_down(struct hvm *h, struct exit *x)
{
    x->r.reason = EXIT_triple;
    vm_kill(h->f.vm, "triple fault: it could not deliver a double fault");
}

static void take(struct hvm *h, struct exit *x)
{
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
    default:
        instruction(h, x);
    }
}

static void handle(struct vm *v, struct exit *x)
{
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
}

/* ------------------------------------------- what interpreters tell of it */

static void nothing_changed(struct vp *p)
{
    (void)p;
}

static void shadow_space_changed(struct vp *p)
{
    paging_switch(full_of_vp(p));
}

static void shadow_invalidated(struct vp *p, gva_t at)
{
    paging_invalidate(full_of_vp(p), at);
}

static void shadow_a20_changed(struct vp *p)
{
    paging_a20(full_of_vp(p));
}

static void shadow_written(struct vp *p, gpa_t at, unsigned size, uint32_t old)
{
    paging_written(full_of_vp(p), at, size, old);
}

static const struct vp_ops shadow_operations = {
    .space_changed = shadow_space_changed,
    .invalidated = shadow_invalidated,
    .gdt_changed = nothing_changed,
    .a20_changed = shadow_a20_changed,
    .written = shadow_written,
    .inject = hvm_inject};

/* The guest's own page tables are in use, whoever changes them: only the
 * processor's TLB has to hear of it. */
static void nested_space_changed(struct vp *p)
{
    vm_flush_tlb(p->vm);
}

static void nested_invalidated(struct vp *p, gva_t at)
{
    vm_flush_page(p->vm, at);
}

static void nested_a20_changed(struct vp *p)
{
    nested_a20(hvm_of_vp(p));
}

static void nested_written(struct vp *p, gpa_t at, unsigned size, uint32_t old)
{
    (void)p;
    (void)at;
    (void)size;
    (void)old;
}

static const struct vp_ops nested_operations = {
    .space_changed = nested_space_changed,
    .invalidated = nested_invalidated,
    .gdt_changed = nothing_changed,
    .a20_changed = nested_a20_changed,
    .written = nested_written,
    .inject = hvm_inject};

/* -------------------------------------------------------- birth and death */

static bool no_memory(const struct vm *v, char *err, size_t errsize)
{
    snprintf(err, errsize, "%s: no memory for the virtual machine", v->name);
    return false;
}

/* The processor has guest mode, and v its control block? */
static bool guest_mode(struct vm *v, char *err, size_t errsize)
{
    if (v->monitor->cpu->kind != CPU_VT) {
        snprintf(err, errsize,
                 "%s: %s needs a processor with guest mode: use --cpu vt",
                 v->name, v->technique->name);
        return false;
    }
    return guest_mode_new(v) || no_memory(v, err, errsize);
}

static bool shadow_create(struct vm *v, const struct image *im, char *err,
                          size_t errsize)
{
    static const struct full_config config = {.size = sizeof(struct hvm),
                                              .ops = &shadow_operations};
    if (!guest_mode(v, err, errsize) ||
        !full_build(v, &config, im, err, errsize)) {
        return false;
    }
    hvm_state_new(hvm_of(v));
    hvm_state_out(hvm_of(v));
    return true;
}

static bool nested_create(struct vm *v, const struct image *im, char *err,
                          size_t errsize)
{
    if (!guest_mode(v, err, errsize)) {
        return false;
    }
    struct hvm *h = v->own = pool_take(v->monitor->pool, sizeof *h);
    if (!h || !vm_new_board(v) ||
        !vp_init(&h->f.p, v, false, &nested_operations)) {
        return no_memory(v, err, errsize);
    }
    h->f.vm = v;
    h->nested = true;
    if (!nested_init(h)) {
        return no_memory(v, err, errsize);
    }
    if (!vp_boot(&h->f.p, im, err, errsize)) {
        return false;
    }
    hvm_state_new(h);
    hvm_state_out(h);
    return true;
}

static void shadow_destroy(struct vm *v)
{
    full_destroy(v);
    guest_mode_free(v);
}

static void nested_destroy(struct vm *v)
{
    struct hvm *h = hvm_of(v);
    nested_free_all(h);
    vp_free(&h->f.p);
    guest_mode_free(v);
    pool_give(v->monitor->pool, h);
    v->own = NULL;
}

/* ------------------------------------------------------------- the tables */

const struct technique technique_hvm_shadow = {
    .name = "hvm-shadow",
    .text = "the guest's kernel is unmodified and in ring 0 of the processor's "
            "guest mode, which exits for what the monitor must see; shadow "
            "page tables",
    .kind = CPU_VT,
    .real_mode = true,
    .own_descriptors = true,
    .create = shadow_create,
    .destroy = shadow_destroy,
    .handle = handle,
    .enter = hvm_enter,
    .deliver = hvm_deliver,
    .virtual_cpu = hvm_virtual_cpu,
    .translate = hvm_translate,
    .audit = full_audit,
};

const struct technique technique_hvm = {
    .name = "hvm",
    .text = "the guest's kernel is unmodified and in ring 0 of the processor's "
            "guest mode, with page tables of its own; nested page tables say "
            "where its memory is",
    .kind = CPU_VT,
    .real_mode = true,
    .own_descriptors = true,
    .create = nested_create,
    .destroy = nested_destroy,
    .handle = handle,
    .enter = hvm_enter,
    .deliver = hvm_deliver,
    .virtual_cpu = hvm_virtual_cpu,
    .translate = hvm_translate,
};
