/*
 * paging.c - the TLB: what walks found, kept (SDM 3A 4.10).
 *
 * Job:    translate by it; fill it by a walk (walk.c); forget what MOV CRn
 *         and INVLPG make it forget.
 * Parts:  entries and tags; filling; flushing; address-space identifiers.
 *
 * Simplified: changing CR0.WP flushes the TLB; the manual leaves that to the
 * processor. Large pages are kept in pieces of 4 KiB. With paging off an
 * address stands for itself, and costs no walk.
 *
 * Each entry has the address-space identifier that it was made under (APM
 * volume 2, 15.16), and only those of the present one are seen. The host's
 * and the guests' entries are in two TLBs, so that VMRUN and #VMEXIT change a
 * pointer: they do not compete for slots, as on a processor they would.
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

static void retag(const struct cpu *c, struct tlb *t, unsigned slot)
{
    uint32_t bits = t->frame[slot], page = t->page[slot];
    bool guarded =
        (bits & TLB_ROM) || code_in_frame(c, bits) || watch_in_frame(c, bits);
    bool valid = (bits & TLB_VALID) && (bits & TLB_ASID) == t->asid;
    for (int user = 0; user < 2; user++) {
        bool see = c->engine->watched || (user && c->engine->aligned) ||
                   page > c->engine->flat_limit;
        bool see_writes = see || guarded;
        struct tlb_entry *e = &t->view[user][slot];
        uint32_t may_read = user ? TLB_USER : TLB_VALID;
        uint32_t may_write = user ? TLB_USER_WRITE : TLB_WRITE;
        bool there = valid && e->host;
        bool reads = there && !see && (bits & may_read);
        bool writes = there && !see_writes && (bits & may_write);
        e->read_tag = reads ? page : no_tag(slot);
        e->write_tag = writes ? page : no_tag(slot);
    }
}

static void retag_used(const struct cpu *c, struct tlb *t)
{
    for (uint32_t n = 0; n < t->used_count; n++)
        retag(c, t, t->used[n]);
}

void tlb_retag_all(struct cpu *c)
{
    retag_used(c, &c->host_tlb);
    retag_used(c, &c->guest_tlb);
}

static void retag_frame(const struct cpu *c, struct tlb *t, uint32_t frame)
{
    for (uint32_t n = 0; n < t->used_count; n++)
        if (((t->frame[t->used[n]] ^ frame) & ~PAGE_MASK) == 0)
            retag(c, t, t->used[n]);
}

void tlb_retag_frame(struct cpu *c, uint32_t frame)
{
    retag_frame(c, &c->host_tlb, frame);
    retag_frame(c, &c->guest_tlb, frame);
}

void tlb_init(struct cpu *c)
{
    c->tlb = c->guest.on ? &c->guest_tlb : &c->host_tlb;
    for (unsigned slot = 0; slot < TLB_SIZE; slot++) {
        retag(c, &c->host_tlb, slot);
        retag(c, &c->guest_tlb, slot);
    }
}

/* ---------------------------------------------------------------- filling */

/* What an entry for this walk permits without another. */
static uint32_t bits_of(const struct cpu *c, const struct walk *w)
{
    if (!w->paged)
        return TLB_VALID | TLB_USER |
               (w->writable ? TLB_WRITE | TLB_USER_WRITE : 0);
    uint32_t leaf = (uint32_t)(w->large ? w->pde : w->pte);
    uint32_t both = walk_rights(w);
    uint32_t bits = TLB_VALID | (w->large ? TLB_LARGE : 0);
    if ((leaf & PTE_G) && (c->cr4 & CR4_PGE))
        bits |= TLB_GLOBAL;
    if (access_allowed(c, both, ACCESS_READ, true))
        bits |= TLB_USER;
    if (!(leaf & PTE_D) || !w->writable)
        return bits;
    if (access_allowed(c, both, ACCESS_WRITE, false))
        bits |= TLB_WRITE;
    if (access_allowed(c, both, ACCESS_WRITE, true))
        bits |= TLB_USER_WRITE;
    return bits;
}

/* Walk, with all that a walk does, and keep the result. Returns the entry's
 * frame word. */
static uint32_t tlb_fill(struct cpu *c, gva_t at, enum access a, bool user)
{
    struct walk w;
    walk_tables(c, at, a, user, &w);
    cpu_charge(c, PRICE_walk_ref, (uint64_t)w.references);
    if (c->guest.nested)
        nested_settle(c, &w, a);
    if (!w.ok) {
        c->engine->fault_address = at.v;
        raise_fault(c, VEC_PF, w.error);
    }
    walk_mark(c, &w, a);

    struct tlb *t = c->tlb;
    unsigned slot = slot_of(at.v);
    uint32_t frame = w.frame.v & ~PAGE_MASK, bits = bits_of(c, &w);
    bool writable = true;
    uint8_t *host = phys_host(c, (mpa_t){frame}, &writable);
    if (!(t->frame[slot] & TLB_LISTED))
        t->used[t->used_count++] = (uint16_t)slot;
    if (bits & TLB_LARGE)
        t->has_large = true;
    t->page[slot] = at.v & ~PAGE_MASK;
    bits |= TLB_LISTED | t->asid | (writable ? 0 : TLB_ROM);
    t->frame[slot] = frame | bits;
    t->view[0][slot].host = t->view[1][slot].host = host;
    retag(c, t, slot);
    return t->frame[slot];
}

mpa_t translate(struct cpu *c, gva_t at, enum access a, bool user)
{
    static const uint32_t needs[2][2] = {{TLB_VALID, TLB_WRITE},
                                         {TLB_USER, TLB_USER_WRITE}};
    unsigned slot = slot_of(at.v);
    uint32_t frame = c->tlb->frame[slot];
    uint32_t need = needs[user][a == ACCESS_WRITE] | TLB_VALID;
    if ((frame & (need | TLB_ASID)) != (need | c->tlb->asid) ||
        c->tlb->page[slot] != (at.v & ~PAGE_MASK))
        frame = tlb_fill(c, at, a, user);
    return (mpa_t){(frame & ~PAGE_MASK) | (at.v & PAGE_MASK)};
}

/* ------------------------------------------------------------- flushing */

static void drop(const struct cpu *c, struct tlb *t, unsigned slot)
{
    t->frame[slot] &= TLB_LISTED;
    retag(c, t, slot);
}

/* Drop the entries whose ASID, or global bit, makes `mask` of them `value`. */
static void flush(struct cpu *c, struct tlb *t, uint32_t mask, uint32_t value)
{
    uint32_t kept = 0;
    c->engine->code_tag = NO_CODE_TAG;
    for (uint32_t n = 0; n < t->used_count; n++) {
        uint16_t slot = t->used[n];
        if ((t->frame[slot] & mask) != value) {
            t->used[kept++] = slot;
        } else {
            drop(c, t, slot);
            t->frame[slot] = 0;
        }
    }
    t->used_count = kept;
    t->has_large = t->has_large && kept > 0;
}

void cpu_flush_tlb(struct cpu *c, bool globals_too)
{
    flush(c, c->tlb, globals_too ? TLB_ASID : TLB_ASID | TLB_GLOBAL,
          c->tlb->asid);
    watch_remapped(c);
}

/* A page of a large page takes all its pieces along: the manual says that
 * INVLPG invalidates the whole page (SDM 3A 4.10.4.1). */
static void flush_page(struct cpu *c, struct tlb *t, gva_t at)
{
    unsigned slot = slot_of(at.v);
    uint32_t offset = large_page_mask(c);
    c->engine->code_tag = NO_CODE_TAG;
    if (t->page[slot] == (at.v & ~PAGE_MASK) &&
        (t->frame[slot] & TLB_ASID) == t->asid)
        drop(c, t, slot);
    for (uint32_t n = 0; t->has_large && n < t->used_count; n++) {
        slot = t->used[n];
        bool same = ((t->page[slot] ^ at.v) & ~offset) == 0 &&
                    (t->frame[slot] & TLB_ASID) == t->asid;
        if (same && (t->frame[slot] & TLB_LARGE))
            drop(c, t, slot);
    }
}

void cpu_flush_page(struct cpu *c, gva_t at)
{
    flush_page(c, c->tlb, at);
}

/* -------------------------------------------------- address-space identifiers
 */

static struct tlb *tlb_of(struct cpu *c, unsigned asid)
{
    return asid ? &c->guest_tlb : &c->host_tlb;
}

/* Entries of other guests stay where they are, out of sight. */
static void see(struct cpu *c, unsigned asid)
{
    struct tlb *t = tlb_of(c, asid);
    if (t->asid != asid << TLB_ASID_SHIFT) {
        t->asid = asid << TLB_ASID_SHIFT;
        retag_used(c, t);
    }
}

void tlb_select(struct cpu *c, unsigned asid)
{
    see(c, asid);
    c->tlb = tlb_of(c, asid);
    c->engine->code_tag = NO_CODE_TAG;
}

void tlb_flush_asid(struct cpu *c, unsigned asid)
{
    flush(c, tlb_of(c, asid), TLB_ASID, asid << TLB_ASID_SHIFT);
}

void tlb_flush_guests(struct cpu *c)
{
    flush(c, &c->guest_tlb, 0, 0);
}

void tlb_flush_page(struct cpu *c, gva_t at, unsigned asid)
{
    see(c, asid);
    flush_page(c, tlb_of(c, asid), at);
}
