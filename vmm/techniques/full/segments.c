/*
 * segments.c - ring compression: the guest's segments, one ring further out.
 *
 * Job:    make of a guest's descriptor its shadow, which the real processor
 *         can be given; and keep the real GDT such that an IRET into the
 *         guest finds its CS and SS there.
 *
 *     guest's DPL and RPL   0 1 2 3          limit that reaches into the
 *     shadow's              1 1 1 3          monitor's hole: cut before it
 *
 * A shadow is made from what the guest's segment register holds, and not
 * from the guest's table: so a segment stays what it was when it was loaded,
 * although the guest changes its table, as on a processor of its own. It is
 * written where the guest's selector says, when it is first put into a
 * register; until then the real GDT has a null descriptor there.
 *
 * The guest's table is not traced. On `virtualizable` that changes nothing,
 * for each load traps and reads it. On `classic` a load of a descriptor that
 * has a shadow does not trap, and finds that. So each time a program is
 * entered, which can load but not write the table, the shadows that are not
 * what the table says any more are dropped: the next load of one traps.
 *
 * Simplified: there is no shadow LDT. A segment of the guest's LDT, or of an
 * entry of its GDT that is the monitor's here, stands in a spare entry. A
 * program's CS and SS must be in the real GDT, or IRET could not load them;
 * so a load of the same selectors finds these, whatever the table says. A
 * kernel on `classic` under plain trap-and-emulate is not looked after.
 */
#include "full.h"

#include <string.h>

/* One spare entry a segment register, from the end of the guest's part. */
#define SPARE(s) ((GUEST_GDT_ENTRIES - 1 - (uint32_t)(s)) * 8)

#define SEG_CODE 0x008u   /* type bit 3 */
#define SEG_EXPAND 0x004u /* type bit 2 of data: expands down */
#define SEG_DPL_BITS 0x060u
#define SEG_ACCESSED 0x001u
#define SEG_MEMORY 0x010u /* code or data */
#define SEG_CONFORMING (SEG_CODE | 0x004u)

/* --------------------------------------------------------- the shadow's */

/* Nothing can be done with it, so every use traps. */
static void close_segment(struct segment *g)
{
    g->attr &= (uint16_t)~SEG_P;
}

/* Limits above 1 MiB count in pages. */
static uint32_t round_limit(uint32_t limit)
{
    return limit > 0xfffff ? ((limit + 1) & ~PAGE_MASK) - 1 : limit;
}

/* Does [first, last], which may wrap round, touch the hole? */
static bool touches_hole(uint32_t first, uint32_t last)
{
    return last < first || last >= MONITOR_BASE;
}

/* End the segment before the monitor's hole. An expand-down one ends where
 * it ends: it is open or closed. */
static void truncate(struct segment *g)
{
    if ((g->attr & (SEG_CODE | SEG_EXPAND)) == SEG_EXPAND) {
        uint32_t top = g->attr & SEG_DB ? UINT32_MAX : 0xffff;
        if (g->limit < top &&
            touches_hole(g->base + g->limit + 1, g->base + top)) {
            close_segment(g);
        }
    } else if (touches_hole(g->base, g->base + g->limit)) {
        if (g->base >= MONITOR_BASE) {
            close_segment(g);
        } else {
            g->limit = round_limit(MONITOR_BASE - 1 - g->base);
        }
    }
}

struct segment segment_shadow(const struct full *f, enum seg s)
{
    struct segment g = f->p.cpu->seg[s];
    unsigned cpl = real_ring(f->p.cpu->cpl);
    unsigned dpl = real_ring(SEG_DPL(g.attr));
    unsigned rpl = real_ring(g.sel & 3);
    if ((g.sel & ~3u) == 0 && !(g.attr & SEG_P)) {
        return g; /* null */
    }
    if (s == SEG_CS || s == SEG_SS) {
        rpl = dpl = cpl;
    }
    g.sel = (uint16_t)((g.sel & ~3u) | rpl);
    g.attr = (uint16_t)((g.attr & ~SEG_DPL_BITS) | dpl << 5 | SEG_ACCESSED);
    truncate(&g);
    return g;
}

/* ----------------------------------------------------------- the real GDT */

static uint32_t *page_of(struct full *f, unsigned page)
{
    struct monitor *m = f->vm->monitor;
    if (f->gdt[page].v == 0) {
        if (!frame_alloc(m, NULL, &f->gdt[page])) {
            vm_kill(f->vm, "no memory for shadow descriptors: give the "
                           "machine more");
            return NULL;
        }
        if (m->current == f->vm) {
            world_map_gdt(m, page, f->gdt[page]);
        }
    }
    return (uint32_t *)(void *)frame_bytes(m, f->gdt[page]);
}

/* SDM 3A 3.4.5. Granularity is chosen by the limit's size. */
static void encode(const struct segment *g, uint32_t d[2])
{
    bool pages = g->limit > 0xfffff;
    uint32_t limit = pages ? g->limit >> PAGE_SHIFT : g->limit;
    uint32_t attr = (g->attr & ~SEG_G) | (pages ? SEG_G : 0);
    d[0] = g->base << 16 | (limit & 0xffff);
    d[1] = (g->base & 0xff000000) | (attr & 0xf00) << 12 | (limit & 0xf0000) |
           (attr & 0xff) << 8 | (g->base >> 16 & 0xff);
}

static struct segment decode(const uint32_t d[2])
{
    uint32_t attr = (d[1] >> 8 & 0xff) | (d[1] >> 12 & 0xf00);
    uint32_t limit = (d[0] & 0xffff) | (d[1] & 0xf0000);
    return (struct segment){
        .attr = (uint16_t)attr,
        .base = d[0] >> 16 | (d[1] & 0xff) << 16 | (d[1] & 0xff000000),
        .limit = attr & SEG_G ? limit << PAGE_SHIFT | PAGE_MASK : limit};
}

/* ------------------------------------ programs that load without a trap */

/* On `classic`. The guest's kernel, where it is not to be deceived, runs in
 * another way. */
static bool loads_silently(const struct full *f)
{
    return !f->vm->monitor->cpu->trap_sensitive && f->p.cpu->cpl == 3;
}

/* Is this shadow what a load from the guest's table would come to? Not if the
 * guest has changed that since, nor if the load would mark it accessed. (A
 * conforming segment's DPL is its reader's here.) */
static bool is_tables(const struct full *f, uint32_t entry,
                      const uint32_t made[2])
{
    const struct cpu *c = f->p.cpu;
    uint32_t d[2];
    if ((entry | 7) > c->gdtr.limit ||
        cpu_peek(c, (gva_t){c->gdtr.base + entry}, d, sizeof d) != sizeof d) {
        return false;
    }
    struct segment g = decode(d), is = decode(made);
    if ((g.attr & (SEG_ACCESSED | SEG_MEMORY)) != (SEG_ACCESSED | SEG_MEMORY)) {
        return false;
    }
    bool conforming = (g.attr & SEG_CONFORMING) == SEG_CONFORMING;
    unsigned dpl = real_ring(conforming ? SEG_DPL(is.attr) : SEG_DPL(g.attr));
    g.attr = (uint16_t)((g.attr & ~SEG_DPL_BITS) | dpl << 5);
    truncate(&g);
    return ((g.attr ^ is.attr) & ~SEG_G) == 0 && g.base == is.base &&
           g.limit == is.limit;
}

static void remember(struct full *f, uint32_t entry)
{
    unsigned i = 0;
    while (i < f->shadowed && f->shadow[i] != entry) {
        i++;
    }
    if (i == f->shadowed && f->shadowed < SHADOWS_MOST) {
        f->shadow[f->shadowed++] = (uint16_t)entry;
    }
}

static uint32_t *shadow_of(const struct full *f, uint32_t entry)
{
    mpa_t page = f->gdt[entry >> PAGE_SHIFT];
    uint8_t *bytes = frame_bytes(f->vm->monitor, page);
    return (uint32_t *)(void *)(bytes + (entry & PAGE_MASK));
}

bool segments_true(const struct full *f, uint32_t entry)
{
    return f->gdt[entry >> PAGE_SHIFT].v &&
           is_tables(f, entry, shadow_of(f, entry));
}

bool segments_all_true(const struct full *f, uint32_t limit)
{
    unsigned i = 0;
    while (i < f->shadowed && f->shadow[i] < limit &&
           segments_true(f, f->shadow[i])) {
        i++;
    }
    return i == f->shadowed;
}

/* Eight descriptors are a line of the cache, one access. */
void segments_check(struct full *f)
{
    unsigned kept = 0;
    if (f->shadowed + SEG_COUNT > SHADOWS_MOST) {
        segments_forget(f);
    }
    if (!loads_silently(f)) {
        return;
    }
    for (unsigned i = 0; i < f->shadowed; i++) {
        uint32_t entry = f->shadow[i];
        if (segments_true(f, entry)) {
            f->shadow[kept++] = f->shadow[i];
        } else {
            memset(shadow_of(f, entry), 0, 8);
            f->installs++;
        }
    }
    charge_exit(f->vm, PHASE_restore, PRICE_vmm_access, (f->shadowed + 7) / 8);
    f->shadowed = kept;
}

/* The entry that a segment's shadow gets: the guest's own number for it, if
 * that can be. CS and SS must be two. */
static uint32_t entry_for(const struct full *f, enum seg s)
{
    uint32_t sel = f->made[s].sel, entry = sel & 0xfff8u;
    bool own = entry != 0 && !(sel & 4) && entry < SPARE(SEG_COUNT);
    if (s == SEG_SS && entry == (f->p.cpu->seg[SEG_CS].sel & 0xfff8u)) {
        own = false;
    }
    return own ? entry : SPARE(s);
}

uint16_t segment_install(struct full *f, enum seg s)
{
    const struct segment *g = &f->made[s];
    uint32_t entry = entry_for(f, s), made[2];
    if ((g->sel & ~3u) == 0 && !(g->attr & SEG_P)) {
        return g->sel; /* null */
    }
    uint32_t *page = page_of(f, entry >> PAGE_SHIFT);
    if (page) {
        uint32_t *d = page + (entry & PAGE_MASK) / 4;
        encode(g, made);
        if (memcmp(d, made, sizeof made) != 0) {
            memcpy(d, made, sizeof made);
            remember(f, entry);
            f->installs++;
            charge_exit(f->vm, PHASE_restore, PRICE_vmm_descriptor, 1);
        }
    }
    return (uint16_t)(entry | (g->sel & 3));
}

void segments_forget(struct full *f)
{
    for (unsigned page = 0; page < WORLD_GDT_PAGES; page++) {
        if (f->gdt[page].v) {
            memset(page_of(f, page), 0, PAGE_SIZE);
            charge_exit(f->vm, PHASE_memory, PRICE_vmm_shadow_page, 1);
        }
    }
    f->shadowed = 0;
    f->installs++;
}

void segments_enter(struct full *f)
{
    for (unsigned page = 0; page < WORLD_GDT_PAGES; page++) {
        if (f->gdt[page].v) {
            world_map_gdt(f->vm->monitor, page, f->gdt[page]);
        }
    }
}
