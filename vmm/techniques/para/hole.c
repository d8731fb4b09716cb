/*
 * hole.c - what stands above 0xfc000000 in a para guest's address space,
 * and what of the processor's own tables is this guest's.
 *
 * Job:    the M2P list, the guest's descriptor tables, its system-call gate
 *         and its ring-1 stack, where the processor looks for them.
 *
 *   fc000000  M2P: machine frame number to guest frame number, readable;
 *             the guest's flat segments end with it
 *   fc400000  nothing
 *   ffe00000  the monitor's world (world.c), where the GDT's first 14 pages
 *             and the LDT's 16 are the guest's own frames
 *
 * Every validated page directory has the same slots for it. The processor
 * sets accessed bits in the guest's descriptors as it does in any others.
 *
 * Simplified: each VM has an M2P list of its own, where only its own frames
 * have numbers. Xen has one for all.
 */
#include "para.h"

#include <string.h>

/* The world is made for this: its numbers are Xen's. */
_Static_assert(FLAT_RING1_CS == XEN_FLAT_RING1_CS &&
                   FLAT_RING1_DS == XEN_FLAT_RING1_DS &&
                   FLAT_RING3_CS == XEN_FLAT_RING3_CS &&
                   FLAT_RING3_DS == XEN_FLAT_RING3_DS &&
                   FLAT_LIMIT == XEN_M2P_END - 1 &&
                   WORLD_GDT_PAGES == XEN_GDT_FRAMES &&
                   WORLD_LDT_PAGES == XEN_LDT_FRAMES &&
                   MONITOR_CS >= XEN_FIRST_RESERVED_SELECTOR,
               "world.c and xen.h agree");

static uint32_t *m2p_table(const struct para *p)
{
    return (uint32_t *)(void *)frame_bytes(p->vm->monitor, p->m2p_table);
}

static bool is_current(const struct para *p)
{
    return p->vm->monitor->current == p->vm;
}

uint32_t hole_entry(const struct para *p, uint32_t slot)
{
    switch (slot) {
    case FIRST_HOLE_SLOT:
        return p->m2p_table.v | PTE_P | PTE_A;
    case ENTRIES - 1:
        return world_pde(p->vm->monitor);
    default:
        return 0;
    }
}

/* ------------------------------------------------------------- the M2P */

mpa_t m2p_entry(const struct para *p, uint32_t mfn)
{
    uint32_t page = m2p_table(p)[mfn / ENTRIES] & ~PAGE_MASK;
    return (mpa_t){page + mfn % ENTRIES * 4};
}

/* A frame that guests may read. */
static bool shared_frame(struct monitor *m, mpa_t *out)
{
    if (!frame_alloc(m, NULL, out))
        return false;
    frame_info(m, *out)->kind = FRAME_SHARED;
    return true;
}

bool hole_make(struct para *p)
{
    struct vm *v = p->vm;
    struct monitor *m = v->monitor;
    if (!frame_alloc(m, NULL, &p->m2p_table))
        return false;
    for (uint32_t i = 0; i * ENTRIES < m->ram.size / PAGE_SIZE; i++) {
        mpa_t page;
        if (!shared_frame(m, &page))
            return false;
        memset(frame_bytes(m, page), 0xff, PAGE_SIZE); /* nobody's */
        m2p_table(p)[i] = page.v | PTE_P | PTE_A;
    }
    for (uint32_t pfn = 0; pfn < v->pages; pfn++)
        cpu_phys_write(m->cpu, m2p_entry(p, v->p2m[pfn]), &pfn, 4);
    return true;
}

void hole_free(struct para *p)
{
    struct monitor *m = p->vm->monitor;
    if (p->m2p_table.v == 0)
        return;
    for (uint32_t i = 0; i < ENTRIES; i++)
        if (m2p_table(p)[i] & PTE_P)
            frame_free(m, (mpa_t){m2p_table(p)[i] & ~PAGE_MASK});
    frame_free(m, p->m2p_table);
}

/* --------------------------------------------------- descriptor tables */

void hole_map_gdt(struct para *p)
{
    struct monitor *m = p->vm->monitor;
    uint32_t n = descriptor_frames(p->gdt_entries);
    for (uint32_t i = 0; is_current(p) && i < XEN_GDT_FRAMES; i++)
        if (i < n)
            world_map_gdt(m, i, p->gdt[i]);
        else
            world_unmap_gdt(m, i);
}

void hole_map_ldt(struct para *p)
{
    struct monitor *m = p->vm->monitor;
    uint32_t n = descriptor_frames(p->ldt_entries);
    for (uint32_t i = 0; is_current(p) && i < XEN_LDT_FRAMES; i++)
        if (i < n)
            world_map_ldt(m, i, p->ldt[i]);
        else
            world_unmap_ldt(m, i);
    if (is_current(p))
        world_load_ldt(m, p->ldt_entries);
}

/* --------------------------------------------------- gates and stack */

void hole_fast_trap(struct para *p)
{
    struct monitor *m = p->vm->monitor;
    const struct xen_trap_info *t = &p->trap[XEN_FAST_TRAP];
    bool direct = t->address != 0 && !(t->flags & XEN_TI_MASK_EVENTS);
    if (!is_current(p))
        return;
    if (direct)
        world_direct_gate(m, XEN_FAST_TRAP, t->cs, t->address, t->flags & 3);
    else
        world_open_gate(m, XEN_FAST_TRAP, 0);
}

void hole_kernel_stack(struct para *p)
{
    if (is_current(p))
        world_ring1_stack(p->vm->monitor, (uint16_t)p->kernel_ss,
                          p->kernel_esp);
}

void hole_enter(struct vm *v)
{
    struct para *p = para_of(v);
    hole_map_gdt(p);
    hole_map_ldt(p);
    hole_fast_trap(p);
    hole_kernel_stack(p);
    world_open_gate(v->monitor, XEN_HYPERCALL_VECTOR, 1);
    world_open_gate(v->monitor, VEC_BP, 3);
    world_open_gate(v->monitor, VEC_OF, 3);
    debug_enter(p);
    fpu_guard(v, task_wishes(p));
}

/* ------------------------------------------------------ address spaces */

void set_root(struct para *p, mpa_t root)
{
    p->root = root;
    p->flushes++;
    vm_load_cr3(p->vm, PHASE_emulate, root.v);
}

void flush_all(struct para *p)
{
    p->flushes++;
    charge_exit(p->vm, PHASE_memory, PRICE_vmm_flush, 1);
    if (is_current(p))
        cpu_flush_tlb(p->vm->monitor->cpu, false);
}

void flush_page(struct para *p, uint32_t va)
{
    charge_exit(p->vm, PHASE_memory, PRICE_vmm_flush, 1);
    if (is_current(p))
        cpu_flush_page(p->vm->monitor->cpu, (gva_t){va});
}
