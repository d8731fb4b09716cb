/*
 * pane_tables.c - GDT and IDT: the guest's entries, and beside each the one
 * that the processor really uses.
 *
 * Real entries are of the loaded tables, so of the VM that ran last; where
 * both are zero the entry is left out.
 */
#include "screen.h"

#include <string.h>

#define GDT_MOST 1024u
#define SIDE 36 /* columns of an entry as text */

/* A descriptor's eight bytes. */
struct entry {
    bool there;
    uint32_t low, high;
};

static struct entry guest_entry(const struct screen *s,
                                const struct table_reg *t, uint32_t i)
{
    uint32_t word[2];
    struct entry e = {false, 0, 0};
    if (8 * i + 7 <= t->limit &&
        vm_peek(s->debug->vm, (gva_t){t->base + 8 * i}, word, 8) == 8) {
        e = (struct entry){true, word[0], word[1]};
    }
    return e;
}

static struct entry real_entry(const struct screen *s,
                               const struct table_reg *t, uint32_t i)
{
    uint32_t word[2];
    struct entry e = {false, 0, 0};
    if (8 * i + 7 <= t->limit &&
        cpu_peek(monitor_cpu(s->debug->session.monitor),
                 (gva_t){t->base + 8 * i}, word, 8) == 8) {
        e = (struct entry){true, word[0], word[1]};
    }
    return e;
}

static const char *segment_kind(uint32_t high)
{
    static const char *const systems[16] = {
        [1] = "TSS16",     [2] = "LDT",   [3] = "TSS16 busy", [4] = "call16",
        [5] = "task",      [6] = "int16", [7] = "trap16",     [9] = "TSS",
        [11] = "TSS busy", [12] = "call", [14] = "int",       [15] = "trap"};
    uint32_t type = high >> 8 & 15;
    if (!(high & 0x1000)) {
        return systems[type] ? systems[type] : "reserved";
    }
    return type & 8 ? (type & 2 ? "code read" : "code")
                    : (type & 2 ? "data write" : "data");
}

/* "00000000 +ffffffff code read DPL 0" (SDM 3A 3.4.5). */
static void put_segment(struct box *b, const struct entry *e)
{
    uint32_t base =
        e->low >> 16 | (e->high & 0xff) << 16 | (e->high & 0xff000000);
    uint32_t limit = (e->low & 0xffff) | (e->high & 0xf0000);
    if (e->high & 0x800000) {
        limit = limit << 12 | 0xfff;
    }
    if (!e->there || (e->low | e->high) == 0) {
        put(b, "-");
    } else if (!(e->high & 0x8000)) {
        put(b, "not present");
    } else {
        put(b, "%08x +%08x %s %u", base, limit, segment_kind(e->high),
            e->high >> 13 & 3);
    }
}

/* "0008:c0100000 int 0" (SDM 3A 6.11). */
static void put_gate(struct box *b, const struct entry *e)
{
    if (!e->there || (e->low | e->high) == 0) {
        put(b, "-");
    } else if (!(e->high & 0x8000)) {
        put(b, "not present");
    } else {
        put(b, "%04x:%08x %s %u", e->low >> 16,
            (e->low & 0xffff) | (e->high & 0xffff0000), segment_kind(e->high),
            e->high >> 13 & 3);
    }
}

static void draw_table(struct screen *s, struct box *b, const char *name,
                       bool gates)
{
    const struct cpu *c = monitor_cpu(s->debug->session.monitor);
    const struct virtual_cpu *g = &s->debug->now;
    const struct table_reg *guest = gates ? &g->idtr : &g->gdtr;
    const struct table_reg *real = gates ? &c->idtr : &c->gdtr;
    void (*put_entry)(struct box *, const struct entry *) =
        gates ? put_gate : put_segment;
    put_ink(b, INK_TITLE, "%s  guest's at %08x, limit %04x", name, guest->base,
            guest->limit);
    put_to(b, 7 + SIDE);
    put_ink(b, INK_TITLE, "real at %08x, limit %04x", real->base, real->limit);
    put_row(b);
    for (uint32_t i = 0; i < (gates ? 256 : GDT_MOST); i++) {
        struct entry mine = guest_entry(s, guest, i);
        struct entry truth = real_entry(s, real, i);
        if ((mine.low | mine.high) == 0 &&
            (gates || (truth.low | truth.high) == 0)) {
            continue; /* of gates the monitor has all 256 */
        }
        put(b, "  %04x ", gates ? i : 8 * i);
        put_entry(b, &mine);
        put_to(b, 6 + SIDE);
        bool same = mine.low == truth.low && mine.high == truth.high;
        put(b, "%s", same ? " " : "!");
        put_entry(b, &truth);
        put_row(b);
    }
}

void pane_tables(struct screen *s, struct box *b)
{
    draw_table(s, b, "GDT", false);
    draw_table(s, b, "IDT", true);
    put_ink(b, INK_FAINT, "%s",
            "base +limit kind DPL; selector:offset kind DPL; ! the real one "
            "is another");
    put_row(b);
}
