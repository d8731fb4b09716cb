/*
 * hvm.c - hardware assist: guest mode, with shadow or nested page tables.
 *
 * Job:    the two techniques' tables of functions; a VM's birth and death.
 *         Where each exit goes is in exits.c.
 *
 * The guest's kernel is in ring 0, of guest mode. Its descriptor tables, its
 * rings, its system calls, its interrupt flag are its own, and cost nothing.
 */
#include "hvm.h"

#include <stdio.h>

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
    hvm_intercept_always(hvm_of(v));
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
    hvm_intercept_always(h);
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
    .handle = hvm_handle,
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
    .handle = hvm_handle,
    .enter = hvm_enter,
    .deliver = hvm_deliver,
    .virtual_cpu = hvm_virtual_cpu,
    .translate = hvm_translate,
    .walk_2d = hvm_walk_2d,
};
