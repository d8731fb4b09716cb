/*
 * guest_memory.c - arguments in the guest's memory, in and out.
 *
 * Job:    copy what a hypercall's pointers point at, without ever touching
 *         what the guest's kernel could not touch itself.
 * Parts:  reach (one page), copy_in, copy_out.
 *
 * Pointers are linear addresses below the hole: like Xen, we take the
 * guest's data segments as flat. Each page is reached through the page
 * tables in use, with the rights of ring 1: a supervisor's, with CR0.WP. The
 * hole ends every copy that would wrap.
 */
#include "para.h"

#include <string.h>

/* Set A, and D for a write, as the processor's own walk would. */
static void mark_used(struct para *p, mpa_t table, uint32_t slot, uint32_t bits)
{
    uint32_t *e = (uint32_t *)(void *)frame_bytes(p->vm->monitor, table);
    e[slot] |= bits;
}

/* Where linear address `at` is, or false where ring 1 would fault. */
static bool reach(struct para *p, uint32_t at, bool write, mpa_t *out)
{
    uint32_t need = PTE_P | (write ? PTE_W : 0);
    if (at >= XEN_VIRT_START)
        return false;
    uint32_t pde = entry_read(p, p->root, at >> 22);
    if ((pde & need) != need)
        return false;
    mpa_t table = {pde & ~PAGE_MASK};
    uint32_t slot = (at >> PAGE_SHIFT) % ENTRIES;
    uint32_t pte = entry_read(p, table, slot);
    if ((pte & need) != need)
        return false;
    mark_used(p, p->root, at >> 22, PTE_A);
    mark_used(p, table, slot, write ? PTE_A | PTE_D : PTE_A);
    out->v = (pte & ~PAGE_MASK) | (at & PAGE_MASK);
    return true;
}

/* Bytes from `at` to the end of its page, at most n. */
static uint32_t to_page_end(uint32_t at, uint32_t n)
{
    uint32_t left = PAGE_SIZE - (at & PAGE_MASK);
    return n < left ? n : left;
}

int copy_in(struct para *p, void *to, uint32_t from, uint32_t n)
{
    uint8_t *dst = to;
    while (n != 0) {
        uint32_t part = to_page_end(from, n);
        mpa_t at;
        if (!reach(p, from, false, &at))
            return -XEN_EFAULT;
        charge_exit(p->vm, PHASE_memory, PRICE_vmm_access, 1);
        const uint8_t *page = frame_bytes(p->vm->monitor, at);
        memcpy(dst, page + (at.v & PAGE_MASK), part);
        dst += part;
        from += part;
        n -= part;
    }
    return 0;
}

int may_write(struct para *p, uint32_t at, uint32_t n)
{
    for (uint32_t done = 0; done < n;) {
        mpa_t unused;
        if (!reach(p, at + done, true, &unused))
            return -XEN_EFAULT;
        done += to_page_end(at + done, n - done);
    }
    return 0;
}

int copy_out(struct para *p, uint32_t to, const void *from, uint32_t n)
{
    const uint8_t *src = from;
    int rc = may_write(p, to, n);
    if (rc != 0)
        return rc;
    while (n != 0) {
        uint32_t part = to_page_end(to, n);
        mpa_t at;
        if (!reach(p, to, true, &at))
            return -XEN_EFAULT;
        charge_exit(p->vm, PHASE_memory, PRICE_vmm_access, 1);
        cpu_phys_write(p->vm->monitor->cpu, at, src, part);
        src += part;
        to += part;
        n -= part;
    }
    return 0;
}
