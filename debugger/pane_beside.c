/*
 * pane_beside.c - two machines in numbers: the whole, exits by reason, and
 * phase by phase between their markers.
 */
#include "screen.h"

#define NAME 13 /* columns */
#define NUMBER 15
#define TABLE 54

static void draw_row(struct box *b, const char *name, uint64_t here,
                     uint64_t there)
{
    char n[GROUPED_SIZE];
    put(b, "%-*s", NAME, name);
    put(b, "%*s", NUMBER, grouped(here, n));
    put(b, "%*s  ", NUMBER, grouped(there, n));
    if (here && there) {
        put(b, "x%.2f", (double)there / (double)here);
    } else if (here || there) {
        put_ink(b, INK_CHANGED, "%d alone", here ? 1 : 2);
    }
    put_row(b);
}

static void draw_title(struct box *b, const char *what, const char *here,
                       const char *there)
{
    put_ink(b, INK_TITLE, "%-*s%*s%*s  2 / 1", NAME, what, NUMBER, here, NUMBER,
            there);
    put_row(b);
}

static void draw_totals(struct box *b, const struct debug *d)
{
    const struct books *x = vm_books(d->session.vm);
    const struct books *y = vm_books(d->beside->session.vm);
    char here[32], there[32];
    snprintf(here, sizeof here, "1 %s", beside_name(d));
    snprintf(there, sizeof there, "2 %s", beside_name(d->beside));
    draw_title(b, "so far", here, there);
    draw_row(b, "cycles", x->clock - x->since, y->clock - y->since);
    draw_row(b, "in exits", x->exits, y->exits);
    draw_row(b, "exits", x->count, y->count);
    for (int k = 0; beside_top(d, k) >= 0; k++) {
        int r = beside_top(d, k);
        draw_row(b, exit_names[r].name, x->by_reason[r], y->by_reason[r]);
    }
}

/* The cycles of what lies before marker n; 0: the beginning. */
static uint64_t clock_at(const struct debug *d, unsigned n)
{
    return n ? d->past.marker[n - 1].clock : 0;
}

/* A row for each stretch that both have behind them, the newest first. */
static void draw_phases(struct box *b, const struct debug *d)
{
    unsigned here = d->session.markers, there = d->beside->session.markers;
    draw_title(b, "to marker", "cycles 1", "cycles 2");
    for (unsigned n = here < there ? here : there; n > 0; n--) {
        char name[24];
        snprintf(name, sizeof name, "%u (phase %u)", n,
                 n > 1 ? d->past.marker[n - 2].id : 0);
        draw_row(b, name, clock_at(d, n) - clock_at(d, n - 1),
                 clock_at(d->beside, n) - clock_at(d->beside, n - 1));
    }
}

void pane_beside(struct screen *s, struct box *b)
{
    const struct debug *d = s->side[0].debug;
    if (!screen_pair(s)) {
        put_text(b, 1,
                 "No machine is beside this one. 'beside para' runs the same "
                 "guest under another technique; each motion then moves both, "
                 "and here is what each of them did. '>' runs both to their "
                 "next phase, F7 turns to the other, 'diff' shows what parts "
                 "them.");
        return;
    }
    if (b->w >= 2 * TABLE) {
        struct box right = box_right(b, b->w / 2);
        draw_phases(&right, d);
        draw_totals(b, d);
    } else {
        draw_totals(b, d);
        draw_phases(b, d);
    }
}
