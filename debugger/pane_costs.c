/*
 * pane_costs.c - exits by reason: their share of the count beside their
 * share of the time. That the two disagree is the lesson.
 */
#include "measure.h"
#include "screen.h"

#define BAR 14

static double percent(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void draw_share(struct box *b, const char *what, uint64_t part,
                       uint64_t whole)
{
    char cycles[GROUPED_SIZE];
    put(b, "%-12s %14s cycles %5.1f %% ", what, grouped(part, cycles),
        percent(part, whole));
    put_bar(b, part, whole, BAR);
    put_row(b);
}

static void draw_reason(struct box *b, const struct books *k, int r)
{
    char count[GROUPED_SIZE], mean[GROUPED_SIZE];
    put(b, "%-12s %9s  %5.1f %%  ", exit_names[r].name,
        grouped(k->by_reason[r], count), percent(k->by_reason[r], k->count));
    put(b, "%5.1f %% ", percent(k->cycles_by_reason[r], k->exits));
    int bar = b->col;
    put_bar(b, k->cycles_by_reason[r], k->exits, BAR);
    put_to(b, bar + BAR + 1);
    put(b, "%9s", grouped(k->cycles_by_reason[r] / k->by_reason[r], mean));
    put_row(b);
}

void pane_costs(struct screen *s, struct box *b)
{
    const struct books *k = vm_books(s->debug->vm);
    uint64_t passed = k->clock - k->since;
    put_ink(b, INK_TITLE, "%-12s %9s  %7s  %-22s %9s", "reason", "exits",
            "samples", " time", "mean");
    put_row(b);
    for (int n = 0; measure_top(k, n) >= 0; n++) {
        draw_reason(b, k, measure_top(k, n));
    }
    draw_share(b, "guest itself", k->guest, passed);
    if (k->interpreted) {
        draw_share(b, "interpreted", k->interpreted, passed);
    }
    draw_share(b, "all exits", k->exits, passed);
    if (k->idle) {
        draw_share(b, "idle", k->idle, passed);
    }
    if (k->others) {
        draw_share(b, "other VMs", k->others, passed);
    }
}
