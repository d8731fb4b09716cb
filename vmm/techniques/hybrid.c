/*
 * hybrid.c - kernel code interpreted, user code direct.
 *
 * Job:    Popek and Goldberg's third theorem. While the guest is in its
 *         virtual ring 0, the monitor interprets it; in ring 3 it runs on
 *         the real processor, on the full technique's shadow page tables.
 *
 * What it needs is less than trap and emulate does: only that *user* code
 * has no sensitive instruction that fails to trap, since kernel code is never
 * left alone. On `classic` that mends CLI, POPF and their like, which lie
 * only about what a kernel does; it does not mend SGDT, SIDT, SLDT, STR and
 * SMSW in ring 3, which show a program the monitor's tables. IA-32 is not
 * even hybrid virtualizable, and `ringside theorem` names the witnesses.
 *
 * The way out of the guest's ring 3 is an exit like any other; the way back
 * is none: the interpreter meets the IRET, and enters.
 */
#include "full/full.h"

/* What an address space is known by: another of these, and it is another. */
struct space {
    uint32_t cr0, cr3, cr4;
};

struct hybrid {
    struct full full; /* first: the technique's functions get this address */
    struct space entered; /* the guest's, when its user code was last entered */
};

static bool create(struct vm *v, const struct image *im, char *err,
                   size_t errsize)
{
    static const struct full_config plays = {
        .size = sizeof(struct hybrid), .plays = true, .ops = &full_operations};
    v->interpreted = true; /* it begins as a kernel */
    return full_build(v, &plays, im, err, errsize);
}

/* Is there no kernel work left: not even an interrupt to take? A virtual-8086
 * program is played as a kernel is: its segments have no descriptors. */
static bool in_user_code(const struct full *f)
{
    const struct cpu *c = f->p.cpu;
    return c->cpl == 3 && cpu_mode(c->cr0, c->eflags) == MODE_PROTECTED &&
           !(f->vm->interrupt_line && (c->eflags & FL_IF));
}

/*
 * The shadow page tables are needed for user code alone: what the kernel made
 * of its address space is looked at on the way there, once, however often the
 * monitor came by while it was played.
 */
static void switch_space(struct full *f)
{
    struct hybrid *h = (struct hybrid *)f;
    const struct cpu *c = f->p.cpu;
    struct space now = {.cr0 = c->cr0, .cr3 = c->cr3, .cr4 = c->cr4};
    if (now.cr0 != h->entered.cr0 || now.cr3 != h->entered.cr3 ||
        now.cr4 != h->entered.cr4) {
        paging_switch(f);
        h->entered = now;
    }
}

/*
 * Who runs the guest on from here? The kernel that was played may have
 * flushed its TLB where nobody saw: what the real one has of entries that
 * changed goes now.
 */
static void go_on(struct full *f)
{
    f->vm->interpreted = !in_user_code(f);
    if (!f->vm->interpreted && !vm_ended(f->vm)) {
        switch_space(f);
        f->sh.flush |= f->sh.stale;
        f->sh.stale = false;
        state_out(f);
    }
}

static void handle(struct vm *v, struct exit *x)
{
    struct full *f = full_of(v);
    if (!v->interpreted) {
        full_take(f, x);
        go_on(f);
    } else {
        vp_raise(&f->p);
    }
}

/* The VM becomes current. */
static void enter(struct vm *v)
{
    struct full *f = full_of(v);
    segments_enter(f);
    if (!v->interpreted) {
        state_out(f);
    }
}

/* While it is played, its processor takes interrupts by itself. */
static void deliver(struct vm *v, struct exit *x)
{
    struct full *f = full_of(v);
    if (!v->interpreted && full_inject(f, x)) {
        go_on(f);
    }
}

/* ------------------------------------------------------------ the kernel */

static void play_kernel(struct vm *v, uint64_t deadline, bool one_step)
{
    struct full *f = full_of(v);
    f->p.cpu->stop_in_user = true;
    vp_play(&f->p, deadline, one_step);
    f->p.cpu->stop_in_user = false;
    if (v->state == VM_RUNNING) {
        go_on(f);
    }
}

/* --------------------------------------------------------------- looking */

static void virtual_cpu(struct vm *v, struct virtual_cpu *out)
{
    if (v->interpreted) {
        virtual_cpu_of(full_of(v)->p.cpu, out);
    } else {
        full_virtual_cpu(v, out);
    }
}

const struct technique technique_hybrid = {
    .name = "hybrid",
    .text = "the guest's kernel is unmodified and interpreted by the monitor; "
            "its programs run directly in ring 3; shadow page tables",
    .kind = CPU_CLASSIC,
    .real_mode = true,
    .create = create,
    .destroy = full_destroy,
    .handle = handle,
    .enter = enter,
    .deliver = deliver,
    .interpret = play_kernel,
    .virtual_cpu = virtual_cpu,
    .translate = full_translate,
    .audit = full_audit,
};
