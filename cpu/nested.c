/*
 * nested.c - nested paging: the second dimension of a walk (APM volume 2,
 * 15.25).
 *
 * Job:    what a guest calls physical is translated once more, by the
 *         monitor's nested tables: its pages, and its page tables too.
 * Parts:  one step of a walk; A and D of the nested tables; the nested fault.
 *
 *                        nested tables
 *     CR3            ->  nPDE  nPTE  ->  PDE      3 references
 *     PDE's address  ->  nPDE  nPTE  ->  PTE      3
 *     PTE's address  ->  nPDE  nPTE  ->  page     2: eight in all, where
 *                                                 a walk without takes two
 *
 * To the nested tables every access is a user's, and one to a page table of
 * the guest's a write, since it may set A or D. Their format is the one that
 * the host's own tables have: of 32-bit entries, by CR4.PSE with large pages
 * or without.
 *
 * Simplified: the nested tables' own format is never PAE's. MOV CR3 loads the
 * guest's PAE pointers, as without nesting; AMD's processors read them anew
 * in each walk.
 */
#include "engine.h"

/* ------------------------------------------------------- one step of a walk */

static bool step(const struct cpu *c, struct walk *w, gpa_t at, enum access a,
                 struct walk *n)
{
    walk_nested(c, at, a, n);
    w->references += n->references;
    if (!n->ok) {
        w->nested_fault = true;
        w->nested_error = n->error;
        w->nested_at = at;
    }
    return n->ok;
}

bool nested_table(const struct cpu *c, struct walk *w, gpa_t at, mpa_t *out)
{
    struct walk n;
    w->in_table = true;
    w->tables++;
    bool ok = step(c, w, at, ACCESS_WRITE, &n);
    *out = n.frame;
    return ok;
}

static bool lets_write(const struct walk *n)
{
    uint64_t leaf = n->large ? n->pde : n->pte;
    return (walk_rights(n) & PTE_W) && (leaf & PTE_D);
}

bool nested_page(const struct cpu *c, struct walk *w, enum access a)
{
    struct walk n;
    w->in_table = false;
    bool ok = step(c, w, w->page_gpa, a, &n);
    w->frame = n.frame;
    w->writable = a == ACCESS_WRITE || lets_write(&n);
    return ok;
}

/* ----------------------------------------------------------------- A and D */

/* The walk has been made and paid for; this finds its entries again. */
static void mark(struct cpu *c, gpa_t at, enum access a)
{
    struct walk n;
    walk_nested(c, at, a, &n);
    if (n.ok)
        walk_mark(c, &n, a);
}

static _Noreturn void nested_fault(struct cpu *c, const struct walk *w)
{
    uint64_t where = w->in_table ? NPF_TABLE : NPF_FINAL;
    raise_vmexit(c, VMEXIT_NPF, where << 32 | w->nested_error, w->nested_at.v);
}

void nested_settle(struct cpu *c, struct walk *w, enum access a)
{
    if (w->tables > 0)
        mark(c, w->pde_gpa, ACCESS_WRITE);
    if (w->tables > 1)
        mark(c, w->pte_gpa, ACCESS_WRITE);
    if (w->nested_fault)
        nested_fault(c, w);
    if (w->ok)
        mark(c, w->page_gpa, a);
}

mpa_t nested_memory(struct cpu *c, gpa_t at)
{
    struct walk w = {.page_gpa = at, .ok = true};
    bool ok = nested_table(c, &w, at, &w.frame);
    cpu_charge(c, PRICE_walk_ref, (uint64_t)w.references);
    if (!ok)
        nested_fault(c, &w);
    mark(c, at, ACCESS_WRITE);
    return w.frame;
}
