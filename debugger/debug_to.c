/*
 * debug_to.c - running on to somewhere: to a place, an event or a time; over
 * a call; out of a function. Each is a stop that is there for this motion
 * alone.
 */
#include "debug.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ where */

static bool is_event(const char *word)
{
    static const char *const words[] = {"exit",   "port", "msr",   "injection",
                                        "marker", "ring", "space", "line"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static struct stop *becomes_true(struct debug *d, const char *text)
{
    struct stop *s = stop_new(d, ON_TRUE);
    if (s && !debug_expr(d, text, false, &s->of)) {
        stop_drop(d, s);
        return NULL;
    }
    if (s) {
        snprintf(s->text, sizeof s->text, "%.*s", (int)sizeof s->text - 1,
                 text);
    }
    return s;
}

struct stop *stop_where(struct debug *d, const struct words *w, int i)
{
    if (i >= w->count) {
        wrong(d, "where to? 'help run' lists the places, events and times");
        return NULL;
    }
    if (strcmp(w->word[i], "if") == 0) {
        return becomes_true(d, w->rest[i + 1]);
    }
    return is_event(w->word[i]) ? stop_event(d, w, i) : stop_place(d, w, i);
}

/* ------------------------------------------------------------------ times */

static void run_to_cycle(struct debug *d, uint64_t cycle)
{
    uint64_t limit = debug_limit(d);
    if (cycle <= debug_clock(d)) {
        wrong(d, "that has been: 'goto %llu' goes there",
              (unsigned long long)cycle);
        return;
    }
    if (debug_begin(d)) {
        enum monitor_stop stop =
            debug_go(d, cycle < limit ? cycle : limit, false, false);
        bool there = stop == STOP_LIMIT && cycle <= limit;
        debug_finish(d, there ? STOP_STEP : stop);
    }
}

static void run_to_exit(struct debug *d, uint64_t n)
{
    enum monitor_stop stop = STOP_EXIT;
    if (n <= d->last.number) {
        wrong(d, "that has been: 'goto exit %llu' goes there",
              (unsigned long long)n);
        return;
    }
    if (!debug_begin(d)) {
        return;
    }
    while (stop == STOP_EXIT && d->last.number < n && !d->hit) {
        stop = debug_go(d, debug_limit(d), true, false);
    }
    if (d->last.number) {
        tell_exit(d, &d->last);
    }
    debug_finish(d, stop);
}

/* "exit 412" and "cycle 90000" are times. */
static bool is_time(const struct words *w, int i, bool *exit)
{
    bool number = i + 1 < w->count && w->word[i + 1][0] >= '0' &&
                  w->word[i + 1][0] <= '9';
    *exit = i < w->count && strcmp(w->word[i], "exit") == 0;
    return number && (*exit || strcmp(w->word[i], "cycle") == 0);
}

void do_run(struct debug *d, const struct words *w)
{
    int i = w->count > 1 && strcmp(w->word[1], "to") == 0 ? 2 : 1;
    bool exit;
    uint64_t n;
    if (is_time(w, i, &exit)) {
        if (debug_count(d, w, i + 1, 1, &n)) {
            exit ? run_to_exit(d, n) : run_to_cycle(d, n);
        }
        return;
    }
    struct stop *s = stop_where(d, w, i);
    if (s) {
        if (debug_begin(d)) {
            debug_run_on(d);
        }
        stop_drop(d, s);
        stops_set(d);
    }
}

/* The last stop of all. */
void debug_back_to(struct debug *d, struct stop *s)
{
    int others = d->stops - 1;
    struct stop kept = d->stop[0];
    d->stop[0] = *s;
    d->stops = 1;
    if (debug_begin_back(d)) {
        debug_go_back(d);
    }
    d->stop[0] = kept;
    d->stops = others;
    d->hit = NULL;
    stops_set(d);
}

void do_back(struct debug *d, const struct words *w)
{
    int i = w->count > 1 && strcmp(w->word[1], "to") == 0 ? 2 : 1;
    bool exit;
    uint64_t n;
    if (is_time(w, i, &exit)) {
        if (!debug_count(d, w, i + 1, 1, &n)) {
            return;
        }
        if (exit && n > d->past.exits) {
            wrong(d, "only %zu exits have been", d->past.exits);
        } else if (debug_begin_back(d)) {
            debug_arrive_at(d, exit ? d->past.exit[n - 1].clock : n, exit);
        }
        return;
    }
    struct stop *s = stop_where(d, w, i);
    if (s) {
        debug_back_to(d, s);
    }
}

/* ---------------------------------------------------------- over and out of */

/* A condition: this program on this stack, or higher up. */
static bool same_program(struct debug *d, struct stop *s, bool stack)
{
    char text[96];
    snprintf(text, sizeof text, "ring == %u && cr3 == 0x%x && esp >= 0x%x",
             d->now.cpl, d->now.cr3, stack ? d->now.reg[REG_ESP] : 0);
    s->conditional = true;
    return debug_expr(d, text, false, &s->condition);
}

/* Does it come back to the next instruction, after more than one step? */
static bool comes_back(const struct insn *in)
{
    char name[16];
    insn_mnemonic(in, name, sizeof name);
    return strncmp(name, "call", 4) == 0 || strncmp(name, "int", 3) == 0 ||
           in->rep;
}

enum monitor_stop debug_over(struct debug *d)
{
    uint32_t at = d->now.seg[SEG_CS].base + d->now.eip;
    struct insn in;
    bool whole = debug_decode(d, at, &in) && comes_back(&in);
    struct stop *s = whole ? stop_new(d, ON_PLACE) : NULL;
    enum monitor_stop stop = STOP_ASKED;
    if (!whole) {
        return debug_go(d, debug_limit(d), false, true);
    }
    if (s) {
        s->at = at + in.len;
        if (same_program(d, s, true)) {
            stops_set(d);
            stop = debug_go(d, debug_limit(d), false, false);
        }
        stop_drop(d, s);
        stops_set(d);
    }
    return stop;
}

void do_over(struct debug *d, const struct words *w)
{
    uint32_t at = d->now.seg[SEG_CS].base + d->now.eip;
    struct insn in;
    if (!debug_decode(d, at, &in) || !comes_back(&in)) {
        do_step(d, w);
        return;
    }
    struct stop *s = stop_new(d, ON_PLACE);
    if (s) {
        s->at = at + in.len;
        if (same_program(d, s, true) && debug_begin(d)) {
            debug_run_on(d);
        }
        stop_drop(d, s);
        stops_set(d);
    }
}

void do_out(struct debug *d, const struct words *w)
{
    struct stop *s = stop_new(d, ON_RETURN);
    (void)w;
    if (s) {
        s->at = d->now.reg[REG_ESP];
        if (same_program(d, s, false) && debug_begin(d)) {
            debug_run_on(d);
        }
        stop_drop(d, s);
        stops_set(d);
    }
}
