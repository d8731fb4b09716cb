/*
 * mmu.c - the hypercalls on page tables.
 *
 * Job:    take the guest's requests apart, check their arguments, and let
 *         types.c decide on each entry.
 * Parts:  mmu_update (a batch of entries by machine address),
 *         update_va_mapping (one entry by the address it maps), mmuext_op
 *         (pin, unpin, switch, flush).
 *
 * A batch stops at its first bad request: those before it are done, the
 * count of them goes to *done, and the error is the answer, as in Xen.
 */
#include "para.h"

#include <string.h>

/* Does the request at this address; 0, or an error and no effect. */
typedef int request_fn(struct para *p, uint32_t at);

/*
 * The arguments of both batch calls: the array's address, how many there are,
 * where to count those done (or 0), and whose memory it is.
 */
static int batch(struct para *p, const uint32_t *arg, request_fn *one,
                 uint32_t size)
{
    /*@lab 4 batch
     * Another domain than XEN_DOMID_SELF: -XEN_ESRCH. More than XEN_MMU_BATCH:
     * -XEN_EINVAL. Nowhere to count (may_write): -XEN_EFAULT, and nothing is
     * done. Then one(p, address) for each request, until one is refused; the
     * count of those done goes to the guest, its error is the answer.
     *@stub
     *  (void)p;
     *  (void)arg;
     *  (void)one;
     *  (void)size;
     *  lab_todo("batch");
     */
    uint32_t done_out = arg[2], done = 0;
    if (arg[3] != XEN_DOMID_SELF)
        return -XEN_ESRCH;
    if (arg[1] > XEN_MMU_BATCH)
        return -XEN_EINVAL;
    int rc = done_out ? may_write(p, done_out, 4) : 0;
    if (rc != 0)
        return rc;
    while (rc == 0 && done < arg[1]) {
        rc = one(p, arg[0] + done * size);
        done += rc == 0;
    }
    if (done_out && copy_out(p, done_out, &done, 4) != 0)
        return -XEN_EFAULT;
    return rc;
    /*@end*/
}

/* ---------------------------------------------------------- mmu_update */

/* The guest keeps M2P for its own frames; it may say what it likes there. */
static int machphys_update(struct para *p, mpa_t at, uint32_t pfn)
{
    if (!guest_frame(p, at))
        return -XEN_EPERM;
    cpu_phys_write(p->vm->monitor->cpu, m2p_entry(p, mfn_of(at)), &pfn, 4);
    return 0;
}

static int mmu_one(struct para *p, uint32_t request)
{
    /*@lab 4 mmu_one
     * copy_in a struct xen_mmu_update. Words above 32 bits: -XEN_EINVAL. The
     * low two bits of ptr say what to do (enum xen_mmu_command), the rest
     * which entry: entry_replace, or machphys_update. PRESERVE_AD keeps the A
     * and D that entry_read finds there, if the table is the guest's at all.
     * Any other command: -XEN_ENOSYS.
     *@stub
     *  (void)p;
     *  (void)request;
     *  (void)machphys_update;
     *  lab_todo("mmu_one");
     */
    struct xen_mmu_update u;
    int rc = copy_in(p, &u, request, sizeof(u));
    if (rc != 0)
        return rc;
    if (u.ptr >> 32 || u.val >> 32)
        return -XEN_EINVAL;
    mpa_t at = {(uint32_t)u.ptr & ~3u};
    mpa_t table = {at.v & ~PAGE_MASK};
    uint32_t slot = (at.v & PAGE_MASK) / 4, e = (uint32_t)u.val;
    switch (u.ptr & 3) {
    case XEN_MMU_MACHPHYS_UPDATE:
        return machphys_update(p, at, e);
    case XEN_MMU_PT_UPDATE_PRESERVE_AD:
        if (!guest_frame(p, table))
            return -XEN_EPERM;
        e |= entry_read(p, table, slot) & (PTE_A | PTE_D);
        return entry_replace(p, table, slot, e);
    case XEN_MMU_NORMAL_PT_UPDATE:
        return entry_replace(p, table, slot, e);
    default:
        return -XEN_ENOSYS;
    }
    /*@end*/
}

int64_t do_mmu_update(struct para *p, const uint32_t *arg)
{
    exit_note(&p->vm->exit, "mmu_update: %u entries", arg[1]);
    return batch(p, arg, mmu_one, sizeof(struct xen_mmu_update));
}

/* --------------------------------------------------- update_va_mapping */

static void flush_as_told(struct para *p, uint32_t va, uint32_t flags)
{
    switch (flags & XEN_UVMF_TYPE_MASK) {
    case XEN_UVMF_TLB_FLUSH:
        flush_all(p);
        break;
    case XEN_UVMF_INVLPG:
        flush_page(p, va);
        break;
    default:
        break;
    }
}

int64_t do_update_va_mapping(struct para *p, const uint32_t *arg)
{
    /*@lab 4 do_update_va_mapping
     * arg: a linear address, the entry (low and high word), flags. Not below
     * XEN_VIRT_START, a high word, or no page table there: -XEN_EINVAL. Find
     * the table through p->root, entry_replace; if that was good,
     * flush_as_told.
     *@stub
     *  (void)p;
     *  (void)arg;
     *  (void)flush_as_told;
     *  lab_todo("do_update_va_mapping");
     */
    uint32_t va = arg[0], e = arg[1], flags = arg[3];
    exit_note(&p->vm->exit, "update_va_mapping: %08x = %08x", va, e);
    if (va >= XEN_VIRT_START || arg[2] != 0)
        return -XEN_EINVAL;
    uint32_t pde = entry_read(p, p->root, va >> 22);
    if (!(pde & PTE_P))
        return -XEN_EINVAL;
    mpa_t table = {pde & ~PAGE_MASK};
    int rc = entry_replace(p, table, (va >> PAGE_SHIFT) % ENTRIES, e);
    if (rc == 0)
        flush_as_told(p, va, flags);
    return rc;
    /*@end*/
}

/* ----------------------------------------------------------- mmuext_op */

static int pin(struct para *p, mpa_t at, enum frame_type t)
{
    /*@lab 4 pin
     * Not the guest's: -XEN_EPERM. Pinned already: -XEN_EINVAL. Else a use of
     * the frame as t, which `pinned` remembers.
     *@stub
     *  (void)p;
     *  (void)at;
     *  (void)t;
     *  lab_todo("pin");
     */
    struct frame_info *f = guest_frame(p, at);
    if (!f)
        return -XEN_EPERM;
    if (f->pinned)
        return -XEN_EINVAL;
    int rc = type_get(p, at, t);
    f->pinned = rc == 0;
    return rc;
    /*@end*/
}

static int unpin(struct para *p, mpa_t at)
{
    /*@lab 4 unpin
     * The reverse: -XEN_EPERM, -XEN_EINVAL, or the use goes.
     *@stub
     *  (void)p;
     *  (void)at;
     *  lab_todo("unpin");
     */
    struct frame_info *f = guest_frame(p, at);
    if (!f)
        return -XEN_EPERM;
    if (!f->pinned)
        return -XEN_EINVAL;
    f->pinned = false;
    type_put(p, at);
    return 0;
    /*@end*/
}

/* The address space switch: CR3 holds a reference of its own. */
static int new_root(struct para *p, mpa_t at)
{
    /*@lab 4 new_root
     * CR3 is a use of the frame as a directory, too. Take the new one's,
     * set_root, and only then give the old one's back.
     *@stub
     *  (void)p;
     *  (void)at;
     *  lab_todo("new_root");
     */
    int rc = type_get(p, at, FRAME_L2);
    if (rc != 0)
        return rc;
    mpa_t old = p->root;
    set_root(p, at);
    type_put(p, old);
    return 0;
    /*@end*/
}

static const char *mmuext_name(uint32_t command)
{
    static const char *const name[] = {
        "pin L1",    "pin L2",    "pin L3",      "pin L4",    "unpin",
        "new base",  "flush TLB", "INVLPG",      "flush TLB", "INVLPG",
        "flush TLB", "INVLPG",    "flush cache", "set LDT",
    };
    return command < sizeof(name) / sizeof(name[0]) ? name[command] : "?";
}

static int mmuext_one(struct para *p, uint32_t request)
{
    struct xen_mmuext_op op;
    int rc = copy_in(p, &op, request, sizeof(op));
    if (rc != 0)
        return rc;
    exit_note(&p->vm->exit, "mmuext_op: %s %x", mmuext_name(op.cmd), op.arg1);
    mpa_t frame = mpa_of(op.arg1);
    bool has_frame = op.cmd <= XEN_MMUEXT_NEW_BASEPTR;
    if (has_frame && mfn_of(frame) != op.arg1)
        return -XEN_EINVAL;
    switch (op.cmd) {
    case XEN_MMUEXT_PIN_L1_TABLE:
        return pin(p, frame, FRAME_L1);
    case XEN_MMUEXT_PIN_L2_TABLE:
        return pin(p, frame, FRAME_L2);
    case XEN_MMUEXT_UNPIN_TABLE:
        return unpin(p, frame);
    case XEN_MMUEXT_NEW_BASEPTR:
        return new_root(p, frame);
    case XEN_MMUEXT_TLB_FLUSH_LOCAL:
    case XEN_MMUEXT_TLB_FLUSH_ALL:
    case XEN_MMUEXT_TLB_FLUSH_MULTI:
        flush_all(p);
        return 0;
    case XEN_MMUEXT_INVLPG_LOCAL:
    case XEN_MMUEXT_INVLPG_ALL:
    case XEN_MMUEXT_INVLPG_MULTI:
        if (op.arg1 >= XEN_VIRT_START)
            return -XEN_EINVAL;
        flush_page(p, op.arg1);
        return 0;
    case XEN_MMUEXT_FLUSH_CACHE:
        return 0; /* the machine has no caches */
    case XEN_MMUEXT_SET_LDT:
        return ldt_set(p, op.arg1, op.arg2);
    default:
        return -XEN_ENOSYS;
    }
}

int64_t do_mmuext_op(struct para *p, const uint32_t *arg)
{
    return batch(p, arg, mmuext_one, sizeof(struct xen_mmuext_op));
}
