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
 * Parts:  filling; the fault; looking: the walk in two dimensions; life.
 *
 * Simplified: pages of 4 KiB only, mapped one at a time when they are first
 * used; where no memory is, the access is done by the virtual processor.
 */
#include "hvm.h"

#define NESTED_RIGHTS (PTE_P | PTE_W | PTE_U)
#define LARGE_BASE 0xffc00000u /* of a page of 4 MiB */

static uint32_t *entries(struct hvm *h, mpa_t table)
{
    return (uint32_t *)(void *)frame_bytes(h->f.vm->monitor, table);
}

/* ---------------------------------------------------------------- filling */

/* The nested table for `at`, made if need be. NULL: no memory; killed. */
static uint32_t *table_for(struct hvm *h, gpa_t at)
{
    /*@lab 7 table_for
     * The nested table for `at`: what the root's entry for it leads to. If
     * there is none, take a frame (frame_alloc, owner NULL) and enter it, with
     * NESTED_RIGHTS; that is charged: PHASE_memory, PRICE_vmm_shadow_page and,
     * for the entry, PRICE_vmm_shadow_write, one each. No frame is left:
     * vm_kill(), and NULL.
     *@stub
     *  (void)h;
     *  (void)at;
     *  (void)entries;
     *  lab_todo("table_for");
     */
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
    /*@end*/
}

static bool fill(struct hvm *h, gpa_t at)
{
    /*@lab 7 fill
     * Enter the page of `at` into the nested tables: the frame that
     * vp_memory() says it is in, with NESTED_RIGHTS, charged as a
     * PRICE_vmm_shadow_write. False: no memory is there, and nothing was done.
     * (The frame's address has the low bits of `at`.)
     *@stub
     *  (void)h;
     *  (void)at;
     *  (void)table_for;
     *  lab_todo("fill");
     */
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
    /*@end*/
}

/* -------------------------------------------------------------- the fault */

void nested_page_fault(struct hvm *h, struct exit *x)
{
    /*@lab 7 nested_page_fault
     * NPF: EXITINFO2 is the guest physical address, EXITINFO1's upper half
     * says whether it was a page table of the guest's (NPF_TABLE). Record it
     * in x->r.address. Filled: reason and disposition `nested_fill`, and an
     * event that the exit cut short is delivered again. No memory there:
     * reason EXIT_mmio, disposition emulated: the access is done by the
     * virtual processor - or the event's delivery, if that made it.
     * exit_note() as you like.
     *@stub
     *  (void)h;
     *  (void)x;
     *  (void)fill;
     *  lab_todo("nested_page_fault");
     */
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
    /*@end*/
}

/* ------------------------------------------------- looking: both dimensions */

/* One leg: guest physical to machine physical. False: the nested tables lack
 * it. */
static bool find(struct hvm *h, gpa_t at, struct walk_2d *w)
{
    /*@lab 7 find
     * A leg of the walk, the next of w->leg, for `at`: read the root's entry,
     * and if it is present, the table's (each is one of w->references). Write
     * both down, and where they lead. False: one was not present, and w->end
     * says so.
     *@stub
     *  (void)h;
     *  (void)at;
     *  (void)w;
     *  lab_todo("find");
     */
    struct walk_leg *leg = &w->leg[w->legs++];
    *leg = (struct walk_leg){.at = at};
    w->end = WALK_NESTED_FAULT;
    leg->nested[0] = entries(h, h->root)[at.v >> 22];
    w->references++;
    if (!(leg->nested[0] & PTE_P)) {
        return false;
    }
    const uint32_t *table = entries(h, (mpa_t){leg->nested[0]});
    leg->nested[1] = table[at.v >> PAGE_SHIFT & (ENTRIES - 1)];
    w->references++;
    leg->where.v = (leg->nested[1] & ~PAGE_MASK) | (at.v & PAGE_MASK);
    return leg->nested[1] & PTE_P;
    /*@end*/
}

/* A leg to an entry of the guest's, and the entry. False: the walk ends. */
static bool find_entry(struct hvm *h, gpa_t at, struct walk_2d *w,
                       uint32_t *entry)
{
    /*@lab 7 find_entry
     * A leg that leads to an entry of the guest's, which is read, too
     * (cpu_phys_read, of the real processor): one more reference. False: the
     * walk ends here, for one reason or the other (w->end).
     *@stub
     *  (void)h;
     *  (void)at;
     *  (void)w;
     *  (void)entry;
     *  (void)find;
     *  lab_todo("find_entry");
     */
    if (!find(h, at, w)) {
        return false;
    }
    struct walk_leg *leg = &w->leg[w->legs - 1];
    cpu_phys_read(h->f.vm->monitor->cpu, leg->where, &leg->entry, 4);
    w->references++;
    w->end = WALK_GUEST_FAULT;
    *entry = leg->entry;
    return leg->entry & PTE_P;
    /*@end*/
}

void nested_walk(struct hvm *h, gva_t at, struct walk_2d *w)
{
    /*@lab 7 nested_walk
     * Walk for `at`, both dimensions, and write each leg down. The guest's
     * tables are 32-bit ones, by the virtual processor's CR0.PG, CR3 and
     * CR4.PSE; rights do not matter. The last leg is the byte's own, if the
     * walk gets there. Nothing is marked, filled or charged.
     *@stub
     *  (void)h;
     *  (void)at;
     *  (void)w;
     *  (void)find_entry;
     *  lab_todo("nested_walk");
     */
    const struct cpu *c = h->f.p.cpu;
    gpa_t page = {at.v};
    uint32_t pde, pte;
    *w = (struct walk_2d){.legs = 0};
    if (c->cr0 & CR0_PG) {
        gpa_t where = {(c->cr3 & ~PAGE_MASK) + 4 * (at.v >> 22)};
        if (!find_entry(h, where, w, &pde)) {
            return;
        }
        page.v = (pde & LARGE_BASE) | (at.v & ~LARGE_BASE);
        if (!(pde & PTE_PS) || !(c->cr4 & CR4_PSE)) {
            uint32_t slot = at.v >> PAGE_SHIFT & (ENTRIES - 1);
            where.v = (pde & ~PAGE_MASK) + 4 * slot;
            if (!find_entry(h, where, w, &pte)) {
                return;
            }
            page.v = (pte & ~PAGE_MASK) | (at.v & PAGE_MASK);
        }
    }
    if (find(h, page, w)) {
        w->end = WALK_FOUND;
    }
    /*@end*/
}

/* ------------------------------------------------------------------- life */

static void drop_all(struct hvm *h)
{
    /*@lab 7 drop_all
     * Empty the nested tables: every table's frame is given back, every entry
     * of the root is 0.
     *@stub
     *  (void)h;
     *  lab_todo("drop_all");
     */
    uint32_t *root = entries(h, h->root);
    for (unsigned i = 0; i < ENTRIES; i++) {
        if (root[i] & PTE_P) {
            frame_free(h->f.vm->monitor, (mpa_t){root[i]});
            root[i] = 0;
        }
    }
    /*@end*/
}

void nested_a20(struct hvm *h)
{
    /*@lab 7 nested_a20
     * The A20 gate moved: vp_memory() answers differently now. What has been
     * entered is wrong, and the TLB may hold it, too (vm_flush_tlb).
     *@stub
     *  (void)h;
     *  (void)drop_all;
     *  lab_todo("nested_a20");
     */
    drop_all(h);
    vm_flush_tlb(h->f.vm);
    /*@end*/
}

bool nested_init(struct hvm *h)
{
    /*@lab 7 nested_init
     * Take a frame for the root (false: none is left), and tell it:
     * v->shadow_cr3, for the audit; VMCB_N_CR3 and VMCB_NP_ENABLE, for the
     * processor.
     *@stub
     *  (void)h;
     *  lab_todo("nested_init");
     */
    struct vm *v = h->f.vm;
    if (!frame_alloc(v->monitor, NULL, &h->root)) {
        return false;
    }
    v->shadow_cr3 = h->root.v;
    vmcb_set(v, VMCB_N_CR3, h->root.v);
    vmcb_set(v, VMCB_NP_ENABLE, 1);
    return true;
    /*@end*/
}

void nested_free_all(struct hvm *h)
{
    /*@lab 7 nested_free_all
     * The VM's end: every frame of the nested tables is given back, the root
     * too. It may be that nested_init() had none to give: h->root.v is 0 then.
     *@stub
     *  (void)h;
     *  lab_todo("nested_free_all");
     */
    if (h->root.v) {
        drop_all(h);
        frame_free(h->f.vm->monitor, h->root);
    }
    /*@end*/
}
