/*
 * nested.c - hvm's memory: the nested page tables.
 *
 * Job:    map guest physical addresses to the frames that the allocator has
 *         given the guest. The guest's own page tables are used as they are,
 *         by the processor, and the monitor never looks at them.
 *
 * Beside full/paging.c: no page of the guest's is traced, no address space is
 * switched, no A or D is carried over, no fault is told apart from another.
 *
 *     nested directory   1024 entries  } of guest physical addresses,
 *     nested table       1024 entries  } which no guest can change
 *
 * Simplified: pages of 4 KiB only, mapped one at a time when they are first
 * used; where no memory is, the access is done by the virtual processor.
 */
#include "hvm.h"

#define NESTED_RIGHTS (PTE_P | PTE_W | PTE_U)

static uint32_t *entries(struct hvm *h, mpa_t table)
{
    return (uint32_t *)(void *)frame_bytes(h->f.vm->monitor, table);
}

/* ---------------------------------------------------------------- filling */

/* The nested table for `at`, made if need be. NULL: no memory; killed. */
static uint32_t *table_for(struct hvm *h, gpa_t at)
{
    struct vm *v = h->f.vm;
    uint32_t *slot = &entries(h, h->root)[at.v >> 22];
    mpa_t table = {*slot & ~PAGE_MASK};
    if (!(*slot & PTE_P)) {
        if (!frame_alloc(v->monitor, NULL, &table)) {
            vm_kill(v, "no memory for nested page tables: give the machine "
                       "more");
            return NULL;
        }
        *slot = table.v | NESTED_RIGHTS;
        charge_exit(v, PHASE_memory, PRICE_vmm_shadow_page, 1);
        charge_exit(v, PHASE_memory, PRICE_vmm_shadow_write, 1);
    }
    return entries(h, table);
}

static bool fill(struct hvm *h, gpa_t at)
{
    mpa_t frame;
    if (!vp_memory(&h->f.p, at, &frame)) {
        return false;
    }
    uint32_t *table = table_for(h, at);
    if (table) {
        table[at.v >> PAGE_SHIFT & (ENTRIES - 1)] =
            (frame.v & ~PAGE_MASK) | NESTED_RIGHTS;
        charge_exit(h->f.vm, PHASE_memory, PRICE_vmm_shadow_write, 1);
    }
    return true;
}

/* -------------------------------------------------------------- the fault */

void nested_page_fault(struct hvm *h, struct exit *x)
{
    struct vm *v = h->f.vm;
    gpa_t at = {vmcb_look(v, VMCB_EXITINFO2)};
    bool table = vmcb_look(v, VMCB_EXITINFO1 + 4) & NPF_TABLE;
    x->r.reason = EXIT_nested_fill;
    x->r.disposition = DISPOSITION_nested_fill;
    x->r.address = at.v;
    if (fill(h, at)) {
        exit_note(x, "guest physical %08x%s", at.v,
                  table ? ", one of its page tables" : "");
        hvm_deliver_again(h);
        return;
    }
    x->r.reason = EXIT_mmio;
    x->r.disposition = DISPOSITION_emulated;
    exit_note(x, "guest physical %08x is no memory", at.v);
    if (!hvm_deliver_now(h)) {
        run_virtually(&h->f, x);
    }
}

/* ------------------------------------------------------------------- life */

static void drop_all(struct hvm *h)
{
    uint32_t *root = entries(h, h->root);
    for (unsigned i = 0; i < ENTRIES; i++) {
        if (root[i] & PTE_P) {
            frame_free(h->f.vm->monitor, (mpa_t){root[i]});
            root[i] = 0;
        }
    }
}

void nested_a20(struct hvm *h)
{
    drop_all(h);
    vm_flush_tlb(h->f.vm);
}

bool nested_init(struct hvm *h)
{
    struct vm *v = h->f.vm;
    if (!frame_alloc(v->monitor, NULL, &h->root)) {
        return false;
    }
    v->shadow_cr3 = h->root.v;
    vmcb_set(v, VMCB_N_CR3, h->root.v);
    vmcb_set(v, VMCB_NP_ENABLE, 1);
    return true;
}

void nested_free_all(struct hvm *h)
{
    if (h->root.v) {
        drop_all(h);
        frame_free(h->f.vm->monitor, h->root);
    }
}
