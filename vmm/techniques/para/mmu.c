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

/* The third and fourth arguments of both batch calls. */
struct batch {
    uint32_t requests; /* address of the array */
    uint32_t count;
    uint32_t done_out; /* address of a word, or 0 */
};

static int batch_check(struct para *p, const uint32_t *arg, struct batch *b)
{
    *b = (struct batch){arg[0], arg[1], arg[2]};
    if (arg[3] != XEN_DOMID_SELF)
        return -XEN_ESRCH;
    if (b->count > XEN_MMU_BATCH)
        return -XEN_EINVAL;
    return b->done_out ? may_write(p, b->done_out, 4) : 0;
}

static int batch_finish(struct para *p, const struct batch *b, uint32_t done,
                        int rc)
{
    if (b->done_out && copy_out(p, b->done_out, &done, 4) != 0)
        return -XEN_EFAULT;
    return rc;
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

static int mmu_one(struct para *p, const struct xen_mmu_update *u)
{
    unsigned command = u->ptr & 3;
    if (u->ptr >> 32 || u->val >> 32)
        return -XEN_EINVAL;
    mpa_t at = {(uint32_t)u->ptr & ~3u};
    mpa_t table = {at.v & ~PAGE_MASK};
    uint32_t slot = (at.v & PAGE_MASK) / 4, e = (uint32_t)u->val;
    switch (command) {
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
}

int64_t do_mmu_update(struct para *p, const uint32_t *arg)
{
    struct batch b;
    int rc = batch_check(p, arg, &b);
    if (rc != 0)
        return rc;
    exit_note(&p->vm->exit, "mmu_update: %u entries", b.count);
    uint32_t done = 0;
    for (; done < b.count; done++) {
        struct xen_mmu_update u;
        uint32_t at = b.requests + done * (uint32_t)sizeof(u);
        rc = copy_in(p, &u, at, sizeof(u));
        if (rc == 0)
            rc = mmu_one(p, &u);
        if (rc != 0)
            break;
    }
    return batch_finish(p, &b, done, rc);
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
}

/* ----------------------------------------------------------- mmuext_op */

static int pin(struct para *p, mpa_t at, enum frame_type t)
{
    struct frame_info *f = guest_frame(p, at);
    if (!f)
        return -XEN_EPERM;
    if (f->pinned)
        return -XEN_EINVAL;
    int rc = type_get(p, at, t);
    f->pinned = rc == 0;
    return rc;
}

static int unpin(struct para *p, mpa_t at)
{
    struct frame_info *f = guest_frame(p, at);
    if (!f)
        return -XEN_EPERM;
    if (!f->pinned)
        return -XEN_EINVAL;
    f->pinned = false;
    type_put(p, at);
    return 0;
}

/* The address space switch: CR3 holds a reference of its own. */
static int new_root(struct para *p, mpa_t at)
{
    int rc = type_get(p, at, FRAME_L2);
    if (rc != 0)
        return rc;
    mpa_t old = p->root;
    set_root(p, at);
    type_put(p, old);
    return 0;
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

static int mmuext_one(struct para *p, const struct xen_mmuext_op *op)
{
    mpa_t frame = mpa_of(op->arg1);
    bool has_frame = op->cmd <= XEN_MMUEXT_NEW_BASEPTR;
    if (has_frame && mfn_of(frame) != op->arg1)
        return -XEN_EINVAL;
    switch (op->cmd) {
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
        if (op->arg1 >= XEN_VIRT_START)
            return -XEN_EINVAL;
        flush_page(p, op->arg1);
        return 0;
    case XEN_MMUEXT_FLUSH_CACHE:
        return 0; /* the machine has no caches */
    case XEN_MMUEXT_SET_LDT:
        return ldt_set(p, op->arg1, op->arg2);
    default:
        return -XEN_ENOSYS;
    }
}

int64_t do_mmuext_op(struct para *p, const uint32_t *arg)
{
    struct batch b;
    int rc = batch_check(p, arg, &b);
    if (rc != 0)
        return rc;
    uint32_t done = 0;
    for (; done < b.count; done++) {
        struct xen_mmuext_op op = {0};
        uint32_t at = b.requests + done * (uint32_t)sizeof(op);
        rc = copy_in(p, &op, at, sizeof(op));
        if (rc == 0) {
            exit_note(&p->vm->exit, "mmuext_op: %s %x", mmuext_name(op.cmd),
                      op.arg1);
            rc = mmuext_one(p, &op);
        }
        if (rc != 0)
            break;
    }
    return batch_finish(p, &b, done, rc);
}
