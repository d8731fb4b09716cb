/*
 * debug_back.c - going back: every motion in the other direction.
 *
 * Job:    back by instructions, by exits, to a stop; the last change of a
 *         register or of memory.
 * Parts:  arriving; by instructions; by exits; to a stop.
 *
 * A clock is a place in time (debug_past.c). What the clock of a stop is, is
 * found by playing the last stretch once more, from a snapshot on, with the
 * stops in force, and noting the last that was met; if there was none, the
 * stretch before it.
 */
#include "debug.h"

#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------- arriving */

bool debug_begin_back(struct debug *d)
{
    debug_leave(d);
    memset(d->end_told, 0, sizeof d->end_told);
    if (debug_clock(d) == 0) {
        say(d, "this is the beginning");
        return false;
    }
    interrupt_pressed();
    return true;
}

/* No stop is asked on the way; then nothing of it is news. */
static bool seek(struct debug *d, uint64_t clock)
{
    d->looking = false;
    return past_seek(d, clock);
}

void debug_arrive_at(struct debug *d, uint64_t clock, bool exit)
{
    bool there = seek(d, clock);
    bool interrupted = interrupt_pressed();
    interrupt_note();
    d->interrupted = interrupted;
    stops_set(d);
    for (int i = 0; i < GUESTS_MAX; i++) {
        d->console[i].shown = d->console[i].size;
    }
    if (!there && interrupted) {
        say(d, "stopped by Ctrl-C, on the way");
    }
    if (exit && d->last.number) {
        d->vm = monitor_vm(d->session.monitor, d->last.vm - 1);
        tell_exit(d, &d->last);
    }
    debug_arrive(d);
    if (!debug_ended(d)) {
        tell_place(d);
    }
}

static void arrive(struct debug *d, uint64_t clock)
{
    debug_arrive_at(d, clock, false);
}

/* -------------------------------------------------------- by instructions */

#define STRETCH 4096u /* cycles, at first */
#define LONGER 8u     /* times, if that was not enough */
#define STEPS_MOST 1000000u

/* The clocks of the last n instruction boundaries before now, in a ring. */
struct ring {
    uint64_t *clock;
    uint64_t n, count; /* room; and how many there were */
};

/* Step from `from` to `now`, and note where. */
static bool note_steps(struct debug *d, uint64_t from, uint64_t now,
                       struct ring *r)
{
    r->count = 0;
    if (!seek(d, from)) {
        return false;
    }
    while (debug_clock(d) < now && !debug_ended(d)) {
        r->clock[r->count++ % r->n] = debug_clock(d);
        struct run_until one = {.cycle = now, .one_step = true};
        if (monitor_run(d->session.monitor, &one) == STOP_ASKED) {
            return false;
        }
    }
    return true;
}

bool debug_steps_before(struct debug *d, uint64_t now, uint64_t n,
                        uint64_t *clock)
{
    struct ring r = {.n = n, .clock = calloc(n, sizeof *r.clock)};
    bool ok = r.clock != NULL;
    *clock = 0;
    for (uint64_t far = STRETCH; ok; far *= LONGER) {
        uint64_t from = now > far ? now - far : 0;
        ok = note_steps(d, from, now, &r);
        if (ok && r.count >= n) {
            *clock = r.clock[(r.count - n) % n];
            break;
        }
        if (from == 0) {
            break;
        }
    }
    free(r.clock);
    return ok;
}

void do_rstep(struct debug *d, const struct words *w)
{
    uint64_t n, now, to;
    if (!debug_count(d, w, 1, 1, &n) || !debug_begin_back(d)) {
        return;
    }
    now = debug_clock(d);
    n = n < STEPS_MOST ? n : STEPS_MOST;
    arrive(d, debug_steps_before(d, now, n, &to) ? to : now);
}

/* --------------------------------------------------------------- by exits */

/* Does exit k pass? If that takes the machine's state, by going there. */
static bool passes_then(struct debug *d, const struct filter *f, size_t k)
{
    const struct past_exit *x = &d->past.exit[k - 1];
    if (f->conditional && expr_needs_state(&f->condition) &&
        (f->reason < 0 || f->reason == x->reason)) {
        seek(d, x->clock);
    }
    return filter_passes(d, f, x);
}

void do_rexit(struct debug *d, const struct words *w)
{
    struct filter f;
    if (!filter_read(d, w, &f) || !debug_begin_back(d)) {
        return;
    }
    size_t k = past_exit_before(d, debug_clock(d));
    while (k > 0 && !interrupt_pending()) {
        if (passes_then(d, &f, k) && --f.count == 0) {
            break;
        }
        k--;
    }
    if (k == 0) {
        say(d, "no such exit before this: the beginning");
    }
    debug_arrive_at(d, k ? d->past.exit[k - 1].clock : 0, true);
}

/* -------------------------------------------------------------- to a stop */

/* What was the last stop on the way? */
struct found {
    bool any;
    uint64_t clock;
    int64_t was, became;
    int index; /* of the stop */
    struct stop stop;
};

/* From `from` to `end` with the stops in force: the last before `now`. A
 * change that led to `now` counts, for we go to before it. */
static bool look_for(struct debug *d, uint64_t from, uint64_t end, uint64_t now,
                     struct found *out)
{
    out->any = false;
    if (!seek(d, from)) {
        return false;
    }
    stops_set(d);
    stops_look(d);
    while (debug_clock(d) < end && !debug_ended(d)) {
        enum monitor_stop stop = debug_go(d, end, false, false);
        if (d->hit && (d->hit->kind == ON_CHANGE || debug_clock(d) < now)) {
            *out = (struct found){.any = true,
                                  .clock = debug_clock(d),
                                  .was = d->hit_was,
                                  .became = d->hit_now,
                                  .index = (int)(d->hit - d->stop),
                                  .stop = *d->hit};
        }
        if (interrupt_pending() || stop != STOP_ASKED) {
            break;
        }
    }
    return !interrupt_pending();
}

/* Stretch before stretch, the last one short: what is looked for is mostly
 * near, and to look behind every instruction takes its time. */
static bool last_stop(struct debug *d, uint64_t now, struct found *out)
{
    uint64_t far = STRETCH;
    for (uint64_t end = now;; far *= LONGER) {
        uint64_t from = end > far ? end - far : 0;
        if (!look_for(d, from, end, now, out)) {
            return false;
        }
        if (out->any || from == 0) {
            return true;
        }
        end = from;
    }
}

/* Before the instruction, or the exit, that made the change. */
static void arrive_before(struct debug *d, const struct found *f)
{
    uint64_t to;
    arrive(d, debug_steps_before(d, f->clock, 1, &to) ? to : f->clock);
    fprintf(d->out, "the next step changes %s: %08llx becomes %08llx\n",
            f->stop.text, (unsigned long long)f->was,
            (unsigned long long)f->became);
}

void debug_go_back(struct debug *d)
{
    uint64_t now = debug_clock(d), hits[STOPS_MAX] = {0};
    struct found f;
    for (int i = 0; i < d->stops; i++) {
        hits[i] = d->stop[i].hits;
    }
    bool ok = last_stop(d, now, &f);
    for (int i = 0; i < d->stops; i++) {
        d->stop[i].hits = hits[i];
    }
    d->hit = NULL;
    if (!ok) {
        arrive(d, now);
    } else if (!f.any) {
        say(d, "nothing of the kind before this: the beginning");
        arrive(d, 0);
    } else if (f.stop.kind == ON_CHANGE) {
        arrive_before(d, &f);
        d->hit = &d->stop[f.index];
    } else {
        debug_arrive_at(d, f.clock, f.stop.kind == ON_EXIT);
        d->hit = &d->stop[f.index];
        tell_hit(d);
    }
}

void do_rcontinue(struct debug *d, const struct words *w)
{
    (void)w;
    if (d->stops == 0) {
        wrong(d, "back to where? 'break' or 'watch' something first, or "
                 "'goto 0'");
    } else if (debug_begin_back(d)) {
        debug_go_back(d);
    }
}

/* As if this were the only stop there is. */
void do_changed(struct debug *d, const struct words *w)
{
    int others = d->stops;
    struct stop kept = d->stop[0];
    if (w->count < 2) {
        wrong(d, "changed what? A register, or a place in memory");
        return;
    }
    d->stops = 0;
    struct stop *s = stop_watch(d, w->rest[1]);
    if (s && debug_begin_back(d)) {
        debug_go_back(d);
    }
    d->stop[0] = kept;
    d->stops = others;
    d->hit = NULL;
    stops_set(d);
}
