/*
 * scheduler.c - the processor's time: who runs next, and for how long.
 *
 * Job:    of all that the allocator gives out, the resource that is used up.
 * Parts:  events; what each has used; caps; turns; choosing; looking up.
 *
 *   round robin   a turn each, in order; a VM that wakes waits for its own
 *   share         by weight (Waldspurger and Weihl, stride scheduling, 1995):
 *                 each VM has a clock of its own that runs the slower the
 *                 heavier the VM is, and only while it has the processor; the
 *                 one whose clock is behind goes first
 *
 * A VM that slept has its clock brought up to the others', less one turn: to
 * sleep saves nothing up, and still whoever wakes goes before those who
 * compute, at once. Xen's credit scheduler calls that BOOST.
 *
 * A cap, under either, is a limit in percent of each accounting period, kept
 * even if the processor is idle for it.
 */
#include "scheduler.h"

#define TURN_MICROSECONDS 10000u /* as Xen's credit scheduler's tick ... */
#define PERIOD_TURNS 3u          /* ... and its accounting period */

static uint64_t turn_cycles(const struct monitor *m)
{
    return (uint64_t)m->costs->mhz * TURN_MICROSECONDS;
}

static bool by_share(const struct monitor *m)
{
    return m->config.schedule == SCHEDULE_SHARE;
}

/* ---------------------------------------------------------------- events */

/* When does the VM want the monitor's attention? */
static uint64_t vm_next_event(struct vm *v)
{
    uint64_t board = UINT64_MAX, own = UINT64_MAX;
    if (v->state == VM_BLOCKED && v->interrupt_line) {
        return 0;
    }
    if (v->board) {
        board = board_next_event(v->board);
    }
    if (v->technique->next_event) {
        own = v->technique->next_event(v);
    }
    return board < own ? board : own;
}

/* -------------------------------------------------- what each has used */

static uint64_t used(const struct vm *v)
{
    return v->books.guest + v->books.interpreted + v->books.exits;
}

/* Bring v's own clock up to date. */
static void account(struct vm *v)
{
    struct turns *t = &v->turns;
    uint64_t now = used(v), ran = now - t->accounted;
    t->accounted = now;
    t->clock += ran * WEIGHT_DEFAULT / v->weight;
    t->in_period += ran;
}

/* The least clock of those who could run but v: what v is compared to. */
static uint64_t least_clock(const struct monitor *m, const struct vm *v)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < m->vm_count; i++) {
        const struct vm *w = m->vms[i];
        if (w != v && w->state == VM_RUNNING && w->turns.clock < least) {
            least = w->turns.clock;
        }
    }
    return least;
}

static uint64_t clock_of(const struct monitor *m, const struct vm *v)
{
    uint64_t least = least_clock(m, v);
    uint64_t turn = turn_cycles(m) * WEIGHT_DEFAULT / v->weight;
    if (v->state != VM_BLOCKED || least == UINT64_MAX) {
        return v->turns.clock;
    }
    uint64_t boosted = least > turn ? least - turn : 0;
    return v->turns.clock > boosted ? v->turns.clock : boosted;
}

/* ------------------------------------------------------------------ caps */

static uint64_t period_cycles(const struct monitor *m)
{
    return PERIOD_TURNS * turn_cycles(m);
}

static uint64_t period_of(const struct monitor *m)
{
    return m->cpu->cycles / period_cycles(m);
}

/* Cycles that v may still use in this period. */
static uint64_t allowance(struct vm *v)
{
    const struct monitor *m = v->monitor;
    struct turns *t = &v->turns;
    if (v->cap == 0) {
        return UINT64_MAX;
    }
    account(v);
    if (t->period != period_of(m)) {
        t->period = period_of(m);
        t->in_period = 0;
    }
    uint64_t all = period_cycles(m) / 100 * v->cap;
    return t->in_period < all ? all - t->in_period : 0;
}

static uint64_t next_period(const struct monitor *m)
{
    return (period_of(m) + 1) * period_cycles(m);
}

/* ----------------------------------------------------------------- turns */

static bool can_run(struct vm *v)
{
    return (v->state == VM_RUNNING ||
            (v->state == VM_BLOCKED &&
             vm_next_event(v) <= v->monitor->cpu->cycles)) &&
           allowance(v) > 0;
}

void schedule_switch(struct vm *v, uint64_t at)
{
    if (v->monitor->current) {
        v->monitor->current->turns.away = at;
    }
    v->turns.back = at;
}

void schedule_begin(struct vm *v)
{
    struct monitor *m = v->monitor;
    account(v);
    v->turns.clock = clock_of(m, v);
    v->turns.count++;
    m->turn_ends = m->cpu->cycles + turn_cycles(m);
}

/* -------------------------------------------------------------- choosing */

/* In turn, from the one behind the current; by share, the one whose clock is
 * behind, and of equals the first in turn. */
struct vm *schedule_next(struct monitor *m)
{
    size_t start = m->current ? m->current->id : 0;
    struct vm *best = NULL;
    if (m->current) {
        account(m->current);
    }
    for (size_t i = 0; i < m->vm_count; i++) {
        struct vm *v = m->vms[(start + i) % m->vm_count];
        if (!can_run(v)) {
            continue;
        }
        if (!by_share(m)) {
            return v;
        }
        if (!best || clock_of(m, v) < clock_of(m, best)) {
            best = v;
        }
    }
    return best;
}

/* If it wakes, does w, who is asleep, take the processor from v? */
static bool goes_before(const struct vm *w, struct vm *v)
{
    account(v);
    return clock_of(v->monitor, w) < v->turns.clock;
}

/* Has anybody woken who does? */
static bool preempted(struct vm *v)
{
    struct monitor *m = v->monitor;
    for (size_t i = 0; by_share(m) && i < m->vm_count; i++) {
        struct vm *w = m->vms[i];
        if (w != v && w->state == VM_BLOCKED && can_run(w) &&
            goes_before(w, v)) {
            return true;
        }
    }
    return false;
}

bool schedule_keeps(struct vm *v)
{
    struct monitor *m = v->monitor;
    if (m->vm_count == 1 && v->cap == 0) {
        return true;
    }
    if (allowance(v) == 0) {
        return false;
    }
    if (preempted(v)) {
        v->turns.preempted++;
        return false;
    }
    if (m->cpu->cycles >= m->turn_ends) {
        if (schedule_next(m) != v) {
            return false;
        }
        m->turn_ends = m->cpu->cycles + turn_cycles(m);
    }
    return true;
}

/* ------------------------------------------------------------ looking up */

uint64_t schedule_look(struct vm *v)
{
    struct monitor *m = v->monitor;
    uint64_t at = vm_next_event(v), left = allowance(v);
    if (left != UINT64_MAX && m->cpu->cycles + left < at) {
        at = m->cpu->cycles + left;
    }
    if (m->vm_count > 1 && m->turn_ends < at) {
        at = m->turn_ends;
    }
    for (size_t i = 0; by_share(m) && i < m->vm_count; i++) {
        struct vm *w = m->vms[i];
        if (w != v && w->state == VM_BLOCKED && allowance(w) > 0 &&
            goes_before(w, v)) {
            uint64_t wakes = vm_next_event(w);
            at = wakes < at ? wakes : at;
        }
    }
    return at;
}

uint64_t schedule_wakes(struct monitor *m)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < m->vm_count; i++) {
        struct vm *v = m->vms[i];
        if (vm_ended(v)) {
            continue;
        }
        uint64_t at = v->state == VM_BLOCKED ? vm_next_event(v) : 0;
        if (allowance(v) == 0 && at < next_period(m)) {
            at = next_period(m);
        }
        next = at < next ? at : next;
    }
    return next;
}
