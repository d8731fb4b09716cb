/*
 * pane_exits.c - the exits, newest last: who, why, what became of it, and a
 * bar of its cost. "v/r" are the virtual ring and the real one.
 */
#include "screen.h"

#define BAR 12
#define NARROW                                                    \
    60 /* columns: below, what became of it gives way to its cost \
        */

static uint64_t most_cost(const struct screen *s, uint64_t from, uint64_t to)
{
    uint64_t most = 1;
    for (uint64_t n = from; n <= to; n++) {
        const struct exit_record *x = records_find(s->at->records, n);
        if (x && exit_cost(x) > most) {
            most = exit_cost(x);
        }
    }
    return most;
}

static void draw_one(struct screen *s, struct box *b,
                     const struct exit_record *x, uint64_t most)
{
    char cost[GROUPED_SIZE], where[40], number[GROUPED_SIZE];
    bool chosen = x == look_exit(s);
    struct monitor *m = s->debug->session.monitor;
    place_name(monitor_vm(m, x->vm - 1), x->eip, where, sizeof where);
    box_ink(b, chosen ? INK_CHOSEN : INK_PLAIN);
    put(b, "%c%6s ", chosen ? '>' : ' ', grouped(x->number, number));
    if (monitor_vm_count(m) > 1) {
        put(b, "vm%u ", x->vm);
    }
    put(b, "%-11s %u/%u ", exit_names[x->reason].name, x->virtual_ring,
        x->real_ring);
    if (b->w >= NARROW) {
        put(b, "%-12s ", disposition_names[x->disposition].name);
    }
    put(b, "%7s ", grouped(exit_cost(x), cost));
    box_ink(b, INK_PLAIN);
    int bar = b->col;
    put_bar(b, exit_cost(x), most, BAR);
    put_to(b, bar + BAR + 1);
    put(b, "%s", *where ? where : "");
    if (b->w > 110 && *x->note) {
        put_ink(b, INK_FAINT, "  %s", x->note);
    }
    put_row(b);
}

void pane_exits(struct screen *s, struct box *b)
{
    const struct exit_record *chosen = look_exit(s);
    uint64_t last = s->debug->last.number, rows = (uint64_t)b->h;
    b->row = 0; /* keys choose an exit, they do not scroll */
    if (!chosen || rows < 2) {
        put_text(b, 1,
                 look_bare(s) ? "Under bare the guest owns the machine: "
                                "no exits."
                              : "No exit yet. Right runs to the first.");
        return;
    }
    rows--;
    uint64_t to = last;
    if (chosen->number + rows / 2 < last && last > rows) {
        to = chosen->number + rows / 2;
    }
    to = to < rows ? (last < rows ? last : rows) : to;
    uint64_t from = to > rows ? to - rows + 1 : 1;
    put_ink(b, INK_TITLE, "   exit %sreason      v/r %s cycles %-*s at",
            monitor_vm_count(s->debug->session.monitor) > 1 ? "vm  " : "",
            b->w >= NARROW ? "became       " : "", BAR, "");
    put_row(b);
    uint64_t most = most_cost(s, from, to);
    for (uint64_t n = from; n <= to; n++) {
        const struct exit_record *x = records_find(s->at->records, n);
        if (x) {
            draw_one(s, b, x, most);
        }
    }
}
