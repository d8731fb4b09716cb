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

static int table_get(struct para *p, struct frame_info *f, mpa_t at);
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
    /*@lab 4 type_get
     * One more use of the frame as t: refused if it is not the guest's
     * (guest_frame) or is in use as something else. The first use as anything
     * but WRITABLE validates it (table_get); if that fails, nothing has
     * changed. Before a frame stops being WRITABLE: forget_writable.
     *@stub
     *  (void)p;
     *  (void)at;
     *  (void)t;
     *  (void)forget_writable;
     *  (void)table_get;
     *  lab_todo("type_get");
     */
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
    int rc = table_get(p, f, at);
    if (rc == 0) {
        f->validated = true;
        return 0;
    }
    f->type_count--;
    f->refs--;
    f->type = FRAME_UNTYPED;
    return rc;
    /*@end*/
}

void type_put(struct para *p, mpa_t at)
{
    /*@lab 4 type_put
     * One use less. The last one gone, a WRITABLE frame notes when
     * (flush_stamp = p->flushes); any other is valid no longer, and gives
     * back what its entries used (table_put).
     *@stub
     *  (void)p;
     *  (void)at;
     *  (void)table_put;
     *  lab_todo("type_put");
     */
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
    /*@end*/
}

/* --------------------------------------------------------- one entry */

/* Take the references that entry e of a page table holds. */
static int pte_get(struct para *p, uint32_t e)
{
    /*@lab 4 pte_get
     * Not present: nothing. PTE_FORBIDDEN bits: -XEN_EINVAL. Writable: a use
     * of the frame as FRAME_WRITABLE. Read-only: a reference, whatever the
     * frame is in use as, so long as it is the guest's.
     *@stub
     *  (void)p;
     *  (void)e;
     *  lab_todo("pte_get");
     */
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
    /*@end*/
}

static void pte_put(struct para *p, uint32_t e)
{
    /*@lab 4 pte_put
     * Exactly what pte_get took.
     *@stub
     *  (void)p;
     *  (void)e;
     *  lab_todo("pte_put");
     */
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
    /*@end*/
}

/* The same of a page directory: what it points to becomes a page table. */
static int pde_get(struct para *p, uint32_t e)
{
    /*@lab 4 pde_get
     * As pte_get, but what it maps is used as a page table, writable or not.
     *@stub
     *  (void)p;
     *  (void)e;
     *  lab_todo("pde_get");
     */
    if (!(e & PTE_P))
        return 0;
    if (e & PTE_FORBIDDEN)
        return -XEN_EINVAL;
    return type_get(p, (mpa_t){e & ~PAGE_MASK}, FRAME_L1);
    /*@end*/
}

static void pde_put(struct para *p, uint32_t e)
{
    /*@lab 4 pde_put
     * Exactly what pde_get took.
     *@stub
     *  (void)p;
     *  (void)e;
     *  lab_todo("pde_put");
     */
    if (e & PTE_P)
        type_put(p, (mpa_t){e & ~PAGE_MASK});
    /*@end*/
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

/* The entries, for a pass over all of them, which is charged: the page, and
 * each entry that is present. */
static const uint32_t *pass_over(struct para *p, enum frame_type t, mpa_t table)
{
    const uint32_t *e = entries(p, table);
    unsigned present = 0;
    for (uint32_t i = 0; i < guest_slots(t); i++)
        present += e[i] & PTE_P;
    charge_exit(p->vm, PHASE_memory, PRICE_vmm_shadow_page, 1);
    charge_exit(p->vm, PHASE_memory, PRICE_vmm_validate, present);
    return e;
}

/* Validate the frame as its type says: all of it, or nothing. */
static int table_get(struct para *p, struct frame_info *f, mpa_t at)
{
    enum frame_type t = f->type;
    if (t == FRAME_DESCRIPTORS)
        return descriptors_validate(p, at);
    /*@lab 4 table_get
     * entry_get for each of the guest's slots (guest_slots) of pass_over(),
     * in order. One is refused: give back those before it, and only those,
     * and return its error. A directory that is good: fill_hole.
     *@stub
     *  (void)pass_over;
     *  (void)entry_get;
     *  (void)entry_put;
     *  (void)fill_hole;
     *  lab_todo("table_get");
     */
    const uint32_t *e = pass_over(p, t, at);
    for (uint32_t i = 0; i < guest_slots(t); i++) {
        int rc = entry_get(p, t, e[i]);
        if (rc == 0)
            continue;
        while (i-- > 0)
            entry_put(p, t, e[i]);
        return rc;
    }
    if (t == FRAME_L2)
        fill_hole(p, at);
    return 0;
    /*@end*/
}

static void table_put(struct para *p, struct frame_info *f, mpa_t at)
{
    enum frame_type t = f->type;
    if (t == FRAME_DESCRIPTORS)
        return;
    /*@lab 4 table_put
     * entry_put for each of the guest's slots of pass_over(); then, of a
     * directory, clear_hole.
     *@stub
     *  (void)p;
     *  (void)at;
     *  (void)clear_hole;
     *  lab_todo("table_put");
     */
    const uint32_t *e = pass_over(p, t, at);
    for (uint32_t i = 0; i < guest_slots(t); i++)
        entry_put(p, t, e[i]);
    if (t == FRAME_L2)
        clear_hole(p, at);
    /*@end*/
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
    charge_exit(p->vm, PHASE_memory, PRICE_vmm_validate, 1);
    /*@lab 4 entry_replace
     * The frame is the guest's (-XEN_EPERM), in use as a table (-XEN_EINVAL),
     * the slot not the monitor's (-XEN_EPERM): then take what the new entry
     * uses, write it (cpu_phys_write, 4 bytes at its machine address), give
     * back what the old one used. In this order: why?
     *@stub
     *  (void)table;
     *  (void)slot;
     *  (void)e;
     *  lab_todo("entry_replace");
     */
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
    int rc = entry_get(p, t, e);
    if (rc != 0)
        return rc;
    cpu_phys_write(p->vm->monitor->cpu, at, &e, 4);
    entry_put(p, t, old);
    return 0;
    /*@end*/
}
