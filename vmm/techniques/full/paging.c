/*
 * paging.c - from the guest's page tables to the shadows.
 *
 * Job:    fill a shadow entry when the processor misses it, keep it true when
 *         the guest writes its tables, and tell the guest's own page faults
 *         from those that it must never know of.
 * Parts:  entries; A and D; filling; traced writes; the fault; switching.
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
 * A table that is written while the present address space does not use it
 * has probably become something else: its shadow is dropped, and is made
 * anew if need be.
 *
 * Simplified: global pages are not global in the shadow; no guest can tell.
 * A supervisor's write to a read-only page while the guest's CR0.WP is 0 is
 * done for it, one at a time: the real WP is always 1. There is no PAE for a
 * guest: its CPUID does not offer it, and CR4.PAE is refused.
 */
#include "full.h"

#define PTE_RIGHTS (PTE_U | PTE_W)
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
    const uint32_t there = PTE_P | PTE_A;
    return (entry & there) == there &&
           !cpu_entry_reserved(f->p.cpu, entry, directory);
}

uint32_t paging_leaf(struct full *f, uint32_t pte)
{
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
}

uint32_t paging_large_leaf(struct full *f, const struct shadow_page *s,
                           unsigned i)
{
    return paging_leaf(f, (s->gfn + i) << PAGE_SHIFT | ALL);
}

/* What a directory entry of the guest leads to, and with which rights. */
struct link {
    enum shadow_role role;
    uint32_t gfn, bits;
};

/* False: to nothing, or to where no memory is. */
static bool link_of(struct full *f, uint32_t pde, struct link *l)
{
    const uint32_t there = PTE_P | PTE_A;
    mpa_t frame;
    if (!is_used(f, pde, true)) {
        return false;
    }
    if ((pde & PTE_PS) && f->sh.pse) {
        l->role = SHADOW_LARGE;
        l->gfn = pde >> PAGE_SHIFT & ~(ENTRIES - 1);
        l->bits = there | (pde & PTE_U);
        l->bits |= pde & PTE_D ? pde & PTE_W : 0;
        return l->gfn < f->vm->pages;
    }
    l->role = SHADOW_TABLE;
    l->bits = there | (pde & PTE_RIGHTS);
    return page_at(f, pde, &l->gfn, &frame);
}

/* ----------------------------------------------------------------- A and D */

static void set_bits(struct full *f, mpa_t at, uint64_t *entry, uint32_t bits)
{
    if ((*entry & bits) != bits) {
        *entry |= bits;
        vp_store(&f->p, (gpa_t){at.v}, (uint32_t)*entry);
    }
}

/* In the guest's own entries, as the processor would: SDM 3A 4.8. */
static void set_accessed(struct full *f, struct walk *w, bool write)
{
    uint32_t leaf = write ? PTE_A | PTE_D : PTE_A;
    if (w->large) {
        set_bits(f, w->pde_at, &w->pde, leaf);
    } else if (w->references > 0) {
        set_bits(f, w->pde_at, &w->pde, PTE_A);
        set_bits(f, w->pte_at, &w->pte, leaf);
    }
}

bool paging_fetch(struct full *f, gva_t at, uint32_t *gfn)
{
    mpa_t frame;
    struct walk w = cpu_walk(f->p.cpu, at, ACCESS_FETCH, false);
    charge_exit(f->vm, PHASE_memory, PRICE_vmm_walk_ref,
                (unsigned)w.references);
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
    struct shadow_page *dir = f->sh.current;
    unsigned slot = at.v >> 22, i = at.v >> PAGE_SHIFT & (ENTRIES - 1);
    struct link l = {SHADOW_LARGE, slot * ENTRIES, PTE_P | PTE_A | PTE_RIGHTS};
    uint32_t pde = dir->entry[slot];
    uint32_t pte = dir->child[slot] ? dir->child[slot]->entry[i] : 0;
    set_accessed(f, w, write); /* a traced write: it may do the rest, too */
    bool mapped = w->references == 0 || link_of(f, (uint32_t)w->pde, &l);
    if (is_hole(f->vm, slot) || !mapped) {
        return false;
    }
    struct shadow_page *s = shadow_get(f, l.role, l.gfn);
    if (!s) {
        return false;
    }
    uint32_t entry = l.role == SHADOW_TABLE ? paging_leaf(f, (uint32_t)w->pte)
                                            : paging_large_leaf(f, s, i);
    shadow_link(f, dir, slot, s, l.bits);
    shadow_set(f, s, i, entry);
    return (entry & PTE_P) && (dir->entry[slot] != pde || s->entry[i] != pte);
}

/* --------------------------------------------------------- traced writes */

/* Does the present address space use the page as a table? */
static bool in_use(const struct full *f, uint32_t gfn)
{
    const struct shadow_page *dir = f->sh.current;
    const struct shadow_page *table = shadow_find(f, SHADOW_TABLE, gfn);
    if (shadow_find(f, SHADOW_DIRECTORY, gfn) == dir) {
        return true;
    }
    for (unsigned i = 0; table && i < ENTRIES; i++) {
        if (dir->child[i] == table) {
            return true;
        }
    }
    return false;
}

static void no_table_any_more(struct full *f, uint32_t gfn)
{
    static const enum shadow_role roles[] = {SHADOW_DIRECTORY, SHADOW_TABLE};
    for (int i = 0; i < 2; i++) {
        struct shadow_page *s = shadow_find(f, roles[i], gfn);
        if (s) {
            shadow_drop(f, s);
        }
    }
}

/* An entry of a shadowed page changed: so do the shadows of it. */
static void entry_changed(struct full *f, uint32_t gfn, unsigned i)
{
    struct shadow_page *s = shadow_find(f, SHADOW_TABLE, gfn);
    uint32_t now;
    struct link l;
    if (!guest_read(f->vm, (gpa_t){gfn << PAGE_SHIFT | i * 4}, &now, 4)) {
        return;
    }
    if (s) {
        shadow_set(f, s, i, paging_leaf(f, now));
    }
    s = shadow_find(f, SHADOW_DIRECTORY, gfn);
    if (s && s->child[i]) {
        struct shadow_page *child = s->child[i];
        bool same =
            link_of(f, now, &l) && child->role == l.role && child->gfn == l.gfn;
        shadow_link(f, s, i, same ? child : NULL, same ? l.bits : 0);
    }
}

void paging_written(struct full *f, gpa_t at, unsigned size, uint32_t old)
{
    uint32_t gfn = at.v >> PAGE_SHIFT, now = 0;
    if (!shadow_traced(f, gfn)) {
        return;
    }
    f->sh.traced_writes++;
    guest_read(f->vm, at, &now, size);
    const char *what = shadow_find(f, SHADOW_DIRECTORY, gfn) ? "PDE"
                       : shadow_find(f, SHADOW_TABLE, gfn)   ? "PTE"
                                                             : "code";
    exit_note(&f->vm->exit, "%s at %08x: 0x%x -> 0x%x", what, at.v, old, now);
    unsigned first = (at.v & PAGE_MASK) / 4;
    unsigned last = ((at.v & PAGE_MASK) + size - 1) / 4;
    for (unsigned i = first; i <= last; i++) {
        entry_changed(f, gfn, i);
    }
}

/* The instruction is done on the virtual processor, whatever it is. A REP
 * goes on as long as it writes traced pages. */
static void traced_write(struct full *f, struct exit *x)
{
    struct cpu *c = f->p.cpu;
    uint32_t eip = c->eip, before;
    x->r.reason = EXIT_pt_write;
    x->r.disposition = DISPOSITION_traced_write;
    vp_decode(&f->p, &x->r.insn);
    do {
        before = f->sh.traced_writes;
        if (!vp_step(&f->p)) {
            vp_reflected(&f->p);
            return;
        }
    } while (x->r.insn.rep && c->eip == eip && f->sh.traced_writes != before &&
             !(f->vm->interrupt_line && vp_open(&f->p)));
}

/* -------------------------------------------------------------- the fault */

static void guests_own(struct full *f, struct exit *x, const struct walk *w)
{
    struct event e = {.kind = EVENT_FAULT,
                      .vector = VEC_PF,
                      .has_error = true,
                      .error = w->error,
                      .cr2 = x->event.cr2};
    x->r.reason = EXIT_guest_pf;
    vp_deliver(&f->p, &e);
    vp_reflected(&f->p);
}

static bool read_only(const struct walk *w)
{
    uint64_t both = w->large ? w->pde : w->pde & w->pte;
    return w->references > 0 && !(both & PTE_W);
}

static void hidden(struct full *f, struct exit *x, struct walk *w, bool write)
{
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
}

void page_fault(struct full *f, struct exit *x)
{
    bool write = x->event.error & PF_W;
    const struct cpu *c = f->p.cpu;
    uint32_t gfn;
    mpa_t frame;
    shadow_room(f);
    struct walk w =
        cpu_walk(c, (gva_t){x->event.cr2}, write ? ACCESS_WRITE : ACCESS_READ,
                 x->event.error & PF_U);
    charge_exit(f->vm, PHASE_memory, PRICE_vmm_walk_ref,
                (unsigned)w.references);
    if (!w.ok) {
        guests_own(f, x, &w);
        return;
    }
    if (!page_at(f, w.frame.v, &gfn, &frame)) {
        x->r.reason = EXIT_mmio;
        x->r.disposition = DISPOSITION_emulated;
        exit_note(x, "guest physical %08x is no memory", w.frame.v);
        run_virtually(f, x);
        return;
    }
    if (write && shadow_traced(f, gfn)) {
        if (in_use(f, gfn) || f->sh.page[gfn].watched) {
            traced_write(f, x);
            return;
        }
        no_table_any_more(f, gfn);
    }
    hidden(f, x, &w, write);
}

/* -------------------------------------------------------------- switching */

static struct shadow_page *directory(struct full *f)
{
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
}

void paging_switch(struct full *f)
{
    bool pse = f->p.cpu->cr4 & CR4_PSE;
    if (pse != f->sh.pse) {
        shadow_drop_all(f); /* directories mean something else */
        f->sh.pse = pse;
    }
    f->sh.current = directory(f);
    if (f->sh.current) {
        vm_load_cr3(f->vm, PHASE_memory, f->sh.current->frame.v);
        f->sh.flush = f->sh.stale = false; /* so much for the TLB */
    }
}

/* Pieces of a large page are entries of their own in the real TLB. */
void paging_invalidate(struct full *f, gva_t at)
{
    if (f->sh.pse) {
        vm_flush_tlb(f->vm);
    } else {
        vm_flush_page(f->vm, at);
    }
}

void paging_a20(struct full *f)
{
    shadow_drop_all(f);
    paging_switch(f);
}
