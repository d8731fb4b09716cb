/*
 * debug_run.c - going on: step, exit, continue; and what all motions share.
 */
#include "debug.h"

#include <string.h>

uint64_t debug_limit(const struct debug *d)
{
    return d->session.o->limit ? d->session.o->limit : UINT64_MAX;
}

uint64_t debug_clock(const struct debug *d)
{
    return monitor_clock(d->session.monitor);
}

enum monitor_stop debug_go(struct debug *d, uint64_t limit, bool one_exit,
                           bool one_step)
{
    struct run_until until = {
        .cycle = limit, .one_exit = one_exit, .one_step = one_step};
    enum monitor_stop stop;
    d->hit = NULL;
    d->silent = false;
    do {
        stop = past_run(d, &until);
        if (!d->hit) {
            stops_here(d);
        }
    } while (stop == STOP_ASKED && !d->hit && !d->silent &&
             !interrupt_pending() && d->stops);
    return stop;
}

bool debug_begin(struct debug *d)
{
    if (debug_ended(d)) {
        memset(d->end_told, 0, sizeof d->end_told); /* say it again */
        tell_ends(d);
        return false;
    }
    debug_leave(d);
    d->exits_seen = 0;
    stops_set(d);
    stops_look(d);
    interrupt_pressed();
    interrupt_watch(d->session.monitor);
    return true;
}

/* ------------------------------------------------------ before and after */

static void look(struct debug *d)
{
    mpa_t at;
    vm_virtual_cpu(d->vm, &d->now);
    d->block.there = vm_control_block(d->vm, &at) &&
                     cpu_phys_read(monitor_cpu(d->session.monitor), at,
                                   d->block.byte, sizeof d->block.byte);
}

void debug_leave(struct debug *d)
{
    d->was = d->vm;
    d->before = d->now;
    d->block_before = d->block;
}

void debug_look_anew(struct debug *d)
{
    look(d);
    debug_leave(d);
}

void debug_arrive(struct debug *d)
{
    look(d);
    if (d->vm != d->was) {
        debug_leave(d); /* another's registers say nothing of change */
    }
    tell_output(d);
    tell_ends(d);
}

void debug_finish(struct debug *d, enum monitor_stop stop)
{
    bool interrupted = interrupt_pressed();
    interrupt_note();
    d->interrupted = interrupted;
    debug_arrive(d);
    if (debug_ended(d)) {
        d->hit = NULL;
        return;
    }
    if (interrupted) {
        d->hit = NULL;
        say(d, "stopped by Ctrl-C");
    } else if (d->hit) {
        tell_hit(d);
    } else if (stop == STOP_LIMIT) {
        say(d, "the cycle limit is reached; --limit sets it");
    }
    tell_place(d);
}

/* --------------------------------------------------------------- the motions
 */

void do_step(struct debug *d, const struct words *w)
{
    uint64_t n;
    enum monitor_stop stop = STOP_STEP;
    if (!debug_count(d, w, 1, 1, &n) || !debug_begin(d)) {
        return;
    }
    for (; n > 0 && stop == STOP_STEP && !debug_ended(d); n--) {
        uint64_t seen = d->exits_seen;
        stop = debug_go(d, debug_limit(d), false, true);
        if (d->exits_seen != seen) {
            tell_exit(d, &d->last);
        }
        if (d->hit) {
            break;
        }
    }
    debug_finish(d, stop);
}

/* Has the exit that is just over passed the filter? */
static bool passes(struct debug *d, const struct filter *f)
{
    uint64_t n = d->last.number;
    return n && n <= d->past.exits && filter_passes(d, f, &d->past.exit[n - 1]);
}

void do_exit(struct debug *d, const struct words *w)
{
    struct filter f;
    uint64_t passed = 0;
    if (!filter_read(d, w, &f) || !debug_begin(d)) {
        return;
    }
    enum monitor_stop stop = STOP_EXIT;
    d->for_silent = true;
    while (f.count > 0 && !debug_ended(d)) {
        stop = debug_go(d, debug_limit(d), true, false);
        if (stop != STOP_EXIT && !d->silent) {
            break;
        }
        if (passes(d, &f)) {
            f.count--;
        } else {
            passed++;
        }
        if (d->hit || interrupt_pending()) {
            break;
        }
    }
    d->for_silent = false;
    if (passed) {
        char count[GROUPED_SIZE];
        fprintf(d->out, "%s other exit%s passed by\n", grouped(passed, count),
                passed == 1 ? "" : "s");
    }
    if (f.count == 0) {
        tell_exit(d, &d->last);
    } else if (debug_ended(d)) {
        say(d, d->exits_seen ? "no further exit of that kind" : "no exit");
    }
    debug_finish(d, stop);
}

void debug_run_on(struct debug *d)
{
    char count[GROUPED_SIZE];
    enum monitor_stop stop = debug_go(d, debug_limit(d), false, false);
    fprintf(d->out, "%s exit%s passed by\n", grouped(d->exits_seen, count),
            d->exits_seen == 1 ? "" : "s");
    debug_finish(d, stop);
}

void do_continue(struct debug *d, const struct words *w)
{
    (void)w;
    if (debug_begin(d)) {
        debug_run_on(d);
    }
}
