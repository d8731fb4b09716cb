/*
 * selectors.c - which selectors translated code may load by itself.
 *
 * The first load of a selector is the monitor's: it reads the guest's table,
 * and puts a shadow descriptor into the real GDT. From then on translated
 * code loads the real register from that, without asking, as long as the
 * guest's descriptor is what it was. So the guest's GDT is watched, like
 * pages of code; a write to it takes all such permissions back.
 *
 * A permission is a word of the state page, found by the selector's low byte:
 * the selector's negation. There is one more, for IRET: the CS of the program
 * that ran last. It stands only while no shadow contradicts the guest's
 * table, since a program can load any.
 *
 * Simplified: of the guest's GDT only what a byte can index takes part, its
 * first 32 entries, and selectors of RPL 0 and 3; of an LDT nothing does, and
 * of the null selectors 0.
 */
#include "translate.h"

#include <string.h>

#define GDT_BYTES 256u
#define NO_SELECTOR 1u /* added to a selector it never gives 0 */

/* ---------------------------------------------------------- permissions */

static void forget_all(struct translator *t)
{
    for (unsigned i = 0; i < GDT_BYTES; i++) {
        t->state->good[i] = NO_SELECTOR;
    }
    t->state->user_cs = NO_SELECTOR;
    t->selectors.known = false;
}

/* No permission, and no page of the GDT's watched. */
void selectors_forget(struct translator *t)
{
    struct selectors *s = &t->selectors;
    unsigned pages = s->pages;
    forget_all(t);
    s->pages = 0;
    for (unsigned k = 0; k < pages; k++) {
        if (!page_used(t, s->gfn[k])) {
            shadow_watch(&t->f, s->gfn[k], false);
        }
    }
}

bool selectors_use(const struct translator *t, uint32_t gfn)
{
    const struct selectors *s = &t->selectors;
    return (s->pages > 0 && s->gfn[0] == gfn) ||
           (s->pages > 1 && s->gfn[1] == gfn);
}

/* ------------------------------------------------------------ the guest's */

/* Its first bytes' last. */
static uint32_t gdt_last(const struct cpu *c)
{
    uint32_t limit = c->gdtr.limit;
    return c->gdtr.base + (limit < GDT_BYTES - 1 ? limit : GDT_BYTES - 1);
}

static bool find_page(struct translator *t, uint32_t linear, uint32_t *gfn)
{
    struct walk w = cpu_walk(t->f.p.cpu, (gva_t){linear}, ACCESS_READ, false);
    mpa_t frame;
    gpa_t back;
    charge_exit(t->f.vm, PHASE_memory, PRICE_vmm_walk_ref,
                (unsigned)w.references);
    if (!w.ok || !vp_memory(&t->f.p, (gpa_t){w.frame.v}, &frame) ||
        !m2p(t->f.vm, frame, &back)) {
        return false;
    }
    *gfn = back.v >> PAGE_SHIFT;
    return true;
}

/* Which pages is it in? False: not all are there. */
static bool find_gdt(struct translator *t, uint32_t gfn[2], unsigned *pages)
{
    const struct cpu *c = t->f.p.cpu;
    uint32_t first = c->gdtr.base, last = gdt_last(c);
    *pages = first >> PAGE_SHIFT == last >> PAGE_SHIFT ? 1 : 2;
    return last >= first && find_page(t, first, &gfn[0]) &&
           (*pages == 1 || find_page(t, last, &gfn[1]));
}

/* Mappings may have changed. */
void selectors_check(struct translator *t)
{
    struct selectors *s = &t->selectors;
    uint32_t gfn[2] = {0, 0};
    unsigned pages;
    if (s->pages && (!find_gdt(t, gfn, &pages) || pages != s->pages ||
                     memcmp(gfn, s->gfn, pages * sizeof *gfn) != 0)) {
        selectors_forget(t);
    }
}

void selectors_written(struct translator *t, gpa_t at, unsigned size)
{
    const struct cpu *c = t->f.p.cpu;
    const struct selectors *s = &t->selectors;
    uint32_t linear = c->gdtr.base, left = gdt_last(c) - c->gdtr.base + 1;
    for (unsigned k = 0; k < s->pages; k++) {
        uint32_t offset = linear & PAGE_MASK;
        uint32_t here = PAGE_SIZE - offset < left ? PAGE_SIZE - offset : left;
        uint32_t first = s->gfn[k] << PAGE_SHIFT | offset;
        if (at.v < first + here && first < at.v + size) {
            t->gdt_written = true;
            forget_all(t);
        }
        linear += here;
        left -= here;
    }
}

/* ---------------------------------------------------------- what is learnt */

static bool may_learn(const struct translator *t, uint16_t sel)
{
    bool plain = !(sel & 4) && sel < GDT_BYTES && (sel & 3) % 3 == 0;
    return plain && sel > 3 && segments_true(&t->f, sel & ~7u);
}

/* The monitor has loaded `s` for the guest: from here on it may by itself. */
static void learn(struct translator *t, enum seg s)
{
    const struct segment *g = &t->f.p.cpu->seg[s];
    if (g->sel == 0 || may_learn(t, g->sel)) {
        t->state->good[g->sel & 0xff] = 0u - g->sel;
        t->selectors.segment[g->sel & 0xff] = *g;
    }
}

static void learn_user(struct translator *t)
{
    const struct segment *cs = &t->selectors.user_cs;
    bool ok = (cs->sel & 3) == 3 && may_learn(t, cs->sel) &&
              segments_all_true(&t->f, GDT_BYTES);
    t->state->user_cs = ok ? 0u - cs->sel : NO_SELECTOR;
}

void selectors_program(struct translator *t)
{
    const struct segment *cs = &t->f.p.cpu->seg[SEG_CS];
    if (!segment_same(cs, &t->selectors.user_cs)) {
        t->selectors.user_cs = *cs;
        t->selectors.known = false;
    }
}

/* The guest's GDT is watched from here on. */
static void begin(struct translator *t)
{
    struct selectors *s = &t->selectors;
    selectors_forget(t);
    if (!find_gdt(t, s->gfn, &s->pages)) {
        s->pages = 0;
        return;
    }
    s->known = true;
    for (unsigned k = 0; k < s->pages; k++) {
        shadow_watch(&t->f, s->gfn[k], true);
    }
    learn_user(t);
}

/* Is a null selector other than 0 loaded? IRET makes it 0, but not as the
 * real register holds it: see export_segments(). */
static bool odd_null(const struct cpu *c)
{
    bool odd = false;
    for (int s = 0; s < SEG_COUNT; s++) {
        odd = odd || (c->seg[s].sel - 1u) < 3;
    }
    return odd;
}

void selectors_learn(struct translator *t)
{
    struct selectors *s = &t->selectors;
    if (!s->known || s->installs != t->f.installs) {
        s->installs = t->f.installs;
        begin(t);
    }
    if (s->known && s->loaded < SEG_COUNT) {
        learn(t, (enum seg)s->loaded);
    }
    s->loaded = SEG_COUNT;
    if (odd_null(t->f.p.cpu)) {
        t->state->user_cs = NO_SELECTOR;
        s->known = false;
    }
}

/* --------------------------------------------- what the guest has loaded */

/* Its registers were loaded in translated code: the virtual ones, too. */
void selectors_recover(struct translator *t)
{
    struct full *f = &t->f;
    const struct segment *now = f->vm->monitor->cpu->seg;
    static const enum seg data[] = {SEG_ES, SEG_DS, SEG_FS};
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        enum seg s = data[i];
        uint32_t sel = now[s].sel;
        if (!segment_same(&now[s], &f->real[s]) && sel > 3 && sel < GDT_BYTES &&
            t->state->good[sel] == 0u - sel) {
            f->p.cpu->seg[s] = t->selectors.segment[sel];
            f->real[s] = now[s];
            f->made[s] = segment_shadow(f, s);
        }
    }
}
