/*
 * unit.c - units: made, found, and all flushed.
 *
 * A unit is found by its guest address, among those whose bytes the guest has
 * mapped there now. Its guest pages are watched: every write of the guest's
 * to them is done by the monitor, and a unit of whose bytes one was written
 * is dead from then on. So a translation is always that of the bytes that
 * are there, however they change.
 *
 * How branches lead from one to another, and what becomes of a dead one:
 * chain.c.
 */
#include "translate.h"

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

/* ------------------------------------------------------ thrown away */

bool page_used(const struct translator *t, uint32_t gfn)
{
    const struct unit *u = t->crossing;
    while (u && u->gfn[1] != gfn) {
        u = u->next_crossing;
    }
    return u || t->in_page[gfn];
}

void unit_unlist(struct translator *t, struct unit *u)
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
