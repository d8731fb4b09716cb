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

static const struct format *format_of(const struct cpu *c)
{
    if (c->cr4 & CR4_PAE)
        return &format_pae;
    return c->cr4 & CR4_PSE ? &format_pse : &format_32;
}

uint32_t large_page_mask(const struct cpu *c)
{
    return (1u << (PAGE_SHIFT + format_of(c)->index_bits)) - 1;
}

/* -------------------------------------------------------- reading entries */

/* Entry `index` of the table that `base` names. */
static uint64_t read_entry(const struct cpu *c, const struct format *f,
                           uint64_t base, uint32_t index, mpa_t *at)
{
    bool writable, wide = f->entry_size == 8;
    uint32_t low, high = 0;
    at->v = MPA_NOWHERE;
    if ((base & ADDRESS_BITS) < BUS_END)
        at->v = (uint32_t)(base & ADDRESS_BITS) + index * f->entry_size;
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

static mpa_t byte_of_page(uint64_t entry, uint32_t offset_mask, gva_t at)
{
    uint64_t base = entry & ADDRESS_BITS & ~(uint64_t)offset_mask;
    if (base >= BUS_END)
        return (mpa_t){MPA_NOWHERE | (at.v & PAGE_MASK)};
    return (mpa_t){(uint32_t)base | (at.v & offset_mask)};
}

/* --------------------------------------------------------------- the walk */

bool access_allowed(const struct cpu *c, uint32_t both, enum access a,
                    bool user)
{
    if (user && !(both & PTE_U))
        return false;
    return a != ACCESS_WRITE || (both & PTE_W) || (!user && !(c->cr0 & CR0_WP));
}

static bool is_large(const struct format *f, uint64_t pde)
{
    return f->has_large && (pde & PTE_PS);
}

bool cpu_entry_reserved(const struct cpu *c, uint64_t entry, bool directory)
{
    const struct format *f = format_of(c);
    if (!directory)
        return entry & f->in_pte;
    return entry & (is_large(f, entry) ? f->in_large_pde : f->in_pde);
}

/* What both levels grant, in an entry's low bits. */
uint32_t walk_rights(const struct walk *w)
{
    return (uint32_t)(w->large ? w->pde : w->pde & w->pte);
}

/* Below the directory: the page's entry and its reserved bits. False: not
 * present, or the error code tells of a reserved bit. */
static bool find_page(const struct cpu *c, const struct format *f, gva_t at,
                      struct walk *w)
{
    if (cpu_entry_reserved(c, w->pde, true)) {
        w->error |= PF_P | PF_RSVD;
        return false;
    }
    if (w->large) {
        w->frame = byte_of_page(w->pde, large_page_mask(c), at);
        return true;
    }
    uint32_t index = at.v >> PAGE_SHIFT & ((1u << f->index_bits) - 1);
    w->pte = read_entry(c, f, w->pde, index, &w->pte_at);
    w->references++;
    if (!(w->pte & PTE_P))
        return false;
    if (cpu_entry_reserved(c, w->pte, false)) {
        w->error |= PF_P | PF_RSVD;
        return false;
    }
    w->frame = byte_of_page(w->pte, PAGE_MASK, at);
    return true;
}

void walk_tables(const struct cpu *c, gva_t at, enum access a, bool user,
                 struct walk *w)
{
    *w = (struct walk){.frame = {at.v}, .ok = true};
    if (!(c->cr0 & CR0_PG))
        return;
    const struct format *f = format_of(c);
    uint64_t directory = c->cr3;
    w->ok = false;
    w->error = (a == ACCESS_WRITE ? PF_W : 0) | (user ? PF_U : 0);
    if (f == &format_pae) {
        directory = c->pdpte[at.v >> 30];
        if (!(directory & PTE_P))
            return;
    }
    uint32_t shift = PAGE_SHIFT + f->index_bits;
    uint32_t index = at.v >> shift & ((1u << f->index_bits) - 1);
    w->pde = read_entry(c, f, directory, index, &w->pde_at);
    w->references = 1;
    if (!(w->pde & PTE_P))
        return;
    w->large = is_large(f, w->pde);
    if (!find_page(c, f, at, w))
        return;
    w->error |= PF_P;
    w->ok = access_allowed(c, walk_rights(w), a, user);
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
    if (w->references == 0) /* paging is off */
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
        loaded[n] = phys_load(c, at, 4);
        loaded[n] |= (uint64_t)phys_load(c, (mpa_t){at.v + 4}, 4) << 32;
        if ((loaded[n] & PTE_P) && (loaded[n] & PDPTE_RESERVED))
            return false;
    }
    for (int n = 0; n < 4; n++)
        c->pdpte[n] = loaded[n];
    return true;
}
