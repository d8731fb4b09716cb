/*
 * walk.c - the page tables, from linear to machine physical addresses (SDM 3A
 * chapter 4).
 *
 * Job:    walk them for one access, with permissions and reserved bits; mark
 *         what was used, A and D; load the PAE pointers with CR3.
 * Parts:  the formats; reading entries; the walk; A and D; the pointers.
 *
 *              31 30 29     22 21 20        12 11         0
 *     32-bit  |  directory    |    table      |   offset   |   4 KiB page
 *             |  directory    |            offset          |   4 MiB page
 *     PAE     | P | directory    |   table    |   offset   |   4 KiB page
 *             | P | directory    |         offset          |   2 MiB page
 *
 * P picks one of four pointers (PDPTE) in registers, so that a walk under PAE
 * takes as many references as one without. Physical addresses have 36 bits in
 * an entry and 32 on this machine's bus: what an entry names above 4 GiB
 * reads as all ones and forgets writes, a page table up there included.
 *
 * As on a Pentium Pro there is no PSE-36, no PAT and no XD, and the bits that
 * they would use are reserved.
 */
#include "engine.h"

#define ADDRESS_BITS UINT64_C(0x0000000ffffff000) /* MAXPHYADDR is 36 */
#define BEYOND UINT64_C(0xfffffff000000000)       /* bits 63:36 */
#define BUS_END (UINT64_C(1) << 32)

/* ------------------------------------------------------------ the formats */

#define PTE_PAT 0x80u /* in a table's entry; bit 12 in a large page's */

/* How tables are read, and which bits must be zero in a present entry: SDM 3A
 * 4.3 (none unless CR4.PSE is set) and 4.4.2. */
static const struct format {
    unsigned index_bits; /* of the linear address, at each level */
    unsigned entry_size;
    bool has_large; /* PDE.PS means something */
    uint64_t in_pde, in_large_pde, in_pte;
} format_32 = {10, 4, false, 0, 0, 0},
  format_pse = {10, 4, true, 0, 0x003ff000, PTE_PAT},
  format_pae = {9, 8, true, BEYOND, BEYOND | 0x001ff000, BEYOND | PTE_PAT};

static const struct format *format_of(uint32_t cr4)
{
    if (cr4 & CR4_PAE)
        return &format_pae;
    return cr4 & CR4_PSE ? &format_pse : &format_32;
}

static uint32_t large_mask(const struct format *f)
{
    return (1u << (PAGE_SHIFT + f->index_bits)) - 1;
}

uint32_t large_page_mask(const struct cpu *c)
{
    return large_mask(format_of(c->cr4));
}

/* Page tables, for one access. */
struct space {
    const struct format *f;
    uint64_t directory; /* its physical address, among other bits */
    bool user, wp;      /* the access's privilege; CR0.WP */
    bool nested;        /* they are the guest's, in guest physical memory */
};

/* -------------------------------------------------------- reading entries */

/* Where entry `index` of the table that `base` names stands. */
static gpa_t entry_at(const struct format *f, uint64_t base, uint32_t index)
{
    if ((base & ADDRESS_BITS) >= BUS_END)
        return (gpa_t){MPA_NOWHERE};
    return (gpa_t){(uint32_t)(base & ADDRESS_BITS) + index * f->entry_size};
}

static uint64_t read_entry(const struct cpu *c, const struct format *f,
                           const mpa_t *at)
{
    bool writable, wide = f->entry_size == 8;
    uint32_t low, high = 0;
    const uint8_t *host = phys_host(c, *at, &writable);
    if (host) {
        host += at->v & PAGE_MASK;
        low = host_load(host, 4);
        high = wide ? host_load(host + 4, 4) : 0;
    } else {
        low = c->bus->mem_read(c->wire, *at, 4);
        if (wide)
            high = c->bus->mem_read(c->wire, (mpa_t){at->v + 4}, 4);
    }
    return low | (uint64_t)high << 32;
}

static gpa_t byte_of_page(uint64_t entry, uint32_t offset_mask, uint32_t at)
{
    uint64_t base = entry & ADDRESS_BITS & ~(uint64_t)offset_mask;
    if (base >= BUS_END)
        return (gpa_t){MPA_NOWHERE | (at & PAGE_MASK)};
    return (gpa_t){(uint32_t)base | (at & offset_mask)};
}

/* --------------------------------------------------------------- the walk */

static bool allowed(uint32_t both, enum access a, bool user, bool wp)
{
    if (user && !(both & PTE_U))
        return false;
    return a != ACCESS_WRITE || (both & PTE_W) || (!user && !wp);
}

bool access_allowed(const struct cpu *c, uint32_t both, enum access a,
                    bool user)
{
    return allowed(both, a, user, c->cr0 & CR0_WP);
}

static bool is_large(const struct format *f, uint64_t pde)
{
    return f->has_large && (pde & PTE_PS);
}

static bool reserved(const struct format *f, uint64_t entry, bool directory)
{
    if (!directory)
        return entry & f->in_pte;
    return entry & (is_large(f, entry) ? f->in_large_pde : f->in_pde);
}

bool cpu_entry_reserved(const struct cpu *c, uint64_t entry, bool directory)
{
    return reserved(format_of(c->cr4), entry, directory);
}

/* What both levels grant, in an entry's low bits. */
uint32_t walk_rights(const struct walk *w)
{
    return (uint32_t)(w->large ? w->pde : w->pde & w->pte);
}

/* Read one more entry. False: it is not there, or the error code tells of a
 * reserved bit, or it is a nested fault. */
static bool take_entry(const struct cpu *c, const struct space *s, gpa_t where,
                       struct walk *w, uint64_t *entry, mpa_t *at)
{
    at->v = where.v;
    if (s->nested && !nested_table(c, w, where, at))
        return false;
    *entry = read_entry(c, s->f, at);
    w->references++;
    if (!(*entry & PTE_P))
        return false;
    if (reserved(s->f, *entry, entry == &w->pde)) {
        w->error |= PF_P | PF_RSVD;
        return false;
    }
    return true;
}

/* The page's address in the space that the tables lead to. */
static bool find_page(const struct cpu *c, const struct space *s, uint32_t at,
                      struct walk *w)
{
    const struct format *f = s->f;
    uint32_t mask = (1u << f->index_bits) - 1;
    w->pde_gpa =
        entry_at(f, s->directory, at >> (PAGE_SHIFT + f->index_bits) & mask);
    if (!take_entry(c, s, w->pde_gpa, w, &w->pde, &w->pde_at))
        return false;
    w->large = is_large(f, w->pde);
    if (w->large) {
        w->page_gpa = byte_of_page(w->pde, large_mask(f), at);
        return true;
    }
    w->pte_gpa = entry_at(f, w->pde, at >> PAGE_SHIFT & mask);
    if (!take_entry(c, s, w->pte_gpa, w, &w->pte, &w->pte_at))
        return false;
    w->page_gpa = byte_of_page(w->pte, PAGE_MASK, at);
    return true;
}

static void walk_space(const struct cpu *c, const struct space *s, uint32_t at,
                       enum access a, struct walk *w)
{
    w->paged = true;
    w->error = (a == ACCESS_WRITE ? PF_W : 0) | (s->user ? PF_U : 0);
    if (!find_page(c, s, at, w))
        return;
    w->error |= PF_P;
    w->ok = allowed(walk_rights(w), a, s->user, s->wp);
}

/* From guest physical to machine physical: the same number, or another walk. */
static void end_walk(const struct cpu *c, enum access a, struct walk *w)
{
    w->frame.v = w->page_gpa.v;
    if (w->ok && c->guest.nested)
        w->ok = nested_page(c, w, a);
}

void walk_tables(const struct cpu *c, gva_t at, enum access a, bool user,
                 struct walk *w)
{
    *w = (struct walk){.page_gpa = {at.v}, .ok = true, .writable = true};
    if (c->cr0 & CR0_PG) {
        struct space s = {.f = format_of(c->cr4),
                          .directory = c->cr3,
                          .user = user,
                          .wp = c->cr0 & CR0_WP,
                          .nested = c->guest.nested};
        w->ok = false;
        if (s.f == &format_pae)
            s.directory = c->pdpte[at.v >> 30];
        if (s.f != &format_pae || (s.directory & PTE_P))
            walk_space(c, &s, at.v, a, w);
        else
            w->error = (a == ACCESS_WRITE ? PF_W : 0) | (user ? PF_U : 0);
    }
    end_walk(c, a, w);
}

void walk_nested(const struct cpu *c, gpa_t at, enum access a, struct walk *w)
{
    const struct space s = {.f = format_of(c->guest.host_cr4 & CR4_PSE),
                            .directory = c->guest.n_cr3,
                            .user = true,
                            .wp = true};
    *w = (struct walk){.writable = true};
    walk_space(c, &s, at.v, a, w);
    w->frame.v = w->page_gpa.v;
}

struct walk cpu_walk(const struct cpu *c, gva_t at, enum access a, bool user)
{
    struct walk w;
    walk_tables(c, at, a, user, &w);
    return w;
}

/* ---------------------------------------------------------------- A and D */

/* Set bits in the entry at `at`, if it lacks any. Nobody else can write
 * between the walk's read and this: the read-modify-write is locked. */
static void set_bits(struct cpu *c, mpa_t at, uint64_t *entry, uint32_t bits)
{
    if ((*entry & bits) != bits) {
        *entry |= bits;
        phys_store(c, at, 4, (uint32_t)*entry);
    }
}

void walk_mark(struct cpu *c, struct walk *w, enum access a)
{
    uint32_t leaf = a == ACCESS_WRITE ? PTE_A | PTE_D : PTE_A;
    if (!w->paged)
        return;
    set_bits(c, w->pde_at, &w->pde, w->large ? leaf : PTE_A);
    if (!w->large)
        set_bits(c, w->pte_at, &w->pte, leaf);
}

/* ----------------------------------------------------------- the pointers */

#define PDPTE_RESERVED (BEYOND | 0x1e6) /* SDM 3A table 4-8 */

/* All four, or none: SDM 3A 4.4.1. They are one line of 32 bytes. */
bool pdptes_load(struct cpu *c, uint32_t cr3)
{
    uint64_t loaded[4];
    charge(c, PRICE_walk_ref);
    for (uint32_t n = 0; n < 4; n++) {
        mpa_t at = {(cr3 & ~31u) + 8 * n};
        if (c->guest.nested)
            at = nested_memory(c, (gpa_t){at.v});
        loaded[n] = phys_load(c, at, 4);
        loaded[n] |= (uint64_t)phys_load(c, (mpa_t){at.v + 4}, 4) << 32;
        if ((loaded[n] & PTE_P) && (loaded[n] & PDPTE_RESERVED))
            return false;
    }
    for (int n = 0; n < 4; n++)
        c->pdpte[n] = loaded[n];
    return true;
}
