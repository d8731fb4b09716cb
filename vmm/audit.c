/*
 * audit.c - resource control, checked and not believed (DESIGN 7.3).
 *
 * Job:    look at everything the processor can walk from a VM's CR3, and at
 *         the books, and say what is wrong with them.
 * Parts:  page tables; all of it. The processor itself: audit_world.c.
 *
 * A guest in ring 1 is a supervisor to the paging unit, so no bit of an
 * entry keeps it out: each entry outside the hole must lead to a frame of
 * its own, or to one that is shared, and then not writable.
 */
#include "world.h"

#include <stdio.h>

#define ENTRIES 1024u
#define HOLE_SLOT (MONITOR_BASE >> 22)
#define AD (PTE_A | PTE_D)

static bool wrong(const struct vm *v, uint32_t linear, uint32_t entry,
                  const char *what, char *err, size_t errsize)
{
    snprintf(err, errsize, "%s: at linear %08x the entry %08x %s", v->name,
             linear, entry, what);
    return false;
}

static const uint32_t *entries_at(struct monitor *m, uint32_t frame)
{
    return (const uint32_t *)(const void *)frame_bytes(m, (mpa_t){frame});
}

/* A present entry that maps a page; `writable` by directory and table. */
static bool leaf_ok(struct vm *v, uint32_t linear, uint32_t pte, bool writable,
                    char *err, size_t errsize)
{
    const struct frame_info *f = frame_info(v->monitor, (mpa_t){pte});
    if (!f) {
        return wrong(v, linear, pte, "leads out of memory", err, errsize);
    }
    if (f->kind == FRAME_SHARED) {
        return !writable || wrong(v, linear, pte,
                                  "lets it write a shared frame", err, errsize);
    }
    return (f->kind == FRAME_GUEST && f->owner == v) ||
           wrong(v, linear, pte, "leads to a frame that it does not own", err,
                 errsize);
}

static bool table_ok(struct vm *v, uint32_t slot, uint32_t pde, char *err,
                     size_t errsize)
{
    const struct frame_info *f = frame_info(v->monitor, (mpa_t){pde});
    if (!f || f->kind == FRAME_FREE ||
        (f->kind == FRAME_GUEST && f->owner != v)) {
        return wrong(v, slot << 22, pde, "is no page table of its", err,
                     errsize);
    }
    const uint32_t *pte = entries_at(v->monitor, pde);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        if ((pte[i] & PTE_P) &&
            !leaf_ok(v, slot << 22 | i << PAGE_SHIFT, pte[i],
                     pde & pte[i] & PTE_W, err, errsize)) {
            return false;
        }
    }
    return true;
}

static bool tables_ok(struct vm *v, char *err, size_t errsize)
{
    struct monitor *m = v->monitor;
    const uint32_t *pde = entries_at(m, v->shadow_cr3);
    if (!pde) {
        return wrong(v, 0, v->shadow_cr3, "is its CR3: out of memory", err,
                     errsize);
    }
    uint32_t slots = v->vmcb.v ? ENTRIES : HOLE_SLOT;
    if (!v->vmcb.v && ((pde[HOLE_SLOT] ^ world_pde(m)) & ~AD) != 0) {
        return wrong(v, MONITOR_BASE, pde[HOLE_SLOT],
                     "is not the monitor's world", err, errsize);
    }
    for (uint32_t slot = 0; slot < slots; slot++) {
        if ((pde[slot] & PTE_P) &&
            !table_ok(v, slot, pde[slot], err, errsize)) {
            return false;
        }
    }
    return true;
}

/* What the processor can walk from v's CR3, and the processor itself. */
bool walk_audit(struct vm *v, char *err, size_t errsize)
{
    if (v->technique->run) {
        return true;
    }
    return world_audit(v->monitor, err, errsize) &&
           (vm_ended(v) || tables_ok(v, err, errsize));
}

bool vm_audit(struct vm *v, char *err, size_t errsize)
{
    if (vm_ended(v) || v->technique->run) {
        return true;
    }
    return tables_ok(v, err, errsize) &&
           (!v->technique->audit || v->technique->audit(v, err, errsize));
}

bool monitor_audit(struct monitor *m, char *err, size_t errsize)
{
    if (!books_audit(m, err, errsize) ||
        (m->world && !world_audit(m, err, errsize))) {
        return false;
    }
    for (size_t i = 0; i < m->vm_count; i++) {
        if (!vm_audit(m->vms[i], err, errsize)) {
            return false;
        }
    }
    return true;
}
