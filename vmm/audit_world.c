/*
 * audit_world.c - the processor itself, checked and not believed.
 *
 * Job:    look at what decides where the processor can get from a guest's
 *         ring, apart from page tables: its control and segment registers,
 *         the descriptors and gates it would use, what its TLB holds.
 * Parts:  registers; segments and descriptors; gates; the hole's page table;
 *         the TLB.
 *
 * A guest in ring 1 is a supervisor to the paging unit. What keeps it out of
 * the hole is that each of its segments ends before, and what keeps it out of
 * ring 0 is that no descriptor or gate it can name leads there. (In guest mode
 * it is otherwise: audit_guest.c.)
 */
#include "world.h"

#include <stdio.h>

#define TABLE_ENTRIES (PAGE_SIZE / 8)
#define D_P (1u << 15)
#define D_S (1u << 12)
#define D_DPL(hi) ((hi) >> 13 & 3u)
#define D_TYPE(hi) ((hi) >> 8 & 15u)
#define D_CALL_GATE 12u
#define D_G (1u << 23)
#define SEG_CODE 0x008u
#define SEG_EXPAND 0x004u

static bool wrong(char *err, size_t errsize, const char *what, uint32_t at,
                  uint32_t is)
{
    snprintf(err, errsize, "the processor: %s (%08x: %08x)", what, at, is);
    return false;
}

/* -------------------------------------------------------------- registers */

/*
 * The tables are walked as they are with CR4.PSE and PAE clear: two levels,
 * small pages, and bit 7 of a directory entry means nothing. So that must be
 * how the processor walks them, too.
 */
static bool registers_ok(struct monitor *m, char *err, size_t errsize)
{
    const struct cpu *c = m->cpu;
    const struct vm *v = m->current;
    if (v && v->vmcb.v) {
        return true; /* audit_guest.c */
    }
    if (v && c->cr3 != v->shadow_cr3) {
        return wrong(err, errsize, "CR3 is not the current VM's", c->cr3,
                     v->shadow_cr3);
    }
    if (c->cr4 & (CR4_PSE | CR4_PAE)) {
        return wrong(err, errsize, "CR4 allows large pages or PAE", 4, c->cr4);
    }
    if ((c->cr0 & (CR0_PE | CR0_PG | CR0_WP)) != (CR0_PE | CR0_PG | CR0_WP)) {
        return wrong(err, errsize, "CR0 lacks PE, WP or PG", 0, c->cr0);
    }
    if (c->gdtr.base != WORLD_GDT || c->idtr.base != WORLD_IDT ||
        c->tr.base != WORLD_TSS) {
        return wrong(err, errsize, "a descriptor table is not the monitor's",
                     c->gdtr.base, c->idtr.base);
    }
    return true;
}

/* --------------------------------------------- segments and descriptors */

/* Does a segment of these reach into the hole? */
static bool reaches_hole(uint32_t base, uint32_t limit, bool down, bool big)
{
    uint32_t first = down ? base + limit + 1 : base;
    uint32_t last = base + (!down ? limit : big ? UINT32_MAX : 0xffff);
    if (down && limit >= (big ? UINT32_MAX : 0xffff)) {
        return false; /* empty */
    }
    return last < first || last >= MONITOR_BASE;
}

/* The technique's own, for what it runs in ring 1 by itself. */
static bool is_own(uint16_t sel)
{
    return sel == CACHE_CS || sel == STATE_DS;
}

static bool segment_ok(const struct segment *s, char *err, size_t errsize)
{
    bool down = (s->attr & (SEG_CODE | SEG_EXPAND)) == SEG_EXPAND;
    if (!(s->attr & SEG_P) || is_own(s->sel)) {
        return true;
    }
    if (SEG_DPL(s->attr) == 0) {
        return wrong(err, errsize, "a segment of ring 0 in the guest's hands",
                     s->sel, s->attr);
    }
    return !reaches_hole(s->base, s->limit, down, s->attr & SEG_DB) ||
           wrong(err, errsize, "a segment reaches into the hole", s->sel,
                 s->limit);
}

/* In the guest: its rights, and every segment that it can use at once. */
static bool guest_state_ok(struct monitor *m, char *err, size_t errsize)
{
    const struct cpu *c = m->cpu;
    uint32_t flags = cpu_eflags(c);
    if (!m->inside || m->current->interpreted || m->current->vmcb.v) {
        return true;
    }
    if (c->cpl == 0 || (flags & (FL_IOPL | FL_VM)) || !(flags & FL_IF)) {
        return wrong(err, errsize, "ring 0, IOPL, VM or no IF in the guest",
                     c->cpl, flags);
    }
    for (int s = 0; s < SEG_COUNT; s++) {
        if (!segment_ok(&c->seg[s], err, errsize)) {
            return false;
        }
    }
    return true;
}

/* May the guest's gate lead to this selector? */
static bool target_ok(uint16_t sel)
{
    uint32_t entry = sel & ~7u;
    return (sel & 4) || entry < GUEST_GDT_ENTRIES * 8 ||
           entry == (FLAT_RING1_CS & ~7u) || entry == (FLAT_RING3_CS & ~7u) ||
           entry == (CACHE_CS & ~7u);
}

static bool descriptor_ok(uint32_t at, const uint32_t d[2], char *err,
                          size_t errsize)
{
    uint32_t type = D_TYPE(d[1]);
    uint32_t limit = (d[0] & 0xffff) | (d[1] & 0xf0000);
    if (!(d[1] & D_P)) {
        return true;
    }
    if (!(d[1] & D_S)) {
        return (type == D_CALL_GATE && target_ok((uint16_t)(d[0] >> 16))) ||
               wrong(err, errsize, "a gate or system segment of the guest's",
                     at, d[1]);
    }
    struct segment s = {
        .attr = (uint16_t)((d[1] >> 8 & 0xff) | (d[1] >> 12 & 0xf00)),
        .base = d[0] >> 16 | (d[1] & 0xff) << 16 | (d[1] & 0xff000000),
        .limit = d[1] & D_G ? limit << PAGE_SHIFT | PAGE_MASK : limit};
    return segment_ok(&s, err, errsize) ||
           wrong(err, errsize, "a descriptor opens ring 0 or the hole", at,
                 d[1]);
}

/* The guest's pages of the GDT and LDT, where it has any. */
static bool descriptors_ok(struct monitor *m, uint32_t table, unsigned pages,
                           char *err, size_t errsize)
{
    for (unsigned page = 0; page < pages; page++) {
        uint32_t at = table + page * PAGE_SIZE;
        uint32_t pte = m->world->table[(at - MONITOR_BASE) >> PAGE_SHIFT];
        if ((pte & ~PAGE_MASK) == m->world->null_page.v) {
            continue;
        }
        const uint32_t *d =
            (const uint32_t *)(const void *)frame_bytes(m, (mpa_t){pte});
        for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
            if (!descriptor_ok(at + i * 8, d + (size_t)i * 2, err, errsize)) {
                return false;
            }
        }
    }
    return true;
}

/* ------------------------------------------------------------------ gates */

/* To its stub in ring 0, or to the guest's own handler in an outer ring. */
static bool gates_ok(struct monitor *m, char *err, size_t errsize)
{
    const uint32_t *gate = m->world->idt;
    for (unsigned n = 0; n < 256; n++, gate += 2) {
        uint16_t sel = (uint16_t)(gate[0] >> 16);
        uint32_t offset = (gate[0] & 0xffff) | (gate[1] & 0xffff0000);
        bool ours = sel == MONITOR_CS && offset == WORLD_STUBS + n;
        if (!ours && ((sel & 3) == 0 || !target_ok(sel))) {
            return wrong(err, errsize, "a gate of the IDT leads astray", n,
                         gate[0]);
        }
    }
    const uint32_t *tss = m->world->tss;
    return (tss[1] == WORLD_STACK && tss[2] == MONITOR_DS) ||
           wrong(err, errsize, "the TSS's ring-0 stack is another", tss[2],
                 tss[1]);
}

/* ------------------------------------------------ the hole's page table */

/* The monitor's frames; in the descriptor tables, the current VM's, too. */
static bool hole_frame_ok(struct monitor *m, uint32_t linear, uint32_t frame)
{
    const struct frame_info *f = frame_info(m, (mpa_t){frame});
    return f && (f->kind == FRAME_MONITOR ||
                 (linear < WORLD_IDT && f->kind == FRAME_GUEST &&
                  f->owner == m->current));
}

static bool hole_ok(struct monitor *m, char *err, size_t errsize)
{
    const uint32_t *pte = m->world->table;
    for (uint32_t i = 0; i < PAGE_SIZE / 4; i++) {
        uint32_t linear = MONITOR_BASE | i << PAGE_SHIFT;
        if (!(pte[i] & PTE_P)) {
            continue;
        }
        if (!hole_frame_ok(m, linear, pte[i])) {
            return wrong(err, errsize, "the world has a frame of others'",
                         linear, pte[i]);
        }
        if (pte[i] & PTE_U) {
            return wrong(err, errsize, "the world is open to ring 3", linear,
                         pte[i]);
        }
    }
    return true;
}

/* ---------------------------------------------------------------- the TLB */

/* An entry stays when its table has changed, until it is flushed: whatever it
 * says, the frame must still be one that the current VM may use so. */
static bool cached_ok(struct monitor *m, uint32_t linear, uint32_t bits)
{
    const struct frame_info *f = frame_info(m, (mpa_t){bits});
    if (linear >= MONITOR_BASE) {
        return hole_frame_ok(m, linear, bits) &&
               !(bits & (TLB_USER | TLB_USER_WRITE));
    }
    return f && ((f->kind == FRAME_GUEST && f->owner == m->current) ||
                 (f->kind == FRAME_SHARED &&
                  !(bits & (TLB_WRITE | TLB_USER_WRITE))));
}

static bool tlb_ok(struct monitor *m, char *err, size_t errsize)
{
    const struct tlb *t = &m->cpu->host_tlb;
    for (uint32_t n = 0; n < t->used_count; n++) {
        unsigned slot = t->used[n];
        if ((t->frame[slot] & TLB_VALID) &&
            !cached_ok(m, t->page[slot], t->frame[slot])) {
            return wrong(err, errsize, "its TLB has a frame of others'",
                         t->page[slot], t->frame[slot]);
        }
    }
    return true;
}

bool world_audit(struct monitor *m, char *err, size_t errsize)
{
    return registers_ok(m, err, errsize) && guest_state_ok(m, err, errsize) &&
           descriptors_ok(m, WORLD_GDT, WORLD_GDT_PAGES, err, errsize) &&
           descriptors_ok(m, WORLD_LDT, WORLD_LDT_PAGES, err, errsize) &&
           gates_ok(m, err, errsize) && hole_ok(m, err, errsize) &&
           tlb_ok(m, err, errsize) && guest_mode_audit(m, err, errsize);
}
