/*
 * debug_run.c - going on: step, exit, continue.
 */
#include "debug.h"

#include <string.h>

static uint64_t limit_of(const struct debug *d)
{
    return d->session.o->limit ? d->session.o->limit : UINT64_MAX;
}

enum monitor_stop debug_go(struct debug *d, uint64_t limit, bool one_exit,
                           bool one_step)
{
    struct run_until until = {
        .cycle = limit, .one_exit = one_exit, .one_step = one_step};
    enum monitor_stop stop;
    d->changed = NULL;
    do {
        d->hit = false;
        stop = monitor_run(d->session.monitor, &until);
        d->hit = d->hit || d->changed || stops_here(d);
    } while (stop == STOP_ASKED && !d->hit && !interrupt_pending() &&
             d->breakpoints + d->watches > 0);
    return stop;
}

/* Before and after every command that runs the guest. */
static bool begin(struct debug *d)
{
    if (debug_ended(d)) {
        memset(d->end_told, 0, sizeof d->end_told); /* say it again */
        tell_ends(d);
        return false;
    }
    d->was = d->vm;
    d->before = d->now;
    d->exits_seen = 0;
    stops_look(d);
    interrupt_pressed();
    interrupt_watch(d->session.monitor);
    return true;
}

void debug_arrive(struct debug *d)
{
    vm_virtual_cpu(d->vm, &d->now);
    if (d->vm != d->was) {
        d->before = d->now; /* another's registers say nothing of change */
    }
    tell_output(d);
    tell_ends(d);
}

static void finish(struct debug *d, enum monitor_stop stop)
{
    bool interrupted = interrupt_pressed();
    interrupt_note();
    debug_arrive(d);
    if (debug_ended(d)) {
        return;
    }
    if (interrupted) {
        say(d, "stopped by Ctrl-C");
    } else if (stop == STOP_LIMIT) {
        say(d, "the cycle limit is reached; --limit sets it");
    } else if (d->changed) {
        fprintf(d->out, "%s has changed: %08x, now %08x\n", d->changed->name,
                d->was_value, d->changed->value);
    } else if (stop == STOP_ASKED && d->hit) {
        say(d, "breakpoint");
    }
    tell_place(d);
}

void debug_step(struct debug *d, const struct words *w)
{
    uint64_t n;
    enum monitor_stop stop = STOP_STEP;
    if (!debug_count(d, w, 1, 1, &n) || !begin(d)) {
        return;
    }
    for (; n > 0 && stop == STOP_STEP && !debug_ended(d); n--) {
        uint64_t seen = d->exits_seen;
        stop = debug_go(d, limit_of(d), false, true);
        if (d->exits_seen != seen) {
            tell_exit(d, &d->last);
        }
    }
    finish(d, stop);
}

uint64_t exit_words(struct debug *d, const struct words *w, int *reason)
{
    uint64_t n = 1;
    *reason = -1;
    for (int i = 1; i < w->count; i++) {
        if (w->word[i][0] >= '0' && w->word[i][0] <= '9') {
            if (!debug_count(d, w, i, 1, &n)) {
                return 0;
            }
        } else if ((*reason = debug_reason(d, w->word[i])) < 0) {
            return 0;
        }
    }
    return n;
}

void debug_exit(struct debug *d, const struct words *w)
{
    int reason;
    uint64_t n = exit_words(d, w, &reason), passed = 0;
    if (n == 0 || !begin(d)) {
        return;
    }
    enum monitor_stop stop = STOP_EXIT;
    while (n > 0 && !debug_ended(d)) {
        stop = debug_go(d, limit_of(d), true, false);
        if (stop != STOP_EXIT) {
            break;
        }
        if (reason < 0 || (int)d->last.reason == reason) {
            n--;
        } else {
            passed++;
        }
    }
    if (passed) {
        char count[GROUPED_SIZE];
        fprintf(d->out, "%s other exit%s passed by\n", grouped(passed, count),
                passed == 1 ? "" : "s");
    }
    if (stop == STOP_EXIT) {
        tell_exit(d, &d->last);
    } else {
        say(d, d->exits_seen ? "no further exit of that kind" : "no exit");
    }
    finish(d, stop);
}

void debug_continue(struct debug *d, const struct words *w)
{
    char count[GROUPED_SIZE];
    (void)w;
    if (!begin(d)) {
        return;
    }
    enum monitor_stop stop = debug_go(d, limit_of(d), false, false);
    fprintf(d->out, "%s exit%s passed by\n", grouped(d->exits_seen, count),
            d->exits_seen == 1 ? "" : "s");
    finish(d, stop);
}
