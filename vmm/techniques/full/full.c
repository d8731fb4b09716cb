/*
 * full.c - the full technique: trap and emulate, an unmodified guest.
 *
 * Job:    the table of functions, a VM's birth and death, and where each
 *         trap goes.
 *
 * A trap arrives with the real processor's vector:
 *
 *   #PF                    hidden, traced or the guest's own: paging.c
 *   #GP #SS #NP #TS        an instruction that may not run in ring 1 or 3:
 *                          its interpreter does it. If it is innocuous, it
 *                          reached for the monitor's hole, or the fault is
 *                          the guest's own: the virtual processor knows
 *   #NM                    its x87 registers are not in the processor:
 *                          ../../fpu.c; or its own CR0.TS or EM
 *   #DE #DB #UD #BR #MF    the guest's own: into its handler
 *   the monitor's timer    the VM's devices have been brought up to date
 *
 * On `virtualizable` every sensitive instruction traps, and the guest cannot
 * tell this from a machine of its own. On `classic` the same code runs, and
 * is wrong where a critical instruction does not trap: that is the lesson.
 */
#include "full.h"
#include "../../image.h"

#include <stdio.h>

/* --------------------------------------------------------- where traps go */

void run_virtually(struct full *f, struct exit *x)
{
    vp_decode(&f->p, &x->r.insn);
    if (!vp_step(&f->p)) {
        vp_reflected(&f->p);
    }
}

/* The fault was raised for want of a shadow descriptor: on `classic` alone,
 * since on `virtualizable` a load traps before it looks. */
static bool missed_descriptor(const struct full *f, const struct exit *x)
{
    return !f->vm->monitor->cpu->trap_sensitive && x->event.error != 0 &&
           (x->r.reason == EXIT_segment || x->r.reason == EXIT_far ||
            x->r.reason == EXIT_iret);
}

/* #GP and its like: somebody did what its real ring or segments forbid. */
static void protection(struct full *f, struct exit *x)
{
    if (interpret(&f->p)) {
        if (missed_descriptor(f, x)) {
            x->r.reason = EXIT_descriptor;
        }
        return;
    }
    x->r.reason = EXIT_limit;
    x->r.disposition = DISPOSITION_emulated;
    if (vp_step(&f->p)) {
        exit_note(x, "done on the guest's own segments and memory");
    } else {
        vp_reflected(&f->p);
    }
}

static void reflect(struct full *f, struct exit *x)
{
    struct event e = x->event;
    x->r.reason = EXIT_exception;
    if (e.vector == VEC_DB && debug_in(f) == 0 && e.kind == EVENT_TRAP) {
        f->p.cpu->eip = e.eip; /* INT1: it has its own way to fail */
        vp_step(&f->p);
    } else {
        vp_deliver(&f->p, &e);
    }
    vp_reflected(&f->p);
}

static void trap(struct full *f, struct exit *x)
{
    switch (x->event.vector) {
    case VEC_PF:
        page_fault(f, x);
        break;
    case VEC_NM:
        if (!fpu_wanted(f->vm, f->p.cpu->cr0)) {
            reflect(f, x);
        }
        break;
    case VEC_TS:
    case VEC_NP:
    case VEC_SS:
    case VEC_GP:
        protection(f, x);
        break;
    default:
        reflect(f, x);
        break;
    }
}

/* What the exit comes to, all but making the real processor's state of it. */
void full_take(struct full *f, struct exit *x)
{
    state_in(f);
    x->r.virtual_ring = f->p.cpu->cpl;
    if (x->event.kind == EVENT_INTERRUPT) {
        vp_raise(&f->p);
        return; /* reason and disposition are the monitor's */
    }
    if (x->entering) {
        protection(f, x); /* IRET was refused: the hole, again */
    } else {
        trap(f, x);
    }
}

static void full_handle(struct vm *v, struct exit *x)
{
    full_take(full_of(v), x);
    if (!vm_ended(v) && x->event.kind != EVENT_INTERRUPT) {
        state_out(full_of(v));
    }
}

static void full_enter(struct vm *v)
{
    struct full *f = full_of(v);
    segments_enter(f);
    state_out(f);
}

/* ------------------------------------------- what interpreters tell of it */

static void space_changed(struct vp *p)
{
    paging_switch(full_of_vp(p));
}

static void invalidated(struct vp *p, gva_t at)
{
    paging_invalidate(full_of_vp(p), at);
}

static void gdt_changed(struct vp *p)
{
    segments_forget(full_of_vp(p));
}

static void a20_changed(struct vp *p)
{
    paging_a20(full_of_vp(p));
}

static void written(struct vp *p, gpa_t at, unsigned size, uint32_t old)
{
    paging_written(full_of_vp(p), at, size, old);
}

const struct vp_ops full_operations = {.space_changed = space_changed,
                                       .invalidated = invalidated,
                                       .gdt_changed = gdt_changed,
                                       .a20_changed = a20_changed,
                                       .written = written};

/* -------------------------------------------------------- birth and death */

static bool lives(const struct vm *v, char *err, size_t errsize)
{
    if (vm_ended(v)) {
        snprintf(err, errsize, "%s: %s", v->name, v->why);
        return false;
    }
    return true;
}

static bool boot(struct full *f, const struct image *im, char *err,
                 size_t errsize)
{
    struct vm *v = f->vm;
    if (!vp_boot(&f->p, im, err, errsize)) {
        return false;
    }
    paging_switch(f);
    return lives(v, err, errsize);
}

bool full_build(struct vm *v, const struct full_config *cfg,
                const struct image *im, char *err, size_t errsize)
{
    struct full *f = v->own = pool_take(v->monitor->pool, cfg->size);
    if (!f || !vm_new_board(v) || !vp_init(&f->p, v, cfg->plays, cfg->ops)) {
        snprintf(err, errsize, "%s: no memory for the virtual machine",
                 v->name);
        return false;
    }
    f->vm = v;
    f->p.cpu->hidden_features = FEATURE_PAE; /* shadows have two levels */
    if (!shadow_init(f)) {
        snprintf(err, errsize, "%s: no memory for shadow page tables", v->name);
        return false;
    }
    return boot(f, im, err, errsize);
}

static bool full_create(struct vm *v, const struct image *im, char *err,
                        size_t errsize)
{
    static const struct full_config plain = {.size = sizeof(struct full),
                                             .ops = &full_operations};
    if (!full_build(v, &plain, im, err, errsize)) {
        return false;
    }
    state_out(full_of(v));
    return lives(v, err, errsize);
}

void full_destroy(struct vm *v)
{
    struct full *f = full_of(v);
    shadow_free_all(f);
    for (unsigned page = 0; page < WORLD_GDT_PAGES; page++) {
        if (f->gdt[page].v) {
            frame_free(v->monitor, f->gdt[page]);
        }
    }
    vp_free(&f->p);
    pool_give(v->monitor->pool, f);
    v->own = NULL;
}

const struct technique technique_full = {
    .name = "full",
    .text = "the guest's kernel is unmodified and runs in ring 1: every "
            "sensitive instruction traps, and is emulated; shadow page tables",
    .kind = CPU_VIRTUALIZABLE,
    .create = full_create,
    .destroy = full_destroy,
    .handle = full_handle,
    .enter = full_enter,
    .deliver = full_deliver,
    .virtual_cpu = full_virtual_cpu,
    .translate = full_translate,
    .audit = full_audit,
};
