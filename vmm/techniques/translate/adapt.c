/*
 * adapt.c - instructions that trap often become call-outs, and back.
 *
 * A copied instruction that writes a guest page table traps each time, and
 * the trap costs more than a call-out, which needs no decoding. So after a
 * few traps its unit is thrown away and translated anew with a call-out in
 * its place. If that turns out to be for nothing some times in a row (the
 * page is no table any more, a copying routine has moved on), it is copied
 * again. (Adams and Agesen, section 3.3.)
 */
#include "translate.h"

#define TRAPS_MOST 8u
#define IDLE_MOST 16u

static struct site *site_of(struct translator *t, uint32_t eip)
{
    return &t->site[(eip ^ eip >> 8) % SITES];
}

static bool is_site(const struct site *s, uint32_t eip, uint32_t gfn)
{
    return s->eip == eip && s->gfn == gfn;
}

bool adapt_callout(const struct translator *t, uint32_t eip, uint32_t gfn)
{
    const struct site *s = &t->site[(eip ^ eip >> 8) % SITES];
    return s->callout && is_site(s, eip, gfn);
}

void adapt_trapped(struct translator *t)
{
    struct unit *u = t->here;
    if (!u || u->dead) {
        return;
    }
    uint32_t eip = unit_eip(u, t->here_insn);
    struct site *s = site_of(t, eip);
    if (!is_site(s, eip, u->gfn[0])) {
        *s = (struct site){.eip = eip, .gfn = u->gfn[0]};
    }
    if (++s->traps >= TRAPS_MOST) {
        s->callout = true;
        s->idle = 0;
        t->counts.adapted++;
        unit_drop(t, u);
    }
}

void adapt_called(struct translator *t, uint32_t eip, bool needed)
{
    struct unit *u = t->here;
    struct site *s = site_of(t, eip);
    if (!u || u->dead || !s->callout || !is_site(s, eip, u->gfn[0])) {
        return;
    }
    s->idle = needed ? 0 : (uint8_t)(s->idle + 1);
    if (s->idle >= IDLE_MOST) {
        *s = (struct site){0};
        t->counts.reverted++;
        unit_drop(t, u);
    }
}
