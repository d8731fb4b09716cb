/*
 * paging.c - the TLB: what walks found, kept (SDM 3A 4.10).
 *
 * Job:    translate by it; fill it by a walk (walk.c); forget what MOV CRn
 *         and INVLPG make it forget.
 * Parts:  entries and tags; filling; flushing.
 *
 * Simplified: changing CR0.WP flushes the TLB; the manual leaves that to the
 * processor. Large pages are kept in pieces of 4 KiB. With paging off an
 * address stands for itself, and costs no walk.
 */
#include "engine.h"

/* -------------------------------------------------------- entries and tags */

static unsigned slot_of(uint32_t linear)
{
    return linear >> PAGE_SHIFT & (TLB_SIZE - 1);
}

/* No address that is looked up in this slot is near this tag. */
static uint32_t no_tag(unsigned slot)
{
    return ~((uint32_t)slot << PAGE_SHIFT);
}

void tlb_retag(struct cpu *c, unsigned slot)
{
    uint32_t bits = c->tlb.frame[slot], page = c->tlb.page[slot];
    bool guarded = (bits & TLB_ROM) || code_in_frame(c, bits);
    for (int user = 0; user < 2; user++) {
        bool see = c->engine->watched || (user && c->engine->aligned) ||
                   page > c->engine->flat_limit;
        bool see_writes = see || guarded;
        struct tlb_entry *t = &c->tlb.view[user][slot];
        uint32_t may_read = user ? TLB_USER : TLB_VALID;
        uint32_t may_write = user ? TLB_USER_WRITE : TLB_WRITE;
        bool there = (bits & TLB_VALID) && t->host;
        bool reads = there && !see && (bits & may_read);
        bool writes = there && !see_writes && (bits & may_write);
        t->read_tag = reads ? page : no_tag(slot);
        t->write_tag = writes ? page : no_tag(slot);
    }
}

void tlb_retag_all(struct cpu *c)
{
    for (uint32_t n = 0; n < c->tlb.used_count; n++)
        tlb_retag(c, c->tlb.used[n]);
}

void tlb_retag_frame(struct cpu *c, uint32_t frame)
{
    for (uint32_t n = 0; n < c->tlb.used_count; n++)
        if (((c->tlb.frame[c->tlb.used[n]] ^ frame) & ~PAGE_MASK) == 0)
            tlb_retag(c, c->tlb.used[n]);
}

void tlb_init(struct cpu *c)
{
    for (unsigned slot = 0; slot < TLB_SIZE; slot++)
        tlb_retag(c, slot);
}

/* ---------------------------------------------------------------- filling */

/* What an entry for this walk permits without another. */
static uint32_t bits_of(const struct cpu *c, const struct walk *w)
{
    if (w->references == 0) /* paging is off */
        return TLB_VALID | TLB_WRITE | TLB_USER | TLB_USER_WRITE;
    uint32_t leaf = (uint32_t)(w->large ? w->pde : w->pte);
    uint32_t both = walk_rights(w);
    uint32_t bits = TLB_VALID | (w->large ? TLB_LARGE : 0);
    if ((leaf & PTE_G) && (c->cr4 & CR4_PGE))
        bits |= TLB_GLOBAL;
    if (access_allowed(c, both, ACCESS_READ, true))
        bits |= TLB_USER;
    if ((leaf & PTE_D) && access_allowed(c, both, ACCESS_WRITE, false))
        bits |= TLB_WRITE;
    if ((leaf & PTE_D) && access_allowed(c, both, ACCESS_WRITE, true))
        bits |= TLB_USER_WRITE;
    return bits;
}

/* Walk, with all that a walk does, and keep the result. Returns the entry's
 * frame word. */
static uint32_t tlb_fill(struct cpu *c, gva_t at, enum access a, bool user)
{
    struct walk w;
    walk_tables(c, at, a, user, &w);
    c->cycles += (uint64_t)w.references * c->costs->price[PRICE_walk_ref];
    if (!w.ok) {
        c->cr2 = at.v;
        raise_fault(c, VEC_PF, w.error);
    }
    walk_mark(c, &w, a);

    struct tlb *t = &c->tlb;
    unsigned slot = slot_of(at.v);
    uint32_t frame = w.frame.v & ~PAGE_MASK, bits = bits_of(c, &w);
    bool writable = true;
    uint8_t *host = phys_host(c, (mpa_t){frame}, &writable);
    if (!(t->frame[slot] & TLB_LISTED))
        t->used[t->used_count++] = (uint16_t)slot;
    if (bits & TLB_LARGE)
        t->has_large = true;
    t->page[slot] = at.v & ~PAGE_MASK;
    t->frame[slot] = frame | bits | TLB_LISTED | (writable ? 0 : TLB_ROM);
    t->view[0][slot].host = t->view[1][slot].host = host;
    tlb_retag(c, slot);
    return t->frame[slot];
}

mpa_t translate(struct cpu *c, gva_t at, enum access a, bool user)
{
    static const uint32_t needs[2][2] = {{TLB_VALID, TLB_WRITE},
                                         {TLB_USER, TLB_USER_WRITE}};
    unsigned slot = slot_of(at.v);
    uint32_t frame = c->tlb.frame[slot];
    uint32_t need = needs[user][a == ACCESS_WRITE] | TLB_VALID;
    if ((frame & need) != need || c->tlb.page[slot] != (at.v & ~PAGE_MASK))
        frame = tlb_fill(c, at, a, user);
    return (mpa_t){(frame & ~PAGE_MASK) | (at.v & PAGE_MASK)};
}

/* ------------------------------------------------------------- flushing */

static void drop(struct cpu *c, unsigned slot)
{
    c->tlb.frame[slot] &= TLB_LISTED;
    tlb_retag(c, slot);
}

void cpu_flush_tlb(struct cpu *c, bool globals_too)
{
    struct tlb *t = &c->tlb;
    uint32_t kept = 0;
    c->engine->code_tag = NO_CODE_TAG;
    for (uint32_t n = 0; n < t->used_count; n++) {
        uint16_t slot = t->used[n];
        if (!globals_too && (t->frame[slot] & TLB_GLOBAL)) {
            t->used[kept++] = slot;
        } else {
            drop(c, slot);
            t->frame[slot] = 0;
        }
    }
    t->used_count = kept;
    t->has_large = t->has_large && kept > 0;
}

/* A page of a large page takes all its pieces along: the manual says that
 * INVLPG invalidates the whole page (SDM 3A 4.10.4.1). */
void cpu_flush_page(struct cpu *c, gva_t at)
{
    struct tlb *t = &c->tlb;
    unsigned slot = slot_of(at.v);
    uint32_t offset = large_page_mask(c);
    c->engine->code_tag = NO_CODE_TAG;
    if (t->page[slot] == (at.v & ~PAGE_MASK))
        drop(c, slot);
    for (uint32_t n = 0; t->has_large && n < t->used_count; n++) {
        slot = t->used[n];
        bool same = ((t->page[slot] ^ at.v) & ~offset) == 0;
        if (same && (t->frame[slot] & TLB_LARGE))
            drop(c, slot);
    }
}
