/*
 * debug_time.c - places in time: going to one, giving it a name, seeing them
 * in a row; and a number for what the machine is there.
 */
#include "debug.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ marks */

/* The number of a mark, or -1. */
static int find_mark(const struct debug *d, const char *name)
{
    for (int i = 0; i < d->marks; i++) {
        if (strcmp(d->mark[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static void list_marks(const struct debug *d)
{
    for (int i = 0; i < d->marks; i++) {
        char clock[GROUPED_SIZE];
        fprintf(d->out, "  %-16s cycle %s, after exit %zu\n", d->mark[i].name,
                grouped(d->mark[i].clock, clock),
                past_exit_before(d, d->mark[i].clock + 1));
    }
    if (!d->marks) {
        say(d, "  no marks");
    }
}

bool debug_mark_at(struct debug *d, const char *name, uint64_t clock)
{
    int n = find_mark(d, name);
    if (n < 0 && d->marks == MARKS_MAX) {
        wrong(d, "%d marks are all there can be", MARKS_MAX);
        return false;
    }
    if (strlen(name) >= sizeof d->mark[0].name) {
        wrong(d, "'%s' is too long a name for a mark: %zu letters are the most",
              name, sizeof d->mark[0].name - 1);
        return false;
    }
    struct mark *m = &d->mark[n < 0 ? d->marks++ : n];
    snprintf(m->name, sizeof m->name, "%s", name);
    m->clock = clock;
    return true;
}

void do_mark(struct debug *d, const struct words *w)
{
    if (w->count < 2 || debug_mark_at(d, w->word[1], debug_clock(d))) {
        list_marks(d);
    }
}

/* ------------------------------------------------------------------- goto */

/* The number of the exit that cost most, of all that have been. */
static uint64_t dearest(const struct past *p)
{
    size_t most = 0;
    for (size_t i = 0; i < p->exits; i++) {
        most = p->exit[i].cost > p->exit[most].cost ? i : most;
    }
    return p->exits ? most + 1 : 1;
}

/* "goto exit 12", "goto exit dearest", "goto NAME", "goto CYCLE". */
static bool target(struct debug *d, const struct words *w, uint64_t *out)
{
    int m = w->count == 2 ? find_mark(d, w->word[1]) : -1;
    uint64_t n;
    char *end;
    if (m >= 0) {
        *out = d->mark[m].clock;
        return true;
    }
    if (w->count == 3 && strcmp(w->word[1], "exit") == 0) {
        if (strcmp(w->word[2], "dearest") == 0) {
            n = dearest(&d->past);
        } else if (!debug_count(d, w, 2, 1, &n)) {
            return false;
        }
        if (n > d->past.exits) {
            wrong(d, "only %zu exits have been; 'run to exit %llu' goes on",
                  d->past.exits, (unsigned long long)n);
            return false;
        }
        *out = d->past.exit[n - 1].clock;
        return true;
    }
    *out = w->count == 2 ? strtoull(w->word[1], &end, 0) : 0;
    if (w->count != 2 || *end || w->word[1][0] == '-') {
        wrong(d, "go where? 'goto exit N', 'goto CYCLE', or 'goto' and a mark");
        return false;
    }
    return true;
}

void do_goto(struct debug *d, const struct words *w)
{
    uint64_t to, now = debug_clock(d);
    if (!target(d, w, &to)) {
        return;
    }
    debug_leave(d);
    memset(d->end_told, 0, sizeof d->end_told);
    interrupt_pressed();
    debug_arrive_at(d, to, w->count == 3);
    if (to > now && debug_clock(d) < to) {
        say(d, "it did not run so far");
    }
}

/* --------------------------------------------------------------- timeline */

#define ROWS_MOST 200u
#define ROWS 16u
#define BAR 20

/* The reason of most of exits [from, to); or none: "". */
static const char *most_of(const struct past *p, size_t from, size_t to)
{
    size_t count[EXIT_COUNT] = {0};
    size_t most = 0;
    for (size_t i = from; i < to; i++) {
        size_t r = p->exit[i].reason;
        count[r]++;
        most = count[r] > count[most] ? r : most;
    }
    return from < to ? exit_names[most].name : "";
}

/* The marks in [from, to), and this place. */
static void print_marks(const struct debug *d, uint64_t from, uint64_t to)
{
    uint64_t now = debug_clock(d);
    for (int i = 0; i < d->marks; i++) {
        if (d->mark[i].clock >= from && d->mark[i].clock < to) {
            fprintf(d->out, " %s", d->mark[i].name);
        }
    }
    fprintf(d->out, "%s\n", now >= from && now < to ? " <- here" : "");
}

/* How far it has been, ever. */
static uint64_t farthest(const struct debug *d)
{
    uint64_t end = debug_clock(d);
    uint64_t seen = d->past.exits ? d->past.exit[d->past.exits - 1].clock : 0;
    uint64_t shot = d->past.shot[d->past.shots - 1].clock;
    end = seen > end ? seen : end;
    return (shot > end ? shot : end) + 1;
}

void do_timeline(struct debug *d, const struct words *w)
{
    uint64_t rows, end = farthest(d), most = 1;
    if (!debug_count(d, w, 1, ROWS, &rows)) {
        return;
    }
    rows = rows < ROWS_MOST ? rows : ROWS_MOST;
    rows = rows < end ? rows : end;
    uint64_t width = (end + rows - 1) / rows;
    for (uint64_t at = 0; at < end; at += width) {
        size_t n = past_exit_before(d, at + width) - past_exit_before(d, at);
        most = n > most ? n : most;
    }
    fprintf(d->out, "  %16s  %8s  %-*s  %s\n", "from cycle", "exits", BAR, "",
            "most of them");
    for (uint64_t at = 0; at < end; at += width) {
        size_t from = past_exit_before(d, at);
        size_t to = past_exit_before(d, at + width);
        char cycle[GROUPED_SIZE], count[GROUPED_SIZE];
        fprintf(d->out, "  %16s  %8s  ", grouped(at, cycle),
                grouped(to - from, count));
        int bar = (int)((to - from) * BAR / most);
        fprintf(d->out, "%.*s%*s  %-12s", bar, "####################",
                BAR - bar, "", most_of(&d->past, from, to));
        print_marks(d, at, at + width);
    }
}

void do_hash(struct debug *d, const struct words *w)
{
    (void)w;
    fprintf(d->out, "  cycle %llu: %016llx\n",
            (unsigned long long)debug_clock(d),
            (unsigned long long)monitor_hash(d->session.monitor));
}
