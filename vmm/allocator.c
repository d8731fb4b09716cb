/*
 * allocator.c - who owns which frame: Popek and Goldberg's A, for memory.
 *
 * Job:    give machine frames to the monitor and to guests, each to one
 *         owner; and keep each guest's memory map, both ways.
 * Parts:  frames; the memory map; guest memory by guest physical address.
 *
 *     P2M   v->p2m[guest physical page] = machine frame, one list a guest
 *     M2P   frames[machine frame].at = guest physical address, one for all
 *
 * Simplified: a free frame is found by looking at one after the other, from
 * where the last was found.
 */
#include "monitor.h"

#include <assert.h>
#include <string.h>

/* ---------------------------------------------------------------- frames */

bool allocator_init(struct monitor *m)
{
    m->frame_count = m->ram.size >> PAGE_SHIFT;
    m->frames = pool_take(m->pool, m->frame_count * sizeof *m->frames);
    m->next_frame = 1; /* 0 is a frame that is easy to mean by mistake */
    return m->frames != NULL;
}

struct frame_info *frame_info(struct monitor *m, mpa_t frame)
{
    uint32_t n = frame.v >> PAGE_SHIFT;
    return n < m->frame_count ? &m->frames[n] : NULL;
}

uint8_t *frame_bytes(struct monitor *m, mpa_t frame)
{
    return frame_info(m, frame) ? m->ram.bytes + (frame.v & ~PAGE_MASK) : NULL;
}

static void take(struct monitor *m, mpa_t frame, struct vm *owner)
{
    struct frame_info *f = frame_info(m, frame);
    if (f->used) /* else it is as ram_new() left it */
        memset(frame_bytes(m, frame), 0, PAGE_SIZE);
    *f = (struct frame_info){.kind = owner ? FRAME_GUEST : FRAME_MONITOR,
                             .used = true,
                             .owner = owner,
                             .at = {NOT_MAPPED}};
    if (m->cpu) /* not yet, for the very first */
        cpu_frame_changed(m->cpu, frame);
}

bool frame_alloc(struct monitor *m, struct vm *owner, mpa_t *out)
{
    for (uint32_t tried = 1; tried < m->frame_count; tried++) {
        uint32_t n = m->next_frame;
        m->next_frame = n + 1 < m->frame_count ? n + 1 : 1;
        if (m->frames[n].kind == FRAME_FREE) {
            out->v = n << PAGE_SHIFT;
            take(m, *out, owner);
            return true;
        }
    }
    return false;
}

bool frames_alloc(struct monitor *m, uint32_t count, mpa_t *out)
{
    uint32_t run = 0;
    for (uint32_t n = 1; n < m->frame_count; n++) {
        run = m->frames[n].kind == FRAME_FREE ? run + 1 : 0;
        if (run == count) {
            out->v = (n + 1 - count) << PAGE_SHIFT;
            for (uint32_t i = 0; i < count; i++) {
                take(m, (mpa_t){out->v + (i << PAGE_SHIFT)}, NULL);
            }
            return true;
        }
    }
    return false;
}

void frame_free(struct monitor *m, mpa_t frame)
{
    *frame_info(m, frame) =
        (struct frame_info){.kind = FRAME_FREE, .used = true};
}

struct vm *frame_guest(struct monitor *m, mpa_t frame)
{
    const struct frame_info *f = frame_info(m, frame);
    return f && f->kind == FRAME_GUEST ? f->owner : NULL;
}

uint32_t frames_left(const struct monitor *m)
{
    uint32_t n = 0;
    for (uint32_t i = 1; i < m->frame_count; i++) {
        n += m->frames[i].kind == FRAME_FREE;
    }
    return n;
}

/* -------------------------------------------------------- the memory map */

void p2m_set(struct vm *v, gpa_t at, mpa_t frame)
{
    uint32_t page = at.v >> PAGE_SHIFT;
    if (v->p2m[page] != NOT_MAPPED) {
        mpa_t old = {v->p2m[page] << PAGE_SHIFT};
        frame_info(v->monitor, old)->at.v = NOT_MAPPED;
    }
    v->p2m[page] = frame.v >> PAGE_SHIFT;
    frame_info(v->monitor, frame)->at.v = at.v & ~PAGE_MASK;
}

/*
 * A guest that owns the machine finds its memory where the machine has it;
 * any other gets frames as they come.
 */
static bool frame_for(struct vm *v, uint32_t page, mpa_t *out)
{
    if (!v->technique->run) {
        return frame_alloc(v->monitor, v, out);
    }
    out->v = page << PAGE_SHIFT;
    struct frame_info *f = frame_info(v->monitor, *out);
    if (!f || f->kind != FRAME_FREE) {
        return false;
    }
    take(v->monitor, *out, v);
    return true;
}

bool allocator_give(struct vm *v)
{
    v->p2m = pool_take(v->monitor->pool, v->pages * sizeof *v->p2m);
    if (!v->p2m) {
        return false;
    }
    for (uint32_t page = 0; page < v->pages; page++) {
        v->p2m[page] = NOT_MAPPED;
    }
    for (uint32_t page = 0; page < v->pages; page++) {
        mpa_t frame;
        if (!frame_for(v, page, &frame)) {
            return false;
        }
        p2m_set(v, (gpa_t){page << PAGE_SHIFT}, frame);
    }
    return true;
}

bool p2m(const struct vm *v, gpa_t at, mpa_t *out)
{
    uint32_t page = at.v >> PAGE_SHIFT;
    if (page >= v->pages || v->p2m[page] == NOT_MAPPED) {
        return false;
    }
    out->v = v->p2m[page] << PAGE_SHIFT | (at.v & PAGE_MASK);
    return true;
}

bool m2p(const struct vm *v, mpa_t at, gpa_t *out)
{
    const struct frame_info *f = frame_info(v->monitor, at);
    if (frame_guest(v->monitor, at) != v || f->at.v == NOT_MAPPED) {
        return false;
    }
    out->v = f->at.v | (at.v & PAGE_MASK);
    return true;
}

/* ---------------------------------------------------------- guest memory */

static bool guest_has(const struct vm *v, gpa_t at, size_t n)
{
    uint64_t end = (uint64_t)at.v + n;
    mpa_t frame;
    if (end > (uint64_t)v->pages << PAGE_SHIFT) {
        return false;
    }
    for (uint64_t a = at.v & ~PAGE_MASK; a < end; a += PAGE_SIZE) {
        if (!p2m(v, (gpa_t){(uint32_t)a}, &frame)) {
            return false;
        }
    }
    return true;
}

/* The host address of a byte that guest_has() vouched for; `part` is cut to
 * what lies on its page. */
static uint8_t *host(struct vm *v, gpa_t at, size_t *part)
{
    mpa_t where = {0};
    size_t left = PAGE_SIZE - (at.v & PAGE_MASK);
    bool there = p2m(v, at, &where);
    assert(there);
    *part = *part < left ? *part : left;
    return v->monitor->ram.bytes + where.v;
}

bool guest_read(struct vm *v, gpa_t at, void *to, size_t n)
{
    uint8_t *byte = to;
    if (!guest_has(v, at, n)) {
        return false;
    }
    for (size_t part; n > 0; n -= part, byte += part) {
        part = n;
        memcpy(byte, host(v, at, &part), part);
        at.v += (uint32_t)part;
    }
    return true;
}

bool guest_write(struct vm *v, gpa_t at, const void *from, size_t n)
{
    const uint8_t *byte = from;
    if (!guest_has(v, at, n)) {
        return false;
    }
    for (size_t part; n > 0; n -= part, byte += part) {
        part = n;
        uint8_t *there = host(v, at, &part);
        uint32_t frame = (uint32_t)(there - v->monitor->ram.bytes);
        cpu_frame_changed(v->monitor->cpu, (mpa_t){frame});
        memcpy(there, byte, part);
        at.v += (uint32_t)part;
    }
    return true;
}
