/*
 * types.c - what each frame is in use as, counted: Xen's page types.
 *
 * Job:    keep every page-table entry that the processor can walk harmless,
 *         though the guest writes the tables' contents by itself before it
 *         declares them tables.
 * Parts:  frames and their two counts; entries of page tables and page
 *         directories; validating a whole table; replacing one entry.
 *
 * A frame has one type at a time while its type count is not 0. To be
 * mapped writable is a type, to be a page table another; so no table is
 * writable, by construction. The first use as a table validates it: each
 * entry takes a reference to what it maps, and a directory so validates its
 * page tables. The last use gone, those references go too.
 *
 *   type          what holds a reference of that type
 *   WRITABLE      each present, writable entry that maps the frame; the
 *                 monitor, of the pages that it writes to itself
 *   L1            each directory entry that points to it; a pin
 *   L2            CR3; a pin
 *   DESCRIPTORS   the GDT's list; each LDT page in use
 *
 * Simplified: a directory may not stand in for a page table (Xen's linear
 * page tables), and there is one processor, so nothing is locked.
 */
#include "para.h"

#include <assert.h>

static bool table_get(struct para *p, struct frame_info *f, mpa_t at, int *why);
static void table_put(struct para *p, struct frame_info *f, mpa_t at);

struct frame_info *guest_frame(struct para *p, mpa_t at)
{
    struct frame_info *f = frame_info(p->vm->monitor, at);
    return f && f->kind == FRAME_GUEST && f->owner == p->vm ? f : NULL;
}

/*
 * The frame stops being writable. If the guest has not flushed the TLB
 * since the last writable mapping went, the processor may still hold one.
 */
static void forget_writable(struct para *p, const struct frame_info *f)
{
    if (f->type == FRAME_WRITABLE && f->flush_stamp == p->flushes)
        flush_all(p);
}

int type_get(struct para *p, mpa_t at, enum frame_type t)
{
    struct frame_info *f = guest_frame(p, at);
    if (!f)
        return -XEN_EPERM;
    if (f->type_count != 0 && f->type != t)
        return -XEN_EBUSY;
    if (f->type_count == 0 && f->type != t) {
        forget_writable(p, f);
        f->type = t;
    }
    f->type_count++;
    f->refs++;
    if (f->validated || t == FRAME_WRITABLE)
        return 0;
    int why = 0;
    if (table_get(p, f, at, &why)) {
        f->validated = true;
        return 0;
    }
    f->type_count--;
    f->refs--;
    f->type = FRAME_UNTYPED;
    return why;
}

void type_put(struct para *p, mpa_t at)
{
    struct frame_info *f = guest_frame(p, at);
    assert(f && f->type_count > 0 && f->refs > 0);
    f->refs--;
    if (--f->type_count != 0)
        return;
    if (f->type == FRAME_WRITABLE) {
        f->flush_stamp = p->flushes;
        return;
    }
    f->validated = false;
    table_put(p, f, at);
}

/* --------------------------------------------------------- one entry */

/* Take the references that entry e of a page table holds. */
static int pte_get(struct para *p, uint32_t e)
{
    mpa_t at = {e & ~PAGE_MASK};
    if (!(e & PTE_P))
        return 0;
    if (e & PTE_FORBIDDEN)
        return -XEN_EINVAL;
    if (e & PTE_W)
        return type_get(p, at, FRAME_WRITABLE);
    struct frame_info *f = guest_frame(p, at);
    if (!f)
        return -XEN_EPERM;
    f->refs++;
    return 0;
}

static void pte_put(struct para *p, uint32_t e)
{
    mpa_t at = {e & ~PAGE_MASK};
    if (!(e & PTE_P))
        return;
    if (e & PTE_W) {
        type_put(p, at);
        return;
    }
    struct frame_info *f = guest_frame(p, at);
    assert(f && f->refs > 0);
    f->refs--;
}

/* The same of a page directory: what it points to becomes a page table. */
static int pde_get(struct para *p, uint32_t e)
{
    if (!(e & PTE_P))
        return 0;
    if (e & PTE_FORBIDDEN)
        return -XEN_EINVAL;
    return type_get(p, (mpa_t){e & ~PAGE_MASK}, FRAME_L1);
}

static void pde_put(struct para *p, uint32_t e)
{
    if (e & PTE_P)
        type_put(p, (mpa_t){e & ~PAGE_MASK});
}

static int entry_get(struct para *p, enum frame_type t, uint32_t e)
{
    return t == FRAME_L2 ? pde_get(p, e) : pte_get(p, e);
}

static void entry_put(struct para *p, enum frame_type t, uint32_t e)
{
    if (t == FRAME_L2)
        pde_put(p, e);
    else
        pte_put(p, e);
}

/* ------------------------------------------------------ whole tables */

static uint32_t guest_slots(enum frame_type t)
{
    return t == FRAME_L2 ? FIRST_HOLE_SLOT : ENTRIES;
}

static uint32_t *entries(struct para *p, mpa_t table)
{
    return (uint32_t *)(void *)frame_bytes(p->vm->monitor, table);
}

/* A validated directory maps the hole as every other does. */
static void fill_hole(struct para *p, mpa_t root)
{
    uint32_t *e = entries(p, root);
    for (uint32_t i = FIRST_HOLE_SLOT; i < ENTRIES; i++)
        e[i] = hole_entry(p, i);
}

static void clear_hole(struct para *p, mpa_t root)
{
    uint32_t *e = entries(p, root);
    for (uint32_t i = FIRST_HOLE_SLOT; i < ENTRIES; i++)
        e[i] = 0;
}

/* A pass over a whole table: its page, and each entry that is present. */
static void charge_pass(struct para *p, enum frame_type t, const uint32_t *e)
{
    unsigned present = 0;
    for (uint32_t i = 0; i < guest_slots(t); i++)
        present += e[i] & PTE_P;
    charge_exit(p->vm, PHASE_memory, PRICE_vmm_shadow_page, 1);
    charge_exit(p->vm, PHASE_memory, PRICE_vmm_validate, present);
}

/* Validate the frame as its type says: all of it, or nothing. */
static bool table_get(struct para *p, struct frame_info *f, mpa_t at, int *why)
{
    enum frame_type t = f->type;
    if (t == FRAME_DESCRIPTORS) {
        *why = descriptors_validate(p, at);
        return *why == 0;
    }
    const uint32_t *e = entries(p, at);
    charge_pass(p, t, e);
    for (uint32_t i = 0; i < guest_slots(t); i++) {
        *why = entry_get(p, t, e[i]);
        if (*why == 0)
            continue;
        while (i-- > 0)
            entry_put(p, t, e[i]);
        return false;
    }
    if (t == FRAME_L2)
        fill_hole(p, at);
    return true;
}

static void table_put(struct para *p, struct frame_info *f, mpa_t at)
{
    enum frame_type t = f->type;
    if (t == FRAME_DESCRIPTORS)
        return;
    const uint32_t *e = entries(p, at);
    charge_pass(p, t, e);
    for (uint32_t i = 0; i < guest_slots(t); i++)
        entry_put(p, t, e[i]);
    if (t == FRAME_L2)
        clear_hole(p, at);
}

uint32_t entry_read(struct para *p, mpa_t table, uint32_t slot)
{
    return entries(p, table)[slot];
}

/*
 * Check the new entry, take its references, write it, give the old one's
 * back. A change of flags alone (same frame, same right to write) moves no
 * reference.
 */
int entry_replace(struct para *p, mpa_t table, uint32_t slot, uint32_t e)
{
    struct frame_info *f = guest_frame(p, table);
    if (!f)
        return -XEN_EPERM;
    enum frame_type t = f->type;
    if (f->type_count == 0 || (t != FRAME_L1 && t != FRAME_L2))
        return -XEN_EINVAL;
    if (slot >= guest_slots(t))
        return -XEN_EPERM;
    mpa_t at = {(table.v & ~PAGE_MASK) + 4 * slot};
    uint32_t old = entry_read(p, table, slot);
    charge_exit(p->vm, PHASE_memory, PRICE_vmm_validate, 1);
    int rc = entry_get(p, t, e);
    if (rc != 0)
        return rc;
    cpu_phys_write(p->vm->monitor->cpu, at, &e, 4);
    entry_put(p, t, old);
    return 0;
}
