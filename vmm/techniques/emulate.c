/*
 * emulate.c - the guest's processor is a program.
 *
 * Job:    every instruction of the guest's, kernel and user, is interpreted
 *         by the monitor (../interpreters/play.c). The machine's processor
 *         never runs one.
 *
 * It is what every other technique is measured against from the other side:
 * right on any processor, a foreign one even, and slow everywhere alike. It
 * has no exits to speak of, since the guest is never left alone: what there
 * is in the ledger are the turns that it gets beside other guests.
 *
 * Popek and Goldberg would not call it a virtual machine monitor: their
 * second property, efficiency, asks that innocuous instructions run with no
 * work of the monitor's at all.
 */
#include "../interpreters/virtual.h"

#include <stdio.h>

struct emulate {
    struct vp p; /* first: the operations get this address */
    mpa_t space; /* the directory the processor has meanwhile: the hole */
};

static struct emulate *emulate_of(struct vm *v)
{
    return v->own;
}

/* Nothing is kept that the guest's changes could make untrue: what its page
 * tables say is looked up by its own processor. */
static void forget_frames(struct vp *p)
{
    cpu_frames_remapped(p->cpu);
}

static const struct vp_ops operations = {.a20_changed = forget_frames};

/* -------------------------------------------------------- birth and death */

static bool make_space(struct emulate *e, struct vm *v)
{
    struct monitor *m = v->monitor;
    if (!frame_alloc(m, NULL, &e->space)) {
        return false;
    }
    uint32_t *pde = (uint32_t *)(void *)frame_bytes(m, e->space);
    pde[MONITOR_BASE >> 22] = world_pde(m);
    v->shadow_cr3 = e->space.v;
    return true;
}

static bool create(struct vm *v, const struct image *im, char *err,
                   size_t errsize)
{
    struct emulate *e = v->own = pool_take(v->monitor->pool, sizeof *e);
    if (!e || !vm_new_board(v) || !vp_init(&e->p, v, true, &operations) ||
        !make_space(e, v)) {
        snprintf(err, errsize, "%s: no memory for the virtual machine",
                 v->name);
        return false;
    }
    v->interpreted = true;
    return vp_boot(&e->p, im, err, errsize);
}

static void destroy(struct vm *v)
{
    struct emulate *e = emulate_of(v);
    if (e->space.v) {
        frame_free(v->monitor, e->space);
    }
    vp_free(&e->p);
    pool_give(v->monitor->pool, e);
    v->own = NULL;
}

/* --------------------------------------------------------------- running */

/* Its turn has come, or a device of its own wakes it. */
static void handle(struct vm *v, struct exit *x)
{
    x->r.virtual_ring = emulate_of(v)->p.cpu->cpl;
    vp_raise(&emulate_of(v)->p);
}

static void interpret_all(struct vm *v, uint64_t deadline, bool one_step)
{
    vp_play(&emulate_of(v)->p, deadline, one_step);
}

/* --------------------------------------------------------------- looking */

static void virtual_cpu(struct vm *v, struct virtual_cpu *out)
{
    virtual_cpu_of(emulate_of(v)->p.cpu, out);
}

static bool translate(struct vm *v, gva_t at, gpa_t *out)
{
    return vp_translate(&emulate_of(v)->p, at, out);
}

const struct technique technique_emulate = {
    .name = "emulate",
    .text = "every instruction of the guest is interpreted by the monitor in "
            "software: right on any processor, and slow",
    .kind = CPU_CLASSIC,
    .real_mode = true,
    .create = create,
    .destroy = destroy,
    .handle = handle,
    .interpret = interpret_all,
    .virtual_cpu = virtual_cpu,
    .translate = translate,
};
