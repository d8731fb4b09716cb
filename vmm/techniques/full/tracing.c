/*
 * tracing.c - pages that the guest may not write unseen: its page tables.
 *
 * Job:    no shadow entry lets the guest write a page of which there is a
 *         shadow; so each such write faults, is done for the guest, and the
 *         shadows of what it changed are changed with it.
 * Parts:  who is traced; protecting; what a write changed; the write itself.
 *
 *     guest:    MOV [table + 8], EAX
 *                  |  #PF: the page of the table is read-only in the shadow
 *     monitor:  trace_write()       the virtual processor does the MOV
 *                  |  its door to memory tells of every write
 *               paging_written()    which entries of a table were that?
 *                  |
 *               entry_changed()     make their shadows say the same
 *
 * A table that is written while the present address space does not use it
 * has probably become something else: its shadow is dropped, and is made
 * anew if need be.
 *
 * Simplified: where a page that becomes traced can be written through some
 * entries, those are found by looking at all of them; a count tells when to
 * stop. The price is that of a list of them (a reverse map): of the entries
 * changed.
 */
#include "full.h"

/* ---------------------------------------------------------- who is traced */

bool shadow_traced(const struct full *f, uint32_t gfn)
{
    const struct guest_page *g = &f->sh.page[gfn];
    return g->shadow[SHADOW_DIRECTORY] || g->shadow[SHADOW_TABLE] || g->watched;
}

void shadow_watch(struct full *f, uint32_t gfn, bool on)
{
    f->sh.page[gfn].watched = on;
    if (on) {
        shadow_protect(f, gfn);
    }
}

/* ------------------------------------------------------------- protecting */

void shadow_protect(struct full *f, uint32_t gfn)
{
    /*@lab 3 shadow_protect
     * The page is traced from now on. Take PTE_W out of every leaf entry that
     * has it for this page: look through f->sh.all, all pages but
     * directories, with shadow_writable(); f->sh.page[gfn].writers says how
     * many there still are. The TLB must not have such an entry either, nor
     * one that is no longer in the tables: set f->sh.flush if there were
     * writers, or if f->sh.stale.
     *@stub
     *  (void)f;
     *  (void)gfn;
     *  lab_todo("shadow_protect");
     */
    struct guest_page *g = &f->sh.page[gfn];
    f->sh.flush = f->sh.flush || f->sh.stale || g->writers > 0;
    for (struct shadow_page *s = f->sh.all; s && g->writers > 0; s = s->next) {
        if (s->role == SHADOW_DIRECTORY) {
            continue;
        }
        for (unsigned i = 0; i < ENTRIES && g->writers > 0; i++) {
            if (shadow_writable(f, s->entry[i]) == g) {
                shadow_set(f, s, i, s->entry[i] & ~PTE_W);
            }
        }
    }
    /*@end*/
}

/* ---------------------------------------------------- what a write changed */

/* An entry of a shadowed page changed: so do the shadows of it. */
static void entry_changed(struct full *f, uint32_t gfn, unsigned i)
{
    /*@lab 3 entry_changed
     * Entry i of the guest's page gfn may be another one now: read it
     * (guest_read). If the page has a SHADOW_TABLE, its entry becomes what
     * paging_leaf() says. If it has a SHADOW_DIRECTORY - a page may have both
     * - whose entry i leads to a child: it stays linked, with the new bits,
     * only if paging_link() still leads to that same child; else unlink it:
     * shadow_link() with no child. No child is linked here that was not: a
     * fault will ask.
     *@stub
     *  (void)f;
     *  (void)gfn;
     *  (void)i;
     *  lab_todo("entry_changed");
     */
    struct shadow_page *s = shadow_find(f, SHADOW_TABLE, gfn);
    uint32_t now;
    struct shadow_goal to;
    if (!guest_read(f->vm, (gpa_t){gfn << PAGE_SHIFT | i * 4}, &now, 4)) {
        return;
    }
    if (s) {
        shadow_set(f, s, i, paging_leaf(f, now));
    }
    s = shadow_find(f, SHADOW_DIRECTORY, gfn);
    if (s && s->child[i]) {
        struct shadow_page *child = s->child[i];
        bool same = paging_link(f, now, &to) && child->role == to.role &&
                    child->gfn == to.gfn;
        shadow_link(f, s, i, same ? child : NULL, same ? to.bits : 0);
    }
    /*@end*/
}

/* What the page is, for the exit's note. */
static const char *traced_as(const struct full *f, uint32_t gfn)
{
    return shadow_find(f, SHADOW_DIRECTORY, gfn) ? "PDE"
           : shadow_find(f, SHADOW_TABLE, gfn)   ? "PTE"
                                                 : "code";
}

void paging_written(struct full *f, gpa_t at, unsigned size, uint32_t old)
{
    uint32_t gfn = at.v >> PAGE_SHIFT, now = 0;
    if (!shadow_traced(f, gfn)) {
        return;
    }
    f->sh.traced_writes++;
    guest_read(f->vm, at, &now, size);
    exit_note(&f->vm->exit, "%s at %08x: 0x%x -> 0x%x", traced_as(f, gfn), at.v,
              old, now);
    /*@lab 3 paging_written
     * `size` bytes of the traced page were written, at any address in it:
     * call entry_changed() for each entry (of four bytes) that has one of
     * them.
     *@stub
     *  (void)entry_changed;
     *  lab_todo("paging_written");
     */
    unsigned first = (at.v & PAGE_MASK) / 4;
    unsigned last = ((at.v & PAGE_MASK) + size - 1) / 4;
    for (unsigned i = first; i <= last; i++) {
        entry_changed(f, gfn, i);
    }
    /*@end*/
}

/* -------------------------------------------------------- the write itself */

/* Does the present address space use the page as a table? */
static bool in_use(const struct full *f, uint32_t gfn)
{
    /*@lab 3 in_use
     * Is the page's SHADOW_DIRECTORY the one in use, or its SHADOW_TABLE a
     * child of that?
     *@stub
     *  (void)f;
     *  (void)gfn;
     *  lab_todo("in_use");
     */
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
    /*@end*/
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

/* A REP goes on as long as it writes traced pages. */
static void write_for_guest(struct full *f, struct exit *x)
{
    struct cpu *c = f->p.cpu;
    uint32_t eip = c->eip, before;
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

bool trace_write(struct full *f, struct exit *x, uint32_t gfn)
{
    /*@lab 3 trace_write
     * A write to the traced page gfn has faulted. If the present address
     * space does not use it as a table, and nobody watches it (f->sh.page
     * [gfn].watched), it has become something else: drop its shadows with
     * no_table_any_more() and return false: the fault is an ordinary one.
     * Else set the exit's reason and disposition (EXIT_pt_write,
     * DISPOSITION_traced_write), have the instruction done, whatever it is,
     * with write_for_guest(), and return true. You need not look at what was
     * written: paging_written() is called by the virtual processor.
     *@stub
     *  (void)f;
     *  (void)x;
     *  (void)gfn;
     *  (void)in_use;
     *  (void)no_table_any_more;
     *  (void)write_for_guest;
     *  lab_todo("trace_write");
     */
    if (!in_use(f, gfn) && !f->sh.page[gfn].watched) {
        no_table_any_more(f, gfn);
        return false;
    }
    x->r.reason = EXIT_pt_write;
    x->r.disposition = DISPOSITION_traced_write;
    write_for_guest(f, x);
    return true;
    /*@end*/
}
