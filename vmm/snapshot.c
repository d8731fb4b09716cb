/*
 * snapshot.c - a monitor and all its guests at one moment, saved, and put
 * back into the same monitor.
 *
 * Job:    go back in a run without beginning it anew; tell by a number
 *         whether two moments are the same.
 * Parts:  pages; the state of processors and devices; saving; restoring; the
 *         number.
 *
 * The machine's memory and the monitor's own structures (pool.h) are saved by
 * pages. A page that is as it was in an earlier snapshot is shared with that
 * one, and a page of zeros is none at all, so that a snapshot takes as much
 * memory as has changed. Processors and boards say themselves what of them is
 * state. Everything is put back where it was: pointers need no mending, and
 * no technique needs a function for it.
 *
 * Simplified: a snapshot is of the process that made it, and fits no other
 * monitor. No virtual machine may have been added since.
 */
#include "monitor.h"

#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------- pages */

struct page {
    uint32_t users; /* snapshots that share it */
    uint8_t bytes[PAGE_SIZE];
};

/* Pages of one stretch of host memory; NULL: zeros. */
struct stretch {
    struct page **page;
    size_t pages;
};

struct snapshot {
    struct stretch ram, pool;
    uint8_t *state; /* see visit_state */
    size_t state_size;
    size_t own; /* bytes that no snapshot had before */
};

static bool is_zero(const uint8_t *bytes)
{
    static const uint8_t zeros[PAGE_SIZE];
    return memcmp(bytes, zeros, PAGE_SIZE) == 0;
}

static void page_free(struct page *p)
{
    if (p && --p->users == 0) {
        free(p);
    }
}

static void stretch_free(struct stretch *s)
{
    for (size_t i = 0; i < s->pages; i++) {
        page_free(s->page[i]);
    }
    free(s->page);
}

/* The page at `bytes` as a snapshot has it; `old` is what it was. */
static bool page_save(const uint8_t *bytes, struct page *old, struct page **out,
                      size_t *own)
{
    if (old && memcmp(old->bytes, bytes, PAGE_SIZE) == 0) {
        old->users++;
        *out = old;
        return true;
    }
    if (is_zero(bytes)) {
        *out = NULL;
        return true;
    }
    *out = malloc(sizeof **out);
    if (*out) {
        (*out)->users = 1;
        memcpy((*out)->bytes, bytes, PAGE_SIZE);
        *own += sizeof **out;
    }
    return *out != NULL;
}

static bool stretch_save(struct stretch *s, const uint8_t *bytes, size_t pages,
                         const struct stretch *old, size_t *own)
{
    s->page = calloc(pages, sizeof(struct page *));
    for (size_t i = 0; s->page && i < pages; i++) {
        struct page *was = old && i < old->pages ? old->page[i] : NULL;
        if (!page_save(bytes + i * PAGE_SIZE, was, &s->page[i], own)) {
            return false;
        }
        s->pages = i + 1;
    }
    *own += pages * sizeof(struct page *);
    return s->page != NULL;
}

/* Put back what differs of `now` pages. */
static void stretch_restore(const struct stretch *s, uint8_t *bytes, size_t now)
{
    size_t all = now > s->pages ? now : s->pages;
    for (size_t i = 0; i < all; i++, bytes += PAGE_SIZE) {
        const struct page *p = i < s->pages ? s->page[i] : NULL;
        if (p && memcmp(bytes, p->bytes, PAGE_SIZE) != 0) {
            memcpy(bytes, p->bytes, PAGE_SIZE);
        } else if (!p && !is_zero(bytes)) {
            memset(bytes, 0, PAGE_SIZE);
        }
    }
}

/* Frames behind the last that was ever used hold nothing. */
static size_t ram_pages(const struct monitor *m)
{
    size_t n = m->frame_count;
    while (n > 0 && !m->frames[n - 1].used) {
        n--;
    }
    return n;
}

/* --------------------------------------- the state of processors and chips */

static size_t state_size(const struct monitor *m)
{
    size_t one = cpu_state_size() + board_state_size();
    return sizeof *m + cpu_state_size() + m->vm_count * one;
}

static void save_state(const struct monitor *m, uint8_t *to)
{
    memcpy(to, m, sizeof *m);
    to += sizeof *m;
    cpu_save(m->cpu, to);
    to += cpu_state_size();
    for (size_t i = 0; i < m->vm_count; i++) {
        const struct vm *v = m->vms[i];
        if (v->played) {
            cpu_save(v->played, to);
        }
        if (v->board) {
            board_save(v->board, to + cpu_state_size());
        }
        to += cpu_state_size() + board_state_size();
    }
}

/* What is in the pool is there already: m->vms among it. */
static void restore_state(struct monitor *m, const uint8_t *from)
{
    memcpy(m, from, sizeof *m);
    m->asked = 0;
    from += sizeof *m;
    cpu_restore(m->cpu, from);
    from += cpu_state_size();
    for (size_t i = 0; i < m->vm_count; i++) {
        struct vm *v = m->vms[i];
        if (v->played) {
            cpu_restore(v->played, from);
        }
        if (v->board) {
            board_restore(v->board, from + cpu_state_size());
        }
        from += cpu_state_size() + board_state_size();
    }
}

/* ---------------------------------------------------- saving and restoring */

struct snapshot *monitor_save(const struct monitor *m,
                              const struct snapshot *like)
{
    struct snapshot *s = calloc(1, sizeof *s);
    if (!s) {
        return NULL;
    }
    s->state_size = state_size(m);
    s->state = calloc(1, s->state_size);
    s->own = sizeof *s + s->state_size;
    if (!s->state ||
        !stretch_save(&s->ram, m->ram.bytes, ram_pages(m),
                      like ? &like->ram : NULL, &s->own) ||
        !stretch_save(&s->pool, (const uint8_t *)m->pool,
                      pool_used(m->pool) / PAGE_SIZE, like ? &like->pool : NULL,
                      &s->own)) {
        snapshot_free(s);
        return NULL;
    }
    save_state(m, s->state);
    return s;
}

void monitor_restore(struct monitor *m, const struct snapshot *s)
{
    stretch_restore(&s->ram, m->ram.bytes, ram_pages(m));
    stretch_restore(&s->pool, (uint8_t *)m->pool,
                    pool_used(m->pool) / PAGE_SIZE);
    restore_state(m, s->state);
}

void snapshot_free(struct snapshot *s)
{
    if (s) {
        stretch_free(&s->ram);
        stretch_free(&s->pool);
        free(s->state);
        free(s);
    }
}

size_t snapshot_size(const struct snapshot *s)
{
    return s->own;
}

/* ------------------------------------------------------------ the number */

static uint64_t hash_ram(const struct monitor *m, uint64_t h)
{
    size_t pages = ram_pages(m);
    for (size_t i = 0; i < pages; i++) {
        const uint8_t *bytes = m->ram.bytes + i * PAGE_SIZE;
        if (is_zero(bytes)) {
            continue;
        }
        h = state_hash(h, i);
        for (size_t at = 0; at < PAGE_SIZE; at += 8) {
            uint64_t word;
            memcpy(&word, bytes + at, sizeof word);
            h = state_hash(h, word);
        }
    }
    return h;
}

static uint64_t hash_books(const struct books *b, uint64_t h)
{
    h = state_hash(state_hash(h, b->guest), b->interpreted);
    h = state_hash(state_hash(h, b->exits), b->idle);
    h = state_hash(state_hash(h, b->others), b->count);
    h = state_hash(state_hash(h, b->instructions), b->interpreted_instructions);
    for (int r = 0; r < EXIT_COUNT; r++) {
        h = state_hash(state_hash(h, b->by_reason[r]), b->cycles_by_reason[r]);
    }
    return h;
}

static uint64_t hash_vm(const struct vm *v, uint64_t h)
{
    h = state_hash(h, v->state | (uint64_t)v->exit_status << 32);
    h = state_hash(h, v->marker | (uint64_t)v->interpreted << 32);
    h = state_hash(state_hash(h, v->turns.clock), v->turns.count);
    h = v->played ? cpu_hash(v->played, h) : h;
    h = v->board ? board_hash(v->board, h) : h;
    return hash_books(&v->books, h);
}

uint64_t monitor_hash(const struct monitor *m)
{
    uint64_t h = cpu_hash(m->cpu, 0xcbf29ce484222325u);
    h = state_hash(h, m->cpu->cycles); /* a played one's clock is set anew */
    for (size_t i = 0; i < m->vm_count; i++) {
        h = hash_vm(m->vms[i], h);
    }
    return hash_ram(m, h);
}
