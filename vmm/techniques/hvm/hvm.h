/*
 * hvm.h - inside the two techniques of hardware assist: an unmodified guest
 * in guest mode, its kernel in its own ring 0.
 *
 *   hvm.c          the techniques' tables; a VM's birth and death
 *   intercepts.c   what ends guest mode
 *   exits.c        from an exit code to who handles it
 *   state.c        between the control block and the virtual processor
 *   inject.c       interrupts: EVENTINJ and the window
 *   nested.c       hvm's memory: nested page tables, filled from the allocator
 *
 * hvm-shadow's memory is ../full's shadow.c and paging.c: the same shadows, in
 * which nothing is the monitor's. nested.c has paging.c's names where it does
 * the same thing, so that a diff shows how little is left to do.
 *
 * The instructions themselves are in ../../interpreters, as ever: what exits
 * is done on the virtual processor.
 */
#ifndef RINGSIDE_VMM_HVM_H
#define RINGSIDE_VMM_HVM_H

#include "../full/full.h"

struct hvm {
    struct full f;   /* first: the virtual processor, and hvm-shadow's tables */
    bool nested;     /* which of the two techniques */
    mpa_t root;      /* the nested page directory */
    uint32_t inject; /* EVENTINJ for the next entry */
    uint32_t inject_error;
    bool window; /* exit when the guest can take an interrupt */
};
static inline struct hvm *hvm_of(struct vm *v)
{
    return v->own;
}
static inline struct hvm *hvm_of_vp(struct vp *p)
{
    return (struct hvm *)(void *)p;
}

/* --------------------------------------------------------------- state.c */

/* At an exit: the control block becomes virtual state; and back. */
void hvm_state_in(struct hvm *h);
void hvm_state_out(struct hvm *h);
/* The VM becomes current. */
void hvm_enter(struct vm *v);
void hvm_virtual_cpu(struct vm *v, struct virtual_cpu *out);
bool hvm_translate(struct vm *v, gva_t at, gpa_t *out);
bool hvm_walk_2d(struct vm *v, gva_t at, struct walk_2d *out);

/* ---------------------------------------------------------- intercepts.c */

/* What is intercepted whatever happens: once. And what is for the next entry:
 * the control block's CR0 is what the processor will have. */
void hvm_intercept_always(struct hvm *h);
void hvm_intercept(struct hvm *h);

/* --------------------------------------------------------------- exits.c */

void hvm_handle(struct vm *v, struct exit *x);

/* -------------------------------------------------------------- nested.c */

bool nested_init(struct hvm *h);
void nested_free_all(struct hvm *h);
/* A nested page fault arrived. */
void nested_page_fault(struct hvm *h, struct exit *x);
/* Walk both dimensions for `at`, by the virtual processor's CR0, CR3 and CR4
 * (not PAE's), reading memory alone. */
void nested_walk(struct hvm *h, gva_t at, struct walk_2d *w);
/* The A20 gate moved: every guest physical address may be another. */
void nested_a20(struct hvm *h);

/* -------------------------------------------------------------- inject.c */

/* Have VMRUN deliver an event: vp_ops.inject. */
void hvm_inject(struct vp *p, const struct event *e);
/* Deliver what EXITINTINFO says was cut short: again by VMRUN, or at once by
 * the virtual processor. */
void hvm_deliver_again(struct hvm *h);
bool hvm_deliver_now(struct hvm *h);
void hvm_deliver(struct vm *v, struct exit *x);

#endif
