/*
 * chain.c - what leads to a unit: chained, and led elsewhere when it dies.
 *
 * Branches lead from unit to unit without the monitor once they are chained:
 * a link's JMP goes to the other's translation, a slot of the table of
 * targets names it. All that leads to a unit is known, so that it can be
 * undone: links of others, in the list u->from; and the table's slots for
 * its instructions.
 *
 * A unit of whose guest bytes one was written is dead. Nothing leads to it
 * any more, and it is found no more. Its memory is kept until everything is
 * flushed; the processor is never in one: each exit ends by finding out anew
 * where to go on.
 */
#include "translate.h"

#include <assert.h>

/* ------------------------------------------------------------------ links */

static void set_field(struct translator *t, const struct unit *u,
                      const struct link *l, uint32_t to)
{
    uint32_t distance = to - (u->at + l->field + 4);
    cache_write(t, u->at + l->field, &distance, sizeof distance);
    charge_exit(t->f.vm, PHASE_translate, PRICE_vmm_chain, 1);
}

static void unchain(struct translator *t, struct link *l)
{
    /*@lab 5 unchain
     * The link leads to its INT again: set_field() to its stub's place, unless
     * its owner is dead. It is in the list of those that lead to l->to no
     * more.
     *@stub
     *  (void)t;
     *  (void)l;
     *  (void)set_field;
     *  lab_todo("unchain");
     */
    assert(l->to);
    struct link **at = &l->to->from;
    while (*at != l) {
        at = &(*at)->next;
    }
    *at = l->next;
    l->to = NULL;
    if (!l->owner->dead) {
        set_field(t, l->owner, l, l->owner->at + l->stub);
    }
    /*@end*/
}

void unit_chain(struct translator *t, uint32_t at)
{
    /*@lab 5 unit_chain
     * The exit came by the link t->chain, and `at` is the place where it leads,
     * in the translation of unit_at(t, at). Have it go there by itself from now
     * on: set_field(), l->to, and the list to->from (by l->next). Not if there
     * is no link, if it is chained already, or if its owner has died in this
     * exit. Count t->counts.chained. Until it is written each branch is an
     * exit: right, and dear.
     *@stub
     *  (void)t;
     *  (void)at;
     */
    struct link *l = t->chain;
    struct unit *to = unit_at(t, at);
    if (!l || l->to || l->owner->dead) {
        return;
    }
    l->to = to;
    l->next = to->from;
    to->from = l;
    set_field(t, l->owner, l, at);
    t->counts.chained++;
    /*@end*/
}

/* ------------------------------------------------- the table of targets */

struct target *target_of(const struct translator *t, uint32_t slot)
{
    uint32_t at = TARGETS_AT + slot % TARGETS * (uint32_t)sizeof(struct target);
    uint8_t *page =
        frame_bytes(t->f.vm->monitor, t->state_frame[at / PAGE_SIZE]);
    return (struct target *)(void *)(page + at % PAGE_SIZE);
}

void targets_put(struct translator *t, uint32_t eip, uint32_t at)
{
    *target_of(t, eip) = (struct target){.tag = 0u - eip, .at = at};
    charge_exit(t->f.vm, PHASE_translate, PRICE_vmm_lookup, 1);
}

/* An address of another slot fits none. */
static void target_clear(struct translator *t, uint32_t slot)
{
    target_of(t, slot)->tag = 0u - (slot + 1);
}

void targets_clear(struct translator *t)
{
    for (uint32_t slot = 0; slot < TARGETS; slot++) {
        target_clear(t, slot);
    }
}

/* -------------------------------------------------------------- thrown away */

void unit_detach(struct translator *t, struct unit *u)
{
    /*@lab 5 unit_detach
     * Nothing leads to the unit any more without asking: no link, and no slot
     * of the table. A slot is of the unit if its `at` is in the translation,
     * for one of the unit's instructions, unit_eip(u, i): target_of(),
     * target_clear().
     *@stub
     *  (void)t;
     *  (void)u;
     *  (void)unchain;
     *  lab_todo("unit_detach");
     */
    while (u->from) {
        unchain(t, u->from);
    }
    for (unsigned i = 0; i < u->count; i++) {
        uint32_t eip = unit_eip(u, i);
        if (target_of(t, eip)->at - u->at < u->size) {
            target_clear(t, eip);
        }
    }
    /*@end*/
}

void unit_drop(struct translator *t, struct unit *u)
{
    /*@lab 5 unit_drop
     * The unit dies: it is `dead`, detached, leads nowhere itself (its own
     * links that are chained), and is found no more: unit_unlist(). Of its
     * pages, u->gfn[0 .. u->pages-1], those are watched no longer that neither
     * page_used() nor selectors_use(): shadow_watch(&t->f, gfn, false). Count
     * t->counts.dropped.
     *@stub
     *  (void)t;
     *  (void)u;
     *  lab_todo("unit_drop");
     */
    u->dead = true;
    unit_detach(t, u);
    for (unsigned k = 0; k < u->links; k++) {
        if (u->link[k].to) {
            unchain(t, &u->link[k]);
        }
    }
    unit_unlist(t, u);
    for (unsigned k = 0; k < u->pages; k++) {
        if (!page_used(t, u->gfn[k]) && !selectors_use(t, u->gfn[k])) {
            shadow_watch(&t->f, u->gfn[k], false);
        }
    }
    t->counts.dropped++;
    /*@end*/
}

/*@hide 5*/
/* Do n bytes from gpa `at` on touch those of unit u? */
static bool touches(const struct unit *u, uint32_t at, uint32_t n)
{
    uint32_t first = u->gfn[0] << PAGE_SHIFT | (u->eip & PAGE_MASK);
    uint32_t here = u->bytes, there = 0;
    if (u->pages == 2) {
        here = PAGE_SIZE - (u->eip & PAGE_MASK);
        there = u->bytes - here;
    }
    return (at < first + here && first < at + n) ||
           (there && at < (u->gfn[1] << PAGE_SHIFT) + there &&
            u->gfn[1] << PAGE_SHIFT < at + n);
}
/*@end*/

void unit_written(struct translator *t, gpa_t at, unsigned size)
{
    /*@lab 5 unit_written
     * The guest has written `size` bytes at guest physical address `at`, in
     * one page. Every unit with one of these bytes among its own dies, and no
     * other: look through t->in_page[page], by u->next_in_page, and
     * t->crossing, by u->next_crossing, for those whose second page it may be.
     * A unit's bytes begin at page u->gfn[0], offset u->eip & PAGE_MASK; with
     * u->pages 2 they go on at the beginning of page u->gfn[1]. unit_drop()
     * takes a unit out of these lists. Until it is written nothing dies, and
     * the audit finds it.
     *@stub
     *  (void)t;
     *  (void)at;
     *  (void)size;
     */
    struct unit *next, *u = t->in_page[at.v >> PAGE_SHIFT];
    for (; u; u = next) {
        next = u->next_in_page;
        if (touches(u, at.v, size)) {
            unit_drop(t, u);
        }
    }
    for (u = t->crossing; u; u = next) {
        next = u->next_crossing;
        if (touches(u, at.v, size)) {
            unit_drop(t, u);
        }
    }
    /*@end*/
}
