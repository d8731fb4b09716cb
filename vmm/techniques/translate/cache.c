/*
 * cache.c - the translation cache: machine memory for translated code.
 *
 * It is the monitor's own memory, at WORLD_CACHE in the hole of every address
 * space. Three things keep it from the guest, any two of which would do:
 *
 *   the guest's data segments end before the hole, as under full, so what
 *   it reads or writes there is its own memory, by way of the monitor;
 *   the pages are not writable, in ring 1 either (CR0.WP is always 1);
 *   CS, whose segment is the cache and nothing else, is execute-only, and
 *   no other segment reaches it. Ring 3 cannot load it: its DPL is 1.
 *
 * And only translated code runs in ring 1, which branches nowhere but to
 * places that the translator chose.
 *
 * Simplified: a bump allocator. What is thrown away is room again only when
 * all of it is.
 */
#include "translate.h"

#include <string.h>

bool cache_init(struct translator *t)
{
    struct monitor *m = t->f.vm->monitor;
    for (unsigned i = 0; i < WORLD_STATE_PAGES; i++) {
        if (!frame_alloc(m, NULL, &t->state_frame[i])) {
            return false;
        }
    }
    t->state = (struct state_page *)(void *)frame_bytes(m, t->state_frame[0]);
    t->iopl = 1; /* none */
    return true;
}

static void free_frames(struct monitor *m, const mpa_t *frame, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (frame[i].v) {
            frame_free(m, frame[i]);
        }
    }
}

void cache_free(struct translator *t)
{
    struct monitor *m = t->f.vm->monitor;
    free_frames(m, t->frame, WORLD_CACHE_PAGES);
    free_frames(m, t->state_frame, WORLD_STATE_PAGES);
}

static void show_page(struct translator *t, unsigned i)
{
    world_map_own(t->f.vm->monitor, WORLD_CACHE + i * PAGE_SIZE, t->frame[i],
                  false);
}

void cache_show(struct translator *t)
{
    for (unsigned i = 0; i < WORLD_STATE_PAGES; i++) {
        world_map_own(t->f.vm->monitor, WORLD_STATE + i * PAGE_SIZE,
                      t->state_frame[i], true);
    }
    for (unsigned i = 0; i < WORLD_CACHE_PAGES; i++) {
        if (t->frame[i].v) {
            show_page(t, i);
        }
    }
}

bool cache_room(struct translator *t, uint32_t n)
{
    struct monitor *m = t->f.vm->monitor;
    if (t->used + n > CACHE_SIZE) {
        return false;
    }
    for (uint32_t i = t->used / PAGE_SIZE; i <= (t->used + n - 1) / PAGE_SIZE;
         i++) {
        if (t->frame[i].v) {
            continue;
        }
        if (!frame_alloc(m, NULL, &t->frame[i])) {
            return false;
        }
        if (m->current == t->f.vm) {
            show_page(t, i);
        }
    }
    return true;
}

void cache_write(struct translator *t, uint32_t at, const void *from,
                 uint32_t n)
{
    const uint8_t *p = from;
    while (n > 0) {
        uint32_t room = PAGE_SIZE - at % PAGE_SIZE;
        uint32_t part = n < room ? n : room;
        mpa_t to = {t->frame[at / PAGE_SIZE].v + at % PAGE_SIZE};
        cpu_phys_write(t->f.vm->monitor->cpu, to, p, part);
        at += part;
        p += part;
        n -= part;
    }
}

void cache_read(const struct translator *t, uint32_t at, void *to, uint32_t n)
{
    uint8_t *p = to;
    for (; n > 0; n--, at++, p++) {
        const uint8_t *page =
            frame_bytes(t->f.vm->monitor, t->frame[at / PAGE_SIZE]);
        *p = page[at % PAGE_SIZE];
    }
}
