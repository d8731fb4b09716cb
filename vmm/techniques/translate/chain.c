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
}

void unit_chain(struct translator *t, uint32_t at)
{
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
    while (u->from) {
        unchain(t, u->from);
    }
    for (unsigned i = 0; i < u->count; i++) {
        uint32_t eip = unit_eip(u, i);
        if (target_of(t, eip)->at - u->at < u->size) {
            target_clear(t, eip);
        }
    }
}

void unit_drop(struct translator *t, struct unit *u)
{
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
}

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

void unit_written(struct translator *t, gpa_t at, unsigned size)
{
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
}
