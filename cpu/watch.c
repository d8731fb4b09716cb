/*
 * watch.c - the places and the stores that the owner's hooks look at.
 *
 * Job:    be looked at there, and be as fast as ever elsewhere.
 *
 * Places are breakpoints. Only the offset in a page is asked for, which is the
 * same whatever address space they are meant in. A block ends before such an
 * offset, and none begins at one: whoever comes there comes by engine.c's loop,
 * and runs that instruction alone.
 *
 * Stores are watched by withholding the write tags of their pages, as where
 * there is decoded code: each store to such a page comes by here first. A
 * changed mapping may mean other bytes, so that is told, too.
 *
 * Simplified: what was noted stays in force when the hooks go, until other
 * hooks have other wishes; it only costs a little time.
 */
#include <string.h>
#include "block.h"

bool watch_is_place(const struct cpu *c, uint32_t at)
{
    const struct watch *w = &c->engine->watch;
    uint32_t offset = at & PAGE_MASK;
    return w->has_places && (w->places.bits[offset / 64] >> offset % 64 & 1);
}

bool watch_is_here(const struct cpu *c)
{
    return c->engine->watch.look ||
           watch_is_place(c, c->seg[SEG_CS].base + c->eip);
}

static bool is_watched(const struct cpu *c, uint32_t at, uint32_t size)
{
    const struct watched_stores *s = &c->engine->watch.stores;
    const uint8_t *from = cpu_phys_host(c, (mpa_t){at});
    for (unsigned n = 0; from && n < s->count; n++)
        if (from < s->range[n].to && from + size > s->range[n].from)
            return true;
    return false;
}

bool watch_in_frame(const struct cpu *c, uint32_t page)
{
    return c->engine->watch.stores.count &&
           is_watched(c, page & ~PAGE_MASK, PAGE_SIZE);
}

/* Look at the end of this instruction; or before the next. */
static void look(struct cpu *c)
{
    bool wanted = c->hooks && c->hooks->stores && c->hooks->after;
    c->engine->watch.look |= wanted;
    c->engine->attention |= wanted;
}

void watch_written(struct cpu *c, mpa_t at, uint32_t size)
{
    if (c->engine->watch.stores.count && is_watched(c, at.v, size))
        look(c);
}

void watch_remapped(struct cpu *c)
{
    if (c->engine->watch.stores.count)
        look(c);
}

void watch_tell(struct cpu *c, const struct insn *in)
{
    c->engine->watch.look = false;
    if (c->hooks && c->hooks->after)
        c->hooks->after(c->hooks->who, c, in);
}

static bool is_same(const struct watched_stores *a,
                    const struct watched_stores *b)
{
    return a->count == b->count &&
           memcmp(a->range, b->range, a->count * sizeof *a->range) == 0;
}

void watch_begin(struct cpu *c)
{
    struct watch *w = &c->engine->watch;
    const struct cpu_hooks *h = c->hooks;
    if (h && h->places &&
        memcmp(h->places, &w->places, sizeof w->places) != 0) {
        blocks_drop(c);
        w->places = *h->places;
        w->has_places = true;
    }
    if (h && h->stores && !is_same(h->stores, &w->stores)) {
        w->stores = *h->stores;
        tlb_retag_all(c);
    }
}
