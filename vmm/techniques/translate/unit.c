/*
 * unit.c - units: made, found, chained, thrown away.
 *
 * A unit is found by its guest address, among those whose bytes the guest has
 * mapped there now. Its guest pages are watched: every write of the guest's
 * to them is done by the monitor, and a unit of whose bytes one was written
 * is dead from then on. So a translation is always that of the bytes that
 * are there, however they change.
 *
 * Whatever leads to a unit is known, so that it can be led elsewhere: links
 * of others, in a list; and the indirect branches' table. A dead unit's
 * memory is kept until everything is flushed, and the processor is never in
 * one: each exit ends by finding out anew where to go on.
 */
#include "translate.h"

#include <assert.h>
#include <string.h>

#define STUB_SIZE 16u     /* at the beginning of the cache: RUN_INTERPRETED's */
#define UNITS_MOST 16384u /* then all is flushed, as if the cache were full */

static struct unit **slot_of(struct translator *t, uint32_t eip)
{
    return &t->slot[(eip ^ eip >> 10) % UNIT_SLOTS];
}

uint32_t unit_eip(const struct unit *u, unsigned n)
{
    uint32_t eip = u->eip;
    for (unsigned i = 0; i < n; i++) {
        eip += u->insn[i].len;
    }
    return eip;
}

struct unit *unit_at(const struct translator *t, uint32_t at)
{
    uint32_t low = 0, high = t->units;
    while (low < high) { /* the last that does not begin behind it */
        uint32_t middle = (low + high) / 2;
        if (t->unit[middle]->at <= at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low ? t->unit[low - 1] : NULL;
}

/* ------------------------------------------------- what leads to a unit */

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

/* ------------------------------------------------------ thrown away */

bool page_used(const struct translator *t, uint32_t gfn)
{
    const struct unit *u = t->crossing;
    while (u && u->gfn[1] != gfn) {
        u = u->next_crossing;
    }
    return u || t->in_page[gfn];
}

static void unlist(struct translator *t, struct unit *u)
{
    struct unit **at = slot_of(t, u->eip);
    while (*at != u) {
        at = &(*at)->next_in_slot;
    }
    *at = u->next_in_slot;
    at = &t->in_page[u->gfn[0]];
    while (*at != u) {
        at = &(*at)->next_in_page;
    }
    *at = u->next_in_page;
    for (at = &t->crossing; *at; at = &(*at)->next_crossing) {
        if (*at == u) {
            *at = u->next_crossing;
            break;
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
    unlist(t, u);
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

static void free_units(struct translator *t)
{
    for (uint32_t i = 0; i < t->units; i++) {
        pool_give(t->f.vm->monitor->pool, t->unit[i]->mark);
        pool_give(t->f.vm->monitor->pool, t->unit[i]);
    }
    t->units = 0;
}

void unit_flush(struct translator *t)
{
    for (uint32_t i = 0; i < t->units; i++) {
        for (unsigned k = 0; k < t->unit[i]->pages; k++) {
            shadow_watch(&t->f, t->unit[i]->gfn[k], false);
            t->in_page[t->unit[i]->gfn[k]] = NULL;
        }
    }
    free_units(t);
    selectors_forget(t);
    memset(t->slot, 0, sizeof t->slot);
    t->crossing = t->here = NULL;
    t->chain = NULL;
    t->used = STUB_SIZE;
    targets_clear(t);
    t->counts.flushes++;
}

/* --------------------------------------------------------- made, found */

static void enlist(struct translator *t, struct unit *u)
{
    struct unit **slot = slot_of(t, u->eip);
    u->next_in_slot = *slot;
    *slot = u;
    u->next_in_page = t->in_page[u->gfn[0]];
    t->in_page[u->gfn[0]] = u;
    if (u->pages == 2) {
        u->next_crossing = t->crossing;
        t->crossing = u;
    }
    for (unsigned k = 0; k < u->pages; k++) {
        shadow_watch(&t->f, u->gfn[k], true);
    }
    t->unit[t->units++] = u;
    t->counts.units++;
    t->counts.insns += u->count;
}

void unit_source(const struct translator *t, const struct unit *u, uint8_t *to)
{
    uint32_t offset = u->eip & PAGE_MASK;
    uint32_t here = u->pages == 2 ? PAGE_SIZE - offset : u->bytes;
    guest_read(t->f.vm, (gpa_t){u->gfn[0] << PAGE_SHIFT | offset}, to, here);
    if (u->pages == 2) {
        guest_read(t->f.vm, (gpa_t){u->gfn[1] << PAGE_SHIFT}, to + here,
                   u->bytes - here);
    }
}

static bool room_in_list(struct translator *t)
{
    uint32_t room = t->units_room ? t->units_room * 2 : 256;
    if (t->units < t->units_room) {
        return true;
    }
    struct unit **unit = pool_resize(t->f.vm->monitor->pool, t->unit,
                                     room * sizeof(struct unit *));
    if (unit) {
        t->unit = unit;
        t->units_room = room;
    }
    return unit;
}

/* Its translation goes into the cache. False: no memory. */
static bool put(struct translator *t, struct unit *u, const struct emitter *e)
{
    if (t->units == UNITS_MOST || !cache_room(t, e->n)) {
        unit_flush(t);
        if (!cache_room(t, e->n)) {
            return false;
        }
    }
    u->mark = pool_take(t->f.vm->monitor->pool, e->marks * sizeof *u->mark);
    if (!u->mark || !room_in_list(t)) {
        pool_give(t->f.vm->monitor->pool, u->mark);
        return false;
    }
    memcpy(u->mark, e->mark, e->marks * sizeof *u->mark);
    u->marks = e->marks;
    u->at = t->used;
    u->size = e->n;
    cache_write(t, u->at, e->code, e->n);
    t->used += e->n;
    return true;
}

static struct unit *make(struct translator *t, uint32_t eip, uint32_t gfn)
{
    struct emitter e;
    struct unit *u = pool_take(t->f.vm->monitor->pool, sizeof *u);
    if (u) {
        u->eip = eip;
        u->gfn[0] = gfn;
        if (!unit_decode(t, u)) {
            pool_give(t->f.vm->monitor->pool, u);
            return NULL;
        }
        for (unsigned i = 0; i < u->count; i++) {
            u->callout[i] = adapt_callout(t, unit_eip(u, i), gfn);
        }
        unit_source(t, u, u->source);
        emit_unit(&e, u);
    }
    if (!u || !put(t, u, &e)) {
        pool_give(t->f.vm->monitor->pool, u);
        vm_kill(t->f.vm, "no memory for translations: give the machine more");
        return NULL;
    }
    enlist(t, u);
    charge_exit(t->f.vm, PHASE_translate, PRICE_vmm_translate, u->count);
    t->made = true;
    return u;
}

static struct unit *find(struct translator *t, uint32_t eip, uint32_t gfn)
{
    struct unit *u = *slot_of(t, eip);
    uint32_t second;
    for (; u; u = u->next_in_slot) {
        if (u->eip == eip && u->gfn[0] == gfn &&
            (u->pages == 1 || (space_page(t, (eip | PAGE_MASK) + 1, &second) &&
                               second == u->gfn[1]))) {
            return u;
        }
    }
    return NULL;
}

/* Is it an instruction of the unit that was left? */
static bool in_here(const struct translator *t, uint32_t eip, uint32_t *at)
{
    const struct unit *u = t->here;
    if (u && !u->dead && eip - u->eip < u->bytes && space_holds(t, u)) {
        for (unsigned i = 0; i < u->count; i++) {
            if (unit_eip(u, i) == eip) {
                *at = u->at + u->start[i];
                return true;
            }
        }
    }
    return false;
}

bool unit_place(struct translator *t, uint32_t eip, uint32_t *at)
{
    uint32_t gfn;
    charge_exit(t->f.vm, PHASE_translate, PRICE_vmm_lookup, 1);
    if (in_here(t, eip, at)) {
        return true;
    }
    if (!space_page(t, eip, &gfn)) {
        return false;
    }
    struct unit *u = find(t, eip, gfn);
    if (!u) {
        u = make(t, eip, gfn);
    }
    if (u) {
        *at = u->at;
    }
    return u;
}

/* ------------------------------------------------------------------ life */

bool unit_init(struct translator *t)
{
    static const uint8_t stub[] = {0xcd, CALLOUT_VECTOR}; /* INT */
    t->in_page = pool_take(t->f.vm->monitor->pool,
                           t->f.vm->pages * sizeof(struct unit *));
    if (!t->in_page || !cache_room(t, STUB_SIZE)) {
        return false;
    }
    cache_write(t, 0, stub, sizeof stub);
    t->used = STUB_SIZE;
    targets_clear(t);
    return true;
}

void unit_free_all(struct translator *t)
{
    free_units(t);
    pool_give(t->f.vm->monitor->pool, t->unit);
    pool_give(t->f.vm->monitor->pool, t->in_page);
}
