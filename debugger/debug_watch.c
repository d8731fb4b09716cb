/*
 * debug_watch.c - where stops need to be looked for: at few places, and behind
 * few stores, most often; then a guest runs at its own speed between them.
 *
 * A breakpoint is looked for at its offset in a page. What only depends on
 * memory changes by stores to the bytes that it was calculated from, which an
 * expression tells while it is (watch_note): the bytes themselves, and the
 * entries of the guest's tables that led to them. Each look may find these
 * elsewhere, so they are noted again behind each. What depends on registers,
 * or on what instruction it is, is looked for behind every instruction; so is
 * everything while a technique has moved the code.
 */
#include "debug.h"

#include <string.h>

/* What of memory is told to watch_note; the monitor's own is not. */
#define SPACES                                                          \
    (1u << SPACE_VIRTUAL | 1u << SPACE_PHYSICAL | 1u << SPACE_MACHINE | \
     1u << SPACE_PTE | 1u << SPACE_PDE)

#define NARROW                                                             \
    (1u << ON_PLACE | 1u << ON_EXIT | 1u << ON_PORT | 1u << ON_INJECTION | \
     1u << ON_MARKER)

static bool any_moves_code(const struct debug *d)
{
    struct monitor *m = d->session.monitor;
    bool any = false;
    for (size_t i = 0; i < monitor_vm_count(m); i++) {
        any |= technique_moves_code(vm_technique(monitor_vm(m, i)));
    }
    return any;
}

static bool has_value(const struct stop *s)
{
    return s->kind == ON_CHANGE || s->kind == ON_TRUE;
}

/* Can it only be met at a place, behind a store, or where hooks come anyway? */
static bool is_narrow(const struct stop *s)
{
    return (1u << s->kind & NARROW) ||
           (has_value(s) && expr_only_loads(&s->of, SPACES));
}

/* Whatever the space, the offset in its page is the same. */
static void note_places(struct debug *d)
{
    memset(&d->places, 0, sizeof d->places);
    for (int i = 0; i < d->stops; i++) {
        uint32_t offset = d->stop[i].at & PAGE_MASK;
        if (d->stop[i].kind == ON_PLACE) {
            d->places.bits[offset / 64] |= 1ull << offset % 64;
        }
    }
}

void watch_note(struct debug *d, mpa_t at, unsigned size)
{
    struct watched_stores *s = d->noting;
    const uint8_t *host =
        s ? cpu_phys_host(monitor_cpu(d->session.monitor), at) : NULL;
    if (!host || s->count > STORES_MOST) {
        return;
    }
    if (s->count < STORES_MOST) {
        s->range[s->count].from = host;
        s->range[s->count].to = host + size;
    }
    s->count++; /* one too many: there is no room */
}

static void note_stores(struct debug *d, struct watched_stores *s)
{
    struct expr_world w = names_world(d);
    int64_t value;
    s->count = 0;
    d->noting = s;
    for (int i = 0; i < d->stops; i++) {
        if (has_value(&d->stop[i])) {
            expr_value(&d->stop[i].of, &w, &value);
        }
    }
    d->noting = NULL;
}

void watch_set(struct debug *d)
{
    bool narrow = true, values = false;
    d->stays = any_moves_code(d);
    for (int i = 0; i < d->stops; i++) {
        narrow = narrow && is_narrow(&d->stop[i]);
        values = values || has_value(&d->stop[i]);
    }
    if (!narrow || d->stays) {
        return;
    }
    note_places(d);
    note_stores(d, &d->stores);
    if (d->stores.count <= STORES_MOST) {
        d->hooks.places = &d->places;
        d->hooks.stores = values ? &d->stores : NULL;
    }
}

bool watch_again(struct debug *d)
{
    struct watched_stores now;
    if (!d->hooks.stores) {
        return false;
    }
    note_stores(d, &now);
    if (now.count > STORES_MOST) {
        d->hooks.places = NULL; /* behind every instruction, then */
        d->hooks.stores = NULL;
        return true;
    }
    if (now.count == d->stores.count &&
        memcmp(now.range, d->stores.range, now.count * sizeof *now.range) ==
            0) {
        return false;
    }
    d->stores = now;
    return true;
}
