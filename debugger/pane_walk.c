/*
 * pane_walk.c - the page-walk explorer: one address, from guest virtual over
 * guest physical to machine physical, through the guest's own tables, the
 * ones that the processor really walks, and the TLB, at once.
 *
 * Where the processor walks the guest's own (bare, para) there is one column.
 * Where it has a shadow, each entry is marked: in sync, stale, unfilled. With
 * nested paging (hvm) each of the guest's entries stands beside the nested
 * one that leads to it.
 */
#include "screen.h"

#include <string.h>

#define NAME 11 /* columns */
#define SIDE 30

/* ------------------------------------------------------------- as text */

/* Of 64 bits as upper:lower, for the upper half has four bits of an address
 * at most. */
static void put_bits(struct box *b, const struct side *w, uint64_t e)
{
    if (w->pae) {
        put(b, "%x:", (uint32_t)(e >> 32));
    }
    put(b, "%08x %c%c%c%c%c", (uint32_t)e, e & PTE_P ? 'P' : '-',
        e & PTE_W ? 'W' : '-', e & PTE_U ? 'U' : '-', e & PTE_A ? 'A' : '-',
        e & PTE_D ? 'D' : '-');
}

static void put_entry(struct box *b, const struct side *w, unsigned level)
{
    if (level >= w->levels) {
        put(b, "%s",
            w->large ? (w->pae ? "(2 MiB page)" : "(4 MiB page)") : "-");
    } else {
        put_bits(b, w, w->entry[level]);
        put(b, " at %08x", w->at[level]);
    }
}

/* PAE's third level, which the processor keeps in registers. */
static void draw_pointer(struct box *b, const struct side *w)
{
    if (w->paging && w->pae) {
        put_ink(b, INK_TITLE, "%-*s", NAME, "pointer");
        put(b, "%x:%08x %s number %u of four, loaded with CR3",
            (uint32_t)(w->pointer >> 32), (uint32_t)w->pointer,
            w->pointer & PTE_P ? "P," : "-,", w->which);
        put_row(b);
    }
}

static const char *level_name(unsigned level)
{
    return level ? "table" : "directory";
}

static void draw_page(struct box *b, const char *kind, const struct side *w)
{
    if (w->present) {
        put(b, "%s %08x", kind, w->page);
    } else {
        put(b, "not mapped: #PF");
    }
}

/* ------------------------------------------------------- in sync, or not */

enum sync { SYNC_ABSENT, SYNC_SAME, SYNC_HELD, SYNC_UNFILLED, SYNC_STALE };

static enum sync leaf_sync(const struct screen *s, const struct side *guest,
                           const struct side *real)
{
    mpa_t machine;
    uint64_t right = real->large ? real->entry[0] : real->entry[1];
    uint64_t left = guest->large ? guest->entry[0] : guest->entry[1];
    if (!real->present) {
        return guest->present ? SYNC_UNFILLED : SYNC_ABSENT;
    }
    if (!guest->present ||
        !vm_machine(s->debug->vm, (gpa_t){guest->page}, &machine) ||
        machine.v != real->page) {
        return SYNC_STALE;
    }
    bool guest_writes = !guest->paging || (left & PTE_W);
    if ((right & PTE_W) && !guest_writes) {
        return SYNC_STALE;
    }
    return guest_writes && !(right & PTE_W) ? SYNC_HELD : SYNC_SAME;
}

static enum sync directory_sync(const struct side *guest,
                                const struct side *real)
{
    bool left = !guest->paging || (guest->entry[0] & PTE_P);
    bool right = real->entry[0] & PTE_P;
    return left ? (right ? SYNC_SAME : SYNC_UNFILLED)
                : (right ? SYNC_STALE : SYNC_ABSENT);
}

static void draw_sync(struct box *b, enum sync sync)
{
    static const struct {
        const char *text;
        enum ink ink;
    } signs[] = {[SYNC_ABSENT] = {"absent", INK_FAINT},
                 [SYNC_SAME] = {"in sync", INK_GOOD},
                 [SYNC_HELD] = {"W held", INK_GOOD},
                 [SYNC_UNFILLED] = {"unfilled", INK_CHANGED},
                 [SYNC_STALE] = {"STALE", INK_BAD}};
    put_to(b, NAME + 2 * SIDE + 1);
    put_ink(b, signs[sync].ink, "%s", signs[sync].text);
    put_row(b);
}

/* What the sign of the last entry means. */
static const char *sync_text(enum sync sync)
{
    static const char *const texts[] = {
        [SYNC_ABSENT] = "An access is a page fault, and the guest's own.",
        [SYNC_SAME] = "An access runs without the monitor.",
        [SYNC_HELD] = "In sync, but a write traps: the page is a traced page "
                      "table, or the "
                      "guest's D is not set yet.",
        [SYNC_UNFILLED] = "An access makes an exit, shadow-fill, and the guest "
                          "never knows.",
        [SYNC_STALE] = "The guest has changed its entry since: until it "
                       "flushes, a real TLB would be as old."};
    return texts[sync];
}

/* ------------------------------------------------- the TLB; which exit */

static void draw_tlb(struct screen *s, struct box *b, uint32_t at)
{
    const struct tlb *t = monitor_cpu(s->debug->session.monitor)->tlb;
    unsigned slot = at >> PAGE_SHIFT & (TLB_SIZE - 1);
    uint32_t bits = t->frame[slot];
    put_ink(b, INK_TITLE, "%-*s", NAME, "TLB");
    if (!(bits & TLB_VALID) || t->page[slot] != (at & ~PAGE_MASK)) {
        put(b, "no entry: the next access walks");
    } else {
        put(b, "machine page %08x, kernel r%c, program %c%c%s",
            bits & ~PAGE_MASK, bits & TLB_WRITE ? 'w' : '-',
            bits & TLB_USER ? 'r' : '-', bits & TLB_USER_WRITE ? 'w' : '-',
            bits & TLB_GLOBAL ? ", global" : "");
    }
    put_row(b);
}

/* The newest exit that filled the shadow's entry, or that wrote the guest's
 * by a trap. */
static const struct exit_record *maker(struct screen *s, uint32_t at,
                                       const struct side *guest, bool shadow)
{
    uint64_t last = s->debug->last.number;
    for (uint64_t n = last; n > 0 && n + RECORDS > last; n--) {
        const struct exit_record *x = records_find(s->at->records, n);
        gpa_t written;
        if (!x || x->vm != vm_id(s->debug->vm)) {
            continue;
        }
        if (shadow && x->reason == EXIT_shadow_fill &&
            ((x->address ^ at) & ~PAGE_MASK) == 0) {
            return x;
        }
        if (!shadow && x->reason == EXIT_pt_write && guest->levels == 2 &&
            vm_translate(s->debug->vm, (gva_t){x->address}, &written) &&
            ((written.v ^ guest->at[1]) & ~3u) == 0) {
            return x;
        }
    }
    return NULL;
}

static void draw_makers(struct screen *s, struct box *b, uint32_t at,
                        const struct side *guest)
{
    char number[GROUPED_SIZE];
    const struct exit_record *wrote = maker(s, at, guest, false);
    const struct exit_record *filled = maker(s, at, guest, true);
    put_ink(b, INK_TITLE, "%-*s", NAME, "made by");
    if (wrote) {
        put(b, "exit %s, pt-write", grouped(wrote->number, number));
    } else {
        put(b, "the guest, no exit");
    }
    put_to(b, NAME + SIDE);
    if (filled) {
        put(b, "exit %s, shadow-fill", grouped(filled->number, number));
    } else {
        put(b, "no exit known");
    }
    put_row(b);
}

/* ------------------------------------------------------------- together */

/* One table, which guest and processor both use; or no processor's at all. */
static void draw_one_side(struct screen *s, struct box *b, uint32_t at,
                          const struct side *w, const char *whose)
{
    gpa_t physical;
    put_ink(b, INK_TITLE, "%-*s%s", NAME, "", whose);
    put_row(b);
    draw_pointer(b, w);
    for (unsigned level = 0; level < 2 && w->paging; level++) {
        put_ink(b, INK_TITLE, "%-*s", NAME, level_name(level));
        put_entry(b, w, level);
        put_row(b);
    }
    put_ink(b, INK_TITLE, "%-*s", NAME, "page");
    draw_page(b, look_played(s) ? "guest physical" : "machine", w);
    if (!look_played(s) && vm_translate(s->debug->vm, (gva_t){at}, &physical)) {
        put(b, " = guest physical %08x", physical.v);
    }
    put_row(b);
}

static void draw_both(struct screen *s, struct box *b, uint32_t at)
{
    struct side guest = side_guest(s, at), real = side_real(s, at);
    enum sync leaf = leaf_sync(s, &guest, &real);
    put_to(b, NAME);
    put_ink(b, INK_TITLE, "the guest's tables");
    put_to(b, NAME + SIDE);
    put_ink(b, INK_TITLE, "the shadow: really walked");
    put_row(b);
    for (unsigned level = 0; level < 2; level++) {
        put_ink(b, INK_TITLE, "%-*s", NAME, level_name(level));
        if (guest.paging) {
            put_entry(b, &guest, level);
        } else {
            put(b, "paging is off");
        }
        put_to(b, NAME + SIDE);
        put_entry(b, &real, level);
        draw_sync(b, level ? leaf : directory_sync(&guest, &real));
    }
    put_ink(b, INK_TITLE, "%-*s", NAME, "page");
    draw_page(b, "guest phys.", &guest);
    put_to(b, NAME + SIDE);
    draw_page(b, "machine", &real);
    put_row(b);
    draw_tlb(s, b, at);
    draw_makers(s, b, at, &guest);
    put_text(b, 0, sync_text(leaf));
}

/* ----------------------------------------------------- in two dimensions */

/* The nested tables' leaf for guest physical `at`, beside what is there. */
static enum sync draw_nested(const struct screen *s, struct box *b, uint32_t at)
{
    struct side n;
    mpa_t machine;
    put_to(b, NAME + SIDE);
    side_nested(s, at, &n);
    put_entry(b, &n, 1);
    enum sync sync = SYNC_SAME;
    if (!n.present) {
        sync = SYNC_UNFILLED;
    } else if (!vm_machine(s->debug->vm, (gpa_t){at}, &machine) ||
               machine.v != n.page) {
        sync = SYNC_STALE;
    }
    draw_sync(b, sync);
    return sync;
}

/* The newest exit that filled the nested entry for guest physical `at`. */
static const struct exit_record *nested_maker(const struct screen *s,
                                              uint32_t at)
{
    uint64_t last = s->debug->last.number;
    for (uint64_t n = last; n > 0 && n + RECORDS > last; n--) {
        const struct exit_record *x = records_find(s->at->records, n);
        if (x && x->vm == vm_id(s->debug->vm) &&
            x->reason == EXIT_nested_fill &&
            ((x->address ^ at) & ~PAGE_MASK) == 0) {
            return x;
        }
    }
    return NULL;
}

/* Each address that the guest's tables give is walked once more. */
static void draw_two_dimensions(struct screen *s, struct box *b, uint32_t at)
{
    struct side w = side_guest(s, at);
    char number[GROUPED_SIZE];
    put_to(b, NAME);
    put_ink(b, INK_TITLE, "the guest's own tables");
    put_to(b, NAME + SIDE);
    put_ink(b, INK_TITLE, "nested: from there to the machine");
    put_row(b);
    draw_pointer(b, &w);
    for (unsigned level = 0; level < w.levels; level++) {
        put_ink(b, INK_TITLE, "%-*s", NAME, level_name(level));
        put_entry(b, &w, level);
        draw_nested(s, b, w.at[level]);
    }
    put_ink(b, INK_TITLE, "%-*s", NAME, "page");
    draw_page(b, "guest phys.", &w);
    enum sync sync = SYNC_ABSENT;
    if (w.present) {
        sync = draw_nested(s, b, w.page);
    } else {
        put_row(b);
    }
    draw_tlb(s, b, at);
    const struct exit_record *made = w.present ? nested_maker(s, w.page) : NULL;
    if (made) {
        put_ink(b, INK_TITLE, "%-*s", NAME, "made by");
        put(b, "exit %s, nested-fill", grouped(made->number, number));
        put_row(b);
    }
    struct walk_2d k;
    if (vm_walk_2d(s->debug->vm, (gva_t){at}, &k)) {
        put(b, "A walk takes %u references, nested ones too.", k.references);
        put_row(b);
    }
    if (sync == SYNC_SAME) {
        put_text(b, 0, "An access runs without the monitor: no exit.");
        return;
    }
    put_text(b, 0,
             sync == SYNC_UNFILLED
                 ? "An access makes an exit, nested-fill; the guest's tables "
                   "are its own."
             : sync == SYNC_STALE
                 ? "STALE: the monitor has moved the page since."
                 : "An access is a page fault, the guest's own, without an "
                   "exit.");
}

void pane_walk(struct screen *s, struct box *b)
{
    const struct cpu *c = monitor_cpu(s->debug->session.monitor);
    const struct virtual_cpu *g = &s->debug->now;
    struct side nested;
    char why[64];
    uint32_t at = look_place(s, why, sizeof why);
    put_ink(b, INK_STRONG, "guest virtual %08x", at);
    put(b, ": %s", why);
    put_row(b);
    if (look_played(s)) {
        struct side w = side_guest(s, at);
        draw_one_side(s, b, at, &w, "the guest's tables, walked in software");
    } else if (side_nested(s, 0, &nested)) {
        draw_two_dimensions(s, b, at);
    } else if (((g->cr3 ^ c->cr3) & ~PAGE_MASK) == 0) {
        struct side w = side_real(s, at);
        draw_one_side(s, b, at, &w,
                      "the guest's tables, which the processor walks itself");
        draw_tlb(s, b, at);
    } else {
        draw_both(s, b, at);
    }
}
