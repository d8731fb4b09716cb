/*
 * touched.c - lab 7's oracle: which pages of its memory a guest touches, and
 * when for the first time.
 *
 * Job:    from each instruction that the bare machine fetches, and each access
 *         that it makes, the pages that were needed: of the byte, and of the
 *         guest's page tables on the way there. With nested paging the first
 *         touch of each is an exit, and no other is. When the A20 gate moves,
 *         every page is new again.
 *
 * What an IN, OUT, INS or OUTS moves does not count: that is an exit anyway,
 * and the monitor does it. Nothing of this comes from a monitor.
 */
#include "grade.h"

#include <stdlib.h>
#include <string.h>

#define NESTED_LEVELS 2u

struct touched {
    struct history *h;
    bool now[TOUCH_PAGES]; /* since the A20 gate moved last */
    bool beyond;
    uint8_t gate; /* port 92h */
};

struct touched *touched_new(struct history *h)
{
    struct touched *t = calloc(1, sizeof *t);
    if (t) {
        t->h = h;
        t->gate = A20_OPEN;
    }
    return t;
}

void touched_free(struct touched *t)
{
    free(t);
}

static void touch(struct touched *t, uint32_t at)
{
    uint32_t page = at >> PAGE_SHIFT;
    if (page >= TOUCH_PAGES) {
        t->h->beyond += !t->beyond; /* once an instruction */
        t->beyond = true;
    } else if (!t->now[page]) {
        t->now[page] = true;
        t->h->touched[page]++;
    }
}

void touched_access(struct touched *t, const struct cpu *c, gva_t at,
                    unsigned size)
{
    for (unsigned n = 0; n<size; n += size> 1 ? size - 1 : 1) {
        struct walk w = cpu_walk(c, (gva_t){at.v + n}, ACCESS_READ, false);
        if (w.paged) {
            touch(t, w.pde_at.v);
        }
        if (w.paged && (w.pde & PTE_P) && !w.large) {
            touch(t, w.pte_at.v);
        }
        if (w.ok) {
            touch(t, w.frame.v);
        }
    }
}

void touched_fetch(struct touched *t, const struct cpu *c,
                   const struct insn *in)
{
    t->beyond = false;
    touched_access(t, c, (gva_t){c->seg[SEG_CS].base + c->eip}, in->len);
}

void touched_port(struct touched *t, uint16_t port, bool out, uint32_t value)
{
    if (port != 0x92 || !out) {
        return;
    }
    if ((t->gate ^ value) & A20_OPEN) {
        memset(t->now, 0, sizeof t->now);
    }
    t->gate = (uint8_t)value;
}

/* ----------------------------------------------- the walk in two dimensions */

/* What the walk must come to: each address of the bare machine's is looked for
 * in the nested tables, if they have its page by now. */
void touched_walk(const struct touched *t, const struct cpu *c, gva_t linear,
                  struct seen_walk *out)
{
    struct walk w = cpu_walk(c, linear, ACCESS_READ, false);
    const uint32_t at[] = {w.pde_at.v, w.pte_at.v, w.frame.v};
    unsigned tables = !w.paged ? 0 : !(w.pde & PTE_P) || w.large ? 1 : 2;
    *out = (struct seen_walk){.linear = linear.v};
    for (unsigned i = 0; i < tables + w.ok; i++) {
        uint32_t to = i < tables ? at[i] : at[2], page = to >> PAGE_SHIFT;
        bool somewhere = page < TOUCH_PAGES;
        out->at[out->legs++] = to;
        out->references += somewhere ? NESTED_LEVELS : 1;
        if (!somewhere || !t->now[page]) {
            out->end = WALK_NESTED_FAULT;
            return;
        }
        out->references += i < tables; /* and the guest's own entry */
    }
    out->end = w.ok ? WALK_FOUND : WALK_GUEST_FAULT;
}
