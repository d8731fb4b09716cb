/*
 * paging.c - from the guest's page tables to the shadows.
 *
 * Job:    tell the guest's own page faults from those that it must never know
 *         of, and fill a shadow entry when the processor misses it.
 * Parts:  entries; A and D; filling; the fault; switching and the TLB.
 *
 * A page fault arrives. The guest's tables are walked:
 *
 *   they forbid the access             the guest's own: into its handler
 *   it writes a table that is in use   traced: done for it, and the shadow
 *                                      of what changed is made anew
 *   no memory is there                 done for it: reads give all ones
 *   they permit it                     hidden: A, and D for a write, are set
 *                                      in the guest's entries as a processor
 *                                      does, and the shadow entry is made
 *
 * The right to write is withheld until the guest's D is set, and so is the
 * whole entry until A is: the next such access comes here and sets it.
 *
 * Simplified: global pages are not global in the shadow; no guest can tell.
 * A supervisor's write to a read-only page while the guest's CR0.WP is 0 is
 * done for it, one at a time: the real WP is always 1. There is no PAE for a
 * guest: its CPUID does not offer it, and CR4.PAE is refused.
 */
#include "full.h"

#define PTE_RIGHTS (PTE_U | PTE_W)
#define THERE (PTE_P | PTE_A)
#define ALL (PTE_P | PTE_A | PTE_D | PTE_U | PTE_W)

/* ---------------------------------------------------------------- entries */

/* The guest page at a guest physical address, A20 applied. */
static bool page_at(struct full *f, uint32_t at, uint32_t *gfn, mpa_t *frame)
{
    gpa_t back;
    if (!vp_memory(&f->p, (gpa_t){at & ~PAGE_MASK}, frame) ||
        !m2p(f->vm, *frame, &back)) {
        return false;
    }
    *gfn = back.v >> PAGE_SHIFT;
    return true;
}

/* Did the processor use it, and may it: no reserved bit is set? */
static bool is_used(const struct full *f, uint32_t entry, bool directory)
{
    return (entry & THERE) == THERE &&
           !cpu_entry_reserved(f->p.cpu, entry, directory);
}

uint32_t paging_leaf(struct full *f, uint32_t pte)
{
    /*@lab 3 paging_leaf
     * What may the shadow of this entry of a guest's page table say? 0 while
     * the guest's is not used (is_used()), or if no memory is there
     * (page_at()). Else the machine frame, with PTE_P, PTE_A and PTE_D, the
     * guest's PTE_U, and PTE_W only if the guest's entry has W and D and the
     * page is not traced. The invariants in shadow.c's head are made here.
     *@stub
     *  (void)f;
     *  (void)pte;
     *  (void)is_used;
     *  (void)page_at;
     *  lab_todo("paging_leaf");
     */
    uint32_t gfn;
    mpa_t frame;
    if (!is_used(f, pte, false) || !page_at(f, pte, &gfn, &frame)) {
        return 0;
    }
    uint32_t entry = frame.v | PTE_P | PTE_A | PTE_D | (pte & PTE_U);
    if ((pte & PTE_W) && (pte & PTE_D) && !shadow_traced(f, gfn)) {
        entry |= PTE_W;
    }
    return entry;
    /*@end*/
}

/* Of entry `i` of a large page, or of memory without paging: rights are the
 * directory entry's. */
static uint32_t large_leaf(struct full *f, const struct shadow_page *s,
                           unsigned i)
{
    return paging_leaf(f, (s->gfn + i) << PAGE_SHIFT | ALL);
}

bool paging_link(struct full *f, uint32_t pde, struct shadow_goal *to)
{
    /*@lab 3 paging_link
     * The same of an entry of a page directory: where does it lead, and what
     * may the shadow's entry say beside the address? False if it is not used,
     * or leads to no memory. A table: role SHADOW_TABLE, its gfn, and P, A,
     * and the guest's U and W. With PTE_PS, if f->sh.pse, a large page: role
     * SHADOW_LARGE, the gfn of its first 4 KiB (bits 31 to 22 alone count),
     * and P, A, U, but W only if D is set, too. False if that gfn is not
     * below f->vm->pages.
     *@stub
     *  (void)f;
     *  (void)pde;
     *  (void)to;
     *  lab_todo("paging_link");
     */
    mpa_t frame;
    if (!is_used(f, pde, true)) {
        return false;
    }
    if ((pde & PTE_PS) && f->sh.pse) {
        to->role = SHADOW_LARGE;
        to->gfn = pde >> PAGE_SHIFT & ~(ENTRIES - 1);
        to->bits = THERE | (pde & PTE_U);
        to->bits |= pde & PTE_D ? pde & PTE_W : 0;
        return to->gfn < f->vm->pages;
    }
    to->role = SHADOW_TABLE;
    to->bits = THERE | (pde & PTE_RIGHTS);
    return page_at(f, pde, &to->gfn, &frame);
    /*@end*/
}

/* ----------------------------------------------------------------- A and D */

/* The guest's tables, as its processor would walk them for this access. */
static struct walk walk(struct full *f, gva_t at, enum access a, bool user)
{
    struct walk w = cpu_walk(f->p.cpu, at, a, user);
    charge_exit(f->vm, PHASE_memory, PRICE_vmm_walk_ref,
                (unsigned)w.references);
    return w;
}

static void set_bits(struct full *f, mpa_t at, uint64_t *entry, uint32_t bits)
{
    if ((*entry & bits) != bits) {
        *entry |= bits;
        vp_store(&f->p, (gpa_t){at.v}, (uint32_t)*entry);
    }
}

static void set_accessed(struct full *f, struct walk *w, bool write)
{
    /*@lab 3 set_accessed
     * In the guest's own entries, as its processor would: A in each entry
     * that the walk used, and D, for a write, in the one that maps the page
     * and in no other (SDM 3A 4.8). set_bits() changes entry and walk. A walk
     * with paging off has used none: w->references is 0.
     *@stub
     *  (void)f;
     *  (void)w;
     *  (void)write;
     *  (void)set_bits;
     *  lab_todo("set_accessed");
     */
    uint32_t leaf = write ? PTE_A | PTE_D : PTE_A;
    if (w->large) {
        set_bits(f, w->pde_at, &w->pde, leaf);
    } else if (w->references > 0) {
        set_bits(f, w->pde_at, &w->pde, PTE_A);
        set_bits(f, w->pte_at, &w->pte, leaf);
    }
    /*@end*/
}

bool paging_fetch(struct full *f, gva_t at, uint32_t *gfn)
{
    mpa_t frame;
    struct walk w = walk(f, at, ACCESS_FETCH, false);
    if (!w.ok || !page_at(f, w.frame.v, gfn, &frame)) {
        return false;
    }
    set_accessed(f, &w, false);
    return true;
}

/* ---------------------------------------------------------------- filling */

/* Make the shadow say of `at` what the guest's tables say. False: it did
 * already, or cannot. */
static bool fill(struct full *f, gva_t at, struct walk *w, bool write)
{
    /*@lab 3 fill
     * The guest's tables permit the access, the shadow does not yet.
     *
     * 1. set_accessed(): afterwards *w has the entries as they are now.
     * 2. Where does the directory entry lead? paging_link(), or, with the
     *    guest's paging off (w->references is 0), to the SHADOW_LARGE of the
     *    4 MiB that `at` is in, with all rights. Nowhere, or the slot is the
     *    monitor's (is_hole()): false.
     * 3. That shadow page: shadow_get(). NULL: the VM is killed; false.
     * 4. Its entry for `at`: paging_leaf() or large_leaf().
     * 5. Put in both: shadow_link() into f->sh.current, shadow_set().
     *
     * Return whether that helps: the entry is there now, and one of the two
     * is another one than before (note both before step 1; while the slot
     * has no child the second is 0). If not, the guest would fault for ever:
     * the caller does the instruction for it.
     *@stub
     *  (void)f;
     *  (void)at;
     *  (void)w;
     *  (void)write;
     *  (void)set_accessed;
     *  (void)large_leaf;
     *  lab_todo("fill");
     */
    struct shadow_page *dir = f->sh.current;
    unsigned slot = at.v >> 22, i = at.v >> PAGE_SHIFT & (ENTRIES - 1);
    struct shadow_goal to = {SHADOW_LARGE, slot * ENTRIES, THERE | PTE_RIGHTS};
    uint32_t pde = dir->entry[slot];
    uint32_t pte = dir->child[slot] ? dir->child[slot]->entry[i] : 0;
    set_accessed(f, w, write); /* a traced write: it may do the rest, too */
    bool mapped = w->references == 0 || paging_link(f, (uint32_t)w->pde, &to);
    if (is_hole(f->vm, slot) || !mapped) {
        return false;
    }
    struct shadow_page *s = shadow_get(f, to.role, to.gfn);
    if (!s) {
        return false;
    }
    uint32_t entry = to.role == SHADOW_TABLE ? paging_leaf(f, (uint32_t)w->pte)
                                             : large_leaf(f, s, i);
    shadow_link(f, dir, slot, s, to.bits);
    shadow_set(f, s, i, entry);
    return (entry & PTE_P) && (dir->entry[slot] != pde || s->entry[i] != pte);
    /*@end*/
}

/* -------------------------------------------------------------- the fault */

static void guests_own(struct full *f, struct exit *x, const struct walk *w)
{
    /*@lab 3 guests_own
     * The guest's tables forbid the access: build the #PF that its processor
     * would raise (struct event in cpu/state.h: kind EVENT_FAULT, vector
     * VEC_PF, has_error, its error code and CR2), deliver it with
     * vp_deliver(), and say so in the record: the reason is EXIT_guest_pf,
     * then vp_reflected(). Whose error code: what the real processor said of
     * the shadow, or what the walk says?
     *@stub
     *  (void)f;
     *  (void)x;
     *  (void)w;
     *  lab_todo("guests_own");
     */
    struct event e = {.kind = EVENT_FAULT,
                      .vector = VEC_PF,
                      .has_error = true,
                      .error = w->error,
                      .cr2 = x->event.cr2};
    x->r.reason = EXIT_guest_pf;
    vp_deliver(&f->p, &e);
    vp_reflected(&f->p);
    /*@end*/
}

/* Do the guest's entries forbid to write it, whatever they let its kernel do
 * while CR0.WP is 0? */
static bool read_only(const struct walk *w)
{
    uint64_t both = w->large ? w->pde : w->pde & w->pte;
    return w->references > 0 && !(both & PTE_W);
}

static void hidden(struct full *f, struct exit *x, struct walk *w, bool write)
{
    /*@lab 3 hidden
     * The guest's tables permit the access. The reason is EXIT_shadow_fill,
     * the disposition DISPOSITION_shadow_fill; fill(), and the guest tries
     * again. Two cases remain in which no entry could help, and then the
     * disposition is DISPOSITION_emulated, and run_virtually() does that one
     * instruction: a write to a page that the guest's tables make read_only()
     * (its kernel may, while its CR0.WP is 0), and a fill that returned false
     * - unless the VM has ended, vm_ended().
     *@stub
     *  (void)f;
     *  (void)x;
     *  (void)w;
     *  (void)write;
     *  (void)fill;
     *  (void)read_only;
     *  lab_todo("hidden");
     */
    gva_t at = {x->event.cr2};
    x->r.reason = EXIT_shadow_fill;
    x->r.disposition = DISPOSITION_shadow_fill;
    if (write && read_only(w)) {
        x->r.disposition = DISPOSITION_emulated;
        run_virtually(f, x);
    } else if (fill(f, at, w, write)) {
        exit_note(x, "%08x is guest physical %08x%s", at.v, w->frame.v,
                  write ? ", written" : "");
    } else if (!vm_ended(f->vm)) {
        x->r.disposition = DISPOSITION_emulated;
        run_virtually(f, x);
    }
    /*@end*/
}

/* Guest physical memory that is not there: the access is done for it. */
static void no_memory(struct full *f, struct exit *x, const struct walk *w)
{
    x->r.reason = EXIT_mmio;
    x->r.disposition = DISPOSITION_emulated;
    exit_note(x, "guest physical %08x is no memory", w->frame.v);
    run_virtually(f, x);
}

void page_fault(struct full *f, struct exit *x)
{
    shadow_room(f);
    /*@lab 3 page_fault
     * Who is to blame? The real processor has walked the shadow; you walk()
     * the guest's tables for the same access: the address x->event.cr2, read
     * or write by PF_W of x->event.error, and by ring 3 or not by PF_U. Then,
     * in this order:
     *
     *   the walk is not ok                   guests_own()
     *   no memory at w.frame (page_at())     no_memory()
     *   a write to a traced page             trace_write(): true, it is done
     *   else                                 hidden()
     *@stub
     *  (void)x;
     *  (void)walk;
     *  (void)guests_own;
     *  (void)no_memory;
     *  (void)hidden;
     *  lab_todo("page_fault");
     */
    bool write = x->event.error & PF_W;
    uint32_t gfn;
    mpa_t frame;
    struct walk w =
        walk(f, (gva_t){x->event.cr2}, write ? ACCESS_WRITE : ACCESS_READ,
             x->event.error & PF_U);
    if (!w.ok) {
        guests_own(f, x, &w);
    } else if (!page_at(f, w.frame.v, &gfn, &frame)) {
        no_memory(f, x, &w);
    } else if (!write || !shadow_traced(f, gfn) || !trace_write(f, x, gfn)) {
        hidden(f, x, &w, write);
    }
    /*@end*/
}

/* ------------------------------------------------- switching and the TLB */

static struct shadow_page *directory(struct full *f)
{
    /*@lab 3 directory
     * The shadow of the guest's present address space. With paging on, that
     * of the page at its CR3 (shadow_get()), or f->sh.none if no memory is
     * there; with paging off f->sh.flat. Those two stand for no guest page:
     * make them when they are first wanted, with shadow_new(), and keep them.
     *@stub
     *  (void)f;
     *  lab_todo("directory");
     */
    const struct cpu *c = f->p.cpu;
    struct shadow_page **own = c->cr0 & CR0_PG ? &f->sh.none : &f->sh.flat;
    uint32_t gfn;
    mpa_t frame;
    if ((c->cr0 & CR0_PG) && page_at(f, c->cr3, &gfn, &frame)) {
        return shadow_get(f, SHADOW_DIRECTORY, gfn);
    }
    if (!*own) {
        *own = shadow_new(f, SHADOW_DIRECTORY);
    }
    return *own;
    /*@end*/
}

void paging_switch(struct full *f)
{
    bool pse = f->p.cpu->cr4 & CR4_PSE;
    if (pse != f->sh.pse) {
        shadow_drop_all(f); /* directories mean something else */
        f->sh.pse = pse;
    }
    /*@lab 3 paging_switch
     * The guest has loaded CR3, or turned paging on or off. Its directory()
     * becomes f->sh.current, and the processor gets it: vm_load_cr3(), phase
     * PHASE_memory. What was made before stays: the guest will be back. That
     * has emptied the TLB, so neither f->sh.flush nor f->sh.stale hold any
     * more. (NULL: the VM was killed, and there is nothing to load.)
     *@stub
     *  (void)directory;
     *  lab_todo("paging_switch");
     */
    f->sh.current = directory(f);
    if (f->sh.current) {
        vm_load_cr3(f->vm, PHASE_memory, f->sh.current->frame.v);
        f->sh.flush = f->sh.stale = false; /* so much for the TLB */
    }
    /*@end*/
}

void paging_invalidate(struct full *f, gva_t at)
{
    /*@lab 3 paging_invalidate
     * The guest has executed INVLPG: its tables have changed before, and the
     * shadows with them. What may still have the old entry? vm_flush_page();
     * but where f->sh.pse, vm_flush_tlb(): INVLPG anywhere in a large page
     * means all of it, and the real TLB has it in pieces.
     *@stub
     *  (void)f;
     *  (void)at;
     *  lab_todo("paging_invalidate");
     */
    if (f->sh.pse) {
        vm_flush_tlb(f->vm);
    } else {
        vm_flush_page(f->vm, at);
    }
    /*@end*/
}

void paging_a20(struct full *f)
{
    shadow_drop_all(f);
    paging_switch(f);
}

void shadow_settle(struct full *f)
{
    /*@lab 3 shadow_settle
     * Before each entry: if f->sh.flush, and this VM is the monitor's current
     * one (f->vm->monitor->current), vm_flush_tlb(). If it is not, its next
     * turn empties the TLB anyway: f->sh.flush is false afterwards.
     *@stub
     *  (void)f;
     *  lab_todo("shadow_settle");
     */
    if (f->sh.flush && f->vm->monitor->current == f->vm) {
        vm_flush_tlb(f->vm);
    }
    f->sh.flush = false;
    /*@end*/
}
