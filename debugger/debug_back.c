/*
 * debug_back.c - going back: the same run again, and not so far.
 *
 * Job:    every motion of debug_run.c in the other direction; the last change
 *         of a register or of memory; marks.
 * Parts:  again from the start; back by instructions; by exits; to a
 *         breakpoint or a change; places in time.
 *
 * A run is a function of its inputs: begun anew it comes by the same states
 * at the same clock. So a clock is a place in time, and going back is to
 * begin anew and to stop at an earlier one. What that clock is, is found by
 * playing the last stretch once more, and looking: at each instruction, or
 * with the breakpoints' hooks. If the stretch was too short, a longer one.
 *
 * Simplified: the state is never saved, so going back costs as much time as
 * the run so far took. Most lessons are a few milliseconds long.
 */
#include "debug.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static uint64_t clock_now(const struct debug *d)
{
    return monitor_clock(d->session.monitor);
}

/* -------------------------------------------------- again from the start */

/* The same VM's console, and no more of it than there was at that time. */
static void forget_output(struct debug *d)
{
    for (int i = 0; i < GUESTS_MAX; i++) {
        d->console[i].size = 0;
    }
}

/* To the first instruction boundary at `clock` or behind it. False: there is
 * no machine any more, and the session is over. */
static bool replay(struct debug *d, uint64_t clock)
{
    uint32_t looked_at = vm_id(d->vm);
    struct run_until until = {.cycle = clock};
    forget_output(d);
    d->looking = false;
    if (!session_restart(&d->session)) {
        d->quit = true;
        return false;
    }
    d->vm = monitor_vm(d->session.monitor, looked_at - 1);
    d->last = (struct exit_record){0};
    interrupt_watch(d->session.monitor);
    if (clock) {
        monitor_run(d->session.monitor, &until);
    }
    return !interrupt_pending();
}

/* Ready to look backwards from here: false if there is nothing behind. */
static bool begin(struct debug *d, uint64_t *now)
{
    *now = clock_now(d);
    d->before = d->now;
    d->was = d->vm;
    memset(d->end_told, 0, sizeof d->end_told);
    if (*now == 0) {
        say(d, "this is the beginning");
        return false;
    }
    interrupt_pressed();
    return true;
}

/* Go to `clock`, and stay there; at an exit's end, with what it was. */
static void arrive_at(struct debug *d, uint64_t clock, bool exit)
{
    bool there = replay(d, clock);
    if (d->quit) {
        return;
    }
    bool interrupted = interrupt_pressed();
    interrupt_note();
    stops_set(d);
    for (int i = 0; i < GUESTS_MAX; i++) {
        d->console[i].shown = d->console[i].size;
    }
    if (!there && interrupted) {
        say(d, "stopped by Ctrl-C, on the way from the beginning");
    }
    if (exit && d->last.number) {
        tell_exit(d, &d->last);
    }
    debug_arrive(d);
    if (!debug_ended(d)) {
        tell_place(d);
    }
}

static void arrive(struct debug *d, uint64_t clock)
{
    arrive_at(d, clock, false);
}

/* --------------------------------------------------- back by instructions */

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
    if (!replay(d, from)) {
        return false;
    }
    while (clock_now(d) < now && !debug_ended(d)) {
        r->clock[r->count++ % r->n] = clock_now(d);
        struct run_until one = {.cycle = now, .one_step = true};
        if (monitor_run(d->session.monitor, &one) == STOP_ASKED) {
            return false;
        }
    }
    return true;
}

/* The boundary n steps before `now`; the beginning, if there are not so many.
 * False: interrupted. */
static bool steps_before(struct debug *d, uint64_t now, uint64_t n,
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

void debug_rstep(struct debug *d, const struct words *w)
{
    uint64_t n, now, to;
    if (!debug_count(d, w, 1, 1, &n) || !begin(d, &now)) {
        return;
    }
    n = n < STEPS_MOST ? n : STEPS_MOST;
    arrive(d, steps_before(d, now, n, &to) ? to : now);
}

/* ---------------------------------------------------------- back by exits */

/* The number of the last exit that was over before `now`, or 0. */
static size_t last_before(const struct debug *d, uint64_t now)
{
    size_t low = 0, high = d->pasts; /* exits up to `low` are before it */
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (d->past[mid].clock < now) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

void debug_rexit(struct debug *d, const struct words *w)
{
    int reason;
    uint64_t n = exit_words(d, w, &reason), now;
    if (n == 0 || !begin(d, &now)) {
        return;
    }
    size_t k = last_before(d, now);
    while (k > 0) {
        bool counts = reason < 0 || (int)d->past[k - 1].reason == reason;
        if (counts && --n == 0) {
            break;
        }
        k--;
    }
    if (k == 0) {
        say(d, "no such exit before this: the beginning");
    }
    arrive_at(d, k ? d->past[k - 1].clock : 0, true);
}

/* --------------------------------------- back to a breakpoint or a change */

/* What was the last stop on the way? */
struct found {
    bool any;
    uint64_t clock;
    const struct watch *changed; /* NULL: a breakpoint */
    uint32_t was, became;
};

/* From `from` to `now` with the hooks on: the last stop before `now`. */
static bool look_for(struct debug *d, uint64_t from, uint64_t now,
                     struct found *out)
{
    *out = (struct found){0};
    if (!replay(d, from)) {
        return false;
    }
    stops_set(d);
    stops_look(d);
    while (clock_now(d) < now && !debug_ended(d)) {
        enum monitor_stop stop = debug_go(d, now, false, false);
        bool at_now = !d->changed && clock_now(d) >= now;
        if (d->hit && !at_now) {
            *out = (struct found){.any = true,
                                  .clock = clock_now(d),
                                  .changed = d->changed,
                                  .was = d->was_value};
            out->became = d->changed ? d->changed->value : 0;
        }
        if (interrupt_pending() || stop != STOP_ASKED) {
            break;
        }
    }
    return !interrupt_pending();
}

static bool last_stop(struct debug *d, uint64_t now, struct found *out)
{
    for (uint64_t far = STRETCH * 16;; far *= LONGER) {
        uint64_t from = now > far ? now - far : 0;
        if (!look_for(d, from, now, out)) {
            return false;
        }
        if (out->any || from == 0) {
            return true;
        }
    }
}

/* Before the instruction, or the exit, that made the change. */
static void arrive_before(struct debug *d, const struct found *f)
{
    uint64_t to;
    char name[32];
    snprintf(name, sizeof name, "%s", f->changed->name);
    arrive(d, steps_before(d, f->clock, 1, &to) ? to : f->clock);
    if (!d->quit) {
        fprintf(d->out, "the next step changes %s: %08x becomes %08x\n", name,
                f->was, f->became);
    }
}

static void go_back(struct debug *d, uint64_t now)
{
    struct found f;
    bool ok = last_stop(d, now, &f);
    if (d->quit) {
        return;
    }
    if (!ok) {
        say(d, "stopped by Ctrl-C");
        arrive(d, now);
    } else if (!f.any) {
        say(d, "none of them before this: the beginning");
        arrive(d, 0);
    } else if (f.changed) {
        arrive_before(d, &f);
    } else {
        arrive(d, f.clock);
        say(d, "breakpoint");
    }
}

void debug_rcontinue(struct debug *d, const struct words *w)
{
    uint64_t now;
    (void)w;
    if (d->breakpoints + d->watches == 0) {
        say(d,
            "back to where? 'break' or 'watch' something first, or 'goto 0'");
    } else if (begin(d, &now)) {
        go_back(d, now);
    }
}

/* As if this were the only stop there is. */
void debug_changed(struct debug *d, const struct words *w)
{
    int breakpoints = d->breakpoints, watches = d->watches;
    struct watch first = d->watch[0];
    uint64_t now;
    if (w->count < 2) {
        say(d, "changed what? A register, or a place in memory");
        return;
    }
    d->watches = 0;
    if (watch_add(d, w->word[1])) {
        d->breakpoints = 0;
        if (begin(d, &now)) {
            go_back(d, now);
        }
    }
    d->breakpoints = breakpoints;
    d->watches = watches;
    d->watch[0] = first;
    if (!d->quit) {
        stops_set(d);
    }
}

/* --------------------------------------------------------- places in time */

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
                last_before(d, d->mark[i].clock + 1));
    }
    if (!d->marks) {
        say(d, "  no marks");
    }
}

void debug_mark(struct debug *d, const struct words *w)
{
    if (w->count > 1) {
        const char *name = w->word[1];
        int n = find_mark(d, name);
        if (n < 0 && d->marks == MARKS_MAX) {
            fprintf(d->out, "%d marks are all there can be\n", MARKS_MAX);
            return;
        }
        struct mark *m = &d->mark[n < 0 ? d->marks++ : n];
        snprintf(m->name, sizeof m->name, "%s", name);
        m->clock = clock_now(d);
    }
    list_marks(d);
}

/* "goto exit 12", "goto NAME", "goto CYCLE". */
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
        if (!debug_count(d, w, 2, 1, &n)) {
            return false;
        }
        if (n > d->pasts) {
            fprintf(d->out,
                    "only %zu exits have been; 'exit %" PRIu64
                    "' goes so many on\n",
                    d->pasts, n - d->pasts);
            return false;
        }
        *out = d->past[n - 1].clock;
        return true;
    }
    *out = w->count == 2 ? strtoull(w->word[1], &end, 0) : 0;
    if (w->count != 2 || *end || w->word[1][0] == '-') {
        say(d, "go where? 'goto exit N', 'goto CYCLE', or 'goto' and a mark");
        return false;
    }
    return true;
}

void debug_goto(struct debug *d, const struct words *w)
{
    uint64_t to, now = clock_now(d);
    if (!target(d, w, &to)) {
        return;
    }
    d->before = d->now;
    d->was = d->vm;
    memset(d->end_told, 0, sizeof d->end_told);
    interrupt_pressed();
    arrive(d, to);
    if (to > now && !d->quit && clock_now(d) < to) {
        say(d, "it did not run so far");
    }
}
