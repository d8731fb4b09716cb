/*
 * debug_past.c - what has been: every exit, and the machine at some moments.
 *
 * Job:    be at any place in time, quickly.
 * Parts:  exits and markers; snapshots; seeking.
 *
 * A run is a function of its inputs, so a clock is a place in time: the same
 * states come at the same clock, however often they are run through. To be
 * at an earlier one is to put back the last snapshot before it and to run
 * the rest again. Snapshots are made as the host's time passes, so that the
 * rest never takes long; whether one is made changes nothing in the guest.
 */
#include "debug.h"
#include "gdb_packet.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOK 1000000u /* cycles between two looks at the host's clock */
#define NEAR 200000u  /* cycles */
#define FAR (4 * NEAR)
#define GAP 0.03        /* host seconds between two snapshots, at least */
#define COSTS 20        /* and so many times what one took */
#define SHOTS_MOST 256u /* then every second one goes, but the first */
#define BYTES_MOST 512000000u

/* ------------------------------------------------------ exits and markers */

void past_note(struct debug *d, const struct exit_record *x, uint64_t clock)
{
    struct past *p = &d->past;
    if (x->number != p->exits + 1) {
        return; /* of a run that is played again, this is known */
    }
    if (p->exits == p->room) {
        size_t room = p->room ? p->room * 2 : 4096;
        struct past_exit *more = realloc(p->exit, room * sizeof *more);
        if (!more) {
            return; /* then there is no way back to it */
        }
        p->exit = more;
        p->room = room;
    }
    const struct vm *v = monitor_vm(d->session.monitor, x->vm - 1);
    p->exit[p->exits++] =
        (struct past_exit){.clock = clock,
                           .start = x->start,
                           .cost = exit_cost(x),
                           .count = (uint32_t)vm_books(v)->by_reason[x->reason],
                           .address = x->vector == VEC_PF ? x->address : 0,
                           .detail = x->detail,
                           .error = x->has_error ? x->error : 0,
                           .eip = x->eip,
                           .reason = (uint8_t)x->reason,
                           .disposition = (uint8_t)x->disposition,
                           .vector = x->vector,
                           .vm = (uint8_t)x->vm,
                           .real_ring = x->real_ring,
                           .virtual_ring = x->virtual_ring};
}

void past_note_marker(struct debug *d, uint32_t id)
{
    struct past *p = &d->past;
    if (d->session.markers != p->markers + 1) {
        return; /* likewise */
    }
    if (p->markers == p->marker_room) {
        size_t room = p->marker_room ? p->marker_room * 2 : 64;
        struct past_marker *more = realloc(p->marker, room * sizeof *more);
        if (!more) {
            return;
        }
        p->marker = more;
        p->marker_room = room;
    }
    p->marker[p->markers++] = (struct past_marker){
        .id = id, .clock = debug_clock(d), .exits = d->last.number};
}

size_t past_exit_before(const struct debug *d, uint64_t clock)
{
    size_t low = 0, high = d->past.exits; /* exits up to `low` are before it */
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (d->past.exit[mid].clock < clock) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

/* -------------------------------------------------------------- snapshots */

static double host_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* How many snapshots are of `clock` or before. */
static size_t shots_up_to(const struct past *p, uint64_t clock)
{
    size_t n = p->shots;
    while (n > 0 && p->shot[n - 1].clock > clock) {
        n--;
    }
    return n;
}

/* Too many, or too large: every second one goes, and they become rarer. */
static void thin(struct past *p)
{
    size_t bytes = 0, kept = 0;
    for (size_t i = 0; i < p->shots; i++) {
        bytes += snapshot_size(p->shot[i].state);
    }
    if (p->shots < SHOTS_MOST && bytes < BYTES_MOST) {
        return;
    }
    for (size_t i = 0; i < p->shots; i++) {
        if (i % 2 == 0) {
            p->shot[kept++] = p->shot[i];
        } else {
            snapshot_free(p->shot[i].state);
        }
    }
    p->shots = kept;
    p->least *= 2;
}

/* Save this moment, if it is none that is saved. False: no memory. */
static bool shoot(struct debug *d)
{
    struct past *p = &d->past;
    uint64_t clock = debug_clock(d);
    double began = host_seconds();
    size_t n = shots_up_to(p, clock);
    if (n > 0 && p->shot[n - 1].clock == clock) {
        p->since = began;
        return true;
    }
    struct shot *more = realloc(p->shot, (p->shots + 1) * sizeof *more);
    if (!more) {
        return false;
    }
    p->shot = more;
    struct shot s = {
        .clock = clock,
        .state = monitor_save(d->session.monitor, n ? more[n - 1].state : NULL),
        .last = d->last,
        .marker = d->marker,
        .markers = d->session.markers};
    if (!s.state) {
        return false; /* the way back is longer, and that is all */
    }
    for (int i = 0; i < GUESTS_MAX; i++) {
        s.console[i] = d->console[i].size;
    }
    memmove(&more[n + 1], &more[n], (p->shots - n) * sizeof *more);
    more[n] = s;
    p->shots++;
    thin(p);
    p->since = host_seconds();
    double gap = COSTS * (p->since - began);
    p->gap = gap > p->least ? gap : p->least;
    return true;
}

static void put_back(struct debug *d, const struct shot *s)
{
    monitor_restore(d->session.monitor, s->state);
    d->last = s->last;
    d->marker = s->marker;
    d->session.markers = s->markers;
    for (int i = 0; i < GUESTS_MAX; i++) {
        d->console[i].size = s->console[i];
    }
    d->past.since = host_seconds();
}

bool past_begin(struct debug *d)
{
    d->past.gap = d->past.least = GAP;
    return shoot(d);
}

void past_end(struct debug *d)
{
    for (size_t i = 0; i < d->past.shots; i++) {
        snapshot_free(d->past.shot[i].state);
    }
    free(d->past.shot);
    free(d->past.exit);
    free(d->past.marker);
}

uint64_t past_before(const struct debug *d, uint64_t clock)
{
    size_t n = clock ? shots_up_to(&d->past, clock - 1) : 0;
    return n ? d->past.shot[n - 1].clock : 0;
}

/* ---------------------------------------------------------------- running */

enum monitor_stop past_run(struct debug *d, const struct run_until *until)
{
    struct monitor *m = d->session.monitor;
    struct run_until u = *until;
    enum monitor_stop stop;
    do {
        u.look = monitor_clock(m) + LOOK;
        stop = monitor_run(m, &u);
        if (host_seconds() - d->past.since > d->past.gap) {
            shoot(d);
        }
        if (d->screen) {
            screen_tick(d->screen);
        }
        if (d->link && packet_interrupt(d->link)) {
            interrupt_press();
            stop = STOP_ASKED;
        }
    } while (stop == STOP_LIMIT && monitor_clock(m) < until->cycle);
    return stop;
}

/* Whoever goes back goes back again, and not far: a snapshot a little before
 * `clock` makes that quick, if the last one is far away. */
static void shoot_near(struct debug *d, uint64_t clock)
{
    struct run_until until = {.cycle = clock - NEAR};
    if (clock > debug_clock(d) + FAR) {
        past_run(d, &until);
        shoot(d);
    }
}

bool past_seek(struct debug *d, uint64_t clock)
{
    struct monitor *m = d->session.monitor;
    uint32_t looked_at = vm_id(d->vm);
    uint64_t now = monitor_clock(m);
    size_t n = shots_up_to(&d->past, clock);
    struct run_until until = {.cycle = clock};
    monitor_cpu(m)->hooks = NULL;
    if (clock < now || (n > 0 && d->past.shot[n - 1].clock > now)) {
        put_back(d, &d->past.shot[n - 1]);
    }
    interrupt_watch(m);
    if (clock < now) {
        shoot_near(d, clock);
    }
    if (monitor_clock(m) < clock && !interrupt_pending()) {
        past_run(d, &until);
    }
    d->vm = monitor_vm(m, looked_at - 1);
    return !interrupt_pending();
}
