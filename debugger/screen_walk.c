/*
 * screen_walk.c - page walks, as the panes ask for them: through the guest's
 * own tables, those that the processor walks, and the nested ones.
 *
 * Entries of 32 bits in two levels, or PAE's of 64 in three, whose first are
 * four pointers that are loaded with CR3 (SDM 3A 4.3, 4.4).
 */
#include "screen.h"

#define ADDRESS 0xfffff000u /* of an entry; above 4 GiB there is nothing */

/* How a table is read. */
struct format {
    unsigned bits; /* of an index */
    unsigned size; /* of an entry, in bytes */
};

static struct format format_of(bool pae)
{
    return pae ? (struct format){9, 8} : (struct format){10, 4};
}

static uint32_t slot(const struct format *f, uint64_t table, uint32_t at,
                     unsigned shift)
{
    uint32_t index = at >> shift & ((1u << f->bits) - 1);
    return ((uint32_t)table & ADDRESS) + index * f->size;
}

/* -------------------------------------------------------- the guest's own */

static bool read_entry(const struct screen *s, const struct format *f,
                       uint32_t at, uint64_t *out)
{
    uint32_t low, high = 0;
    bool ok = look_guest_word(s, (gpa_t){at}, &low) &&
              (f->size == 4 || look_guest_word(s, (gpa_t){at + 4}, &high));
    *out = low | (uint64_t)high << 32;
    return ok;
}

/* PAE's pointers are what was in memory when CR3 was loaded: the processor
 * has them, if it walks these tables. */
static bool read_pointer(const struct screen *s, struct side *w, uint32_t at)
{
    const struct cpu *c = monitor_cpu(s->debug->session.monitor);
    const struct virtual_cpu *g = &s->debug->now;
    struct format f = format_of(true);
    w->which = at >> 30;
    w->pointer = c->pdpte[w->which];
    bool ok = c->cr3 == g->cr3 ||
              read_entry(s, &f, (g->cr3 & ~31u) + 8 * w->which, &w->pointer);
    return ok && (w->pointer & PTE_P);
}

struct side side_guest(const struct screen *s, uint32_t at)
{
    const struct virtual_cpu *g = &s->debug->now;
    struct side w = {.paging = g->cr0 & CR0_PG,
                     .pae = g->cr4 & CR4_PAE,
                     .page = at,
                     .present = true};
    struct format f = format_of(w.pae);
    unsigned shift = PAGE_SHIFT + f.bits;
    if (!w.paging) {
        return w;
    }
    w.present = false;
    if (w.pae && !read_pointer(s, &w, at)) {
        return w;
    }
    w.at[0] = slot(&f, w.pae ? w.pointer : g->cr3, at, shift);
    if (!read_entry(s, &f, w.at[0], &w.entry[0])) {
        return w;
    }
    w.levels = 1;
    if (!(w.entry[0] & PTE_P)) {
        return w;
    }
    if ((w.entry[0] & PTE_PS) && (w.pae || (g->cr4 & CR4_PSE))) {
        uint32_t mask = (1u << shift) - 1;
        w.large = w.present = true;
        w.page = ((uint32_t)w.entry[0] & ~mask) | (at & mask);
        return w;
    }
    w.at[1] = slot(&f, w.entry[0], at, PAGE_SHIFT);
    if (!read_entry(s, &f, w.at[1], &w.entry[1])) {
        return w;
    }
    w.levels = 2;
    w.present = w.entry[1] & PTE_P;
    w.page = ((uint32_t)w.entry[1] & ADDRESS) | (at & PAGE_MASK);
    return w;
}

/* ------------------------------------------------- the processor's; nested */

struct side side_real(const struct screen *s, uint32_t at)
{
    const struct cpu *c = monitor_cpu(s->debug->session.monitor);
    struct walk k = cpu_walk(c, (gva_t){at}, ACCESS_READ, false);
    struct side w = {.paging = c->cr0 & CR0_PG,
                     .pae = c->cr4 & CR4_PAE,
                     .large = k.large,
                     .present = k.ok,
                     .pointer = c->pdpte[at >> 30],
                     .which = at >> 30,
                     .entry = {k.pde, k.pte},
                     .at = {k.pde_at.v, k.pte_at.v},
                     .page = k.frame.v};
    if (w.paging && (!w.pae || (w.pointer & PTE_P))) {
        w.levels = (k.pde & PTE_P) && !k.large ? 2 : 1;
    }
    return w;
}

/* Their format is two levels of 32-bit entries (cpu/nested.c). */
bool side_nested(const struct screen *s, uint32_t at, struct side *out)
{
    const struct cpu *c = monitor_cpu(s->debug->session.monitor);
    struct format f = format_of(false);
    *out = (struct side){.paging = true};
    if (!c->guest.on || !c->guest.nested) {
        return false;
    }
    uint64_t table = c->guest.n_cr3;
    for (unsigned level = 0; level < 2; level++) {
        uint32_t word;
        out->at[level] =
            slot(&f, table, at, level ? PAGE_SHIFT : PAGE_SHIFT + f.bits);
        if (!cpu_phys_read(c, (mpa_t){out->at[level]}, &word, sizeof word)) {
            return true;
        }
        out->entry[level] = table = word;
        out->levels = level + 1;
        if (!(word & PTE_P)) {
            return true;
        }
    }
    out->present = true;
    out->page = ((uint32_t)table & ADDRESS) | (at & PAGE_MASK);
    return true;
}
