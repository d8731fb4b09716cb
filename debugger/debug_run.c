/*
 * debug_run.c - going on: step, exit, continue, and breakpoints.
 *
 * Breakpoints are no bytes in the guest's memory: the processor's hooks look
 * at EIP after each instruction and each event, and are off while there are
 * none. A guest cannot see them.
 */
#include "debug.h"

#include <string.h>

/* ----------------------------------------------------------- breakpoints */

static bool at_breakpoint(const struct debug *d, uint32_t eip)
{
    for (int i = 0; i < d->breakpoints; i++) {
        if (d->breakpoint[i] == eip) {
            return true;
        }
    }
    return false;
}

/* The linear address of the next instruction. */
static uint32_t next_address(const struct cpu *c)
{
    return c->seg[SEG_CS].base + c->eip;
}

static void after_instruction(void *who, struct cpu *c, const struct insn *in)
{
    struct debug *d = who;
    (void)in;
    if (at_breakpoint(d, next_address(c))) {
        d->hit = true;
        cpu_stop_soon(c);
    }
}

/* Where an event leads is known once it is delivered: have a look then. */
static void at_event(void *who, struct cpu *c, const struct event *e)
{
    (void)who;
    (void)e;
    cpu_stop_soon(c);
}

static void set_hooks(struct debug *d)
{
    d->hooks = (struct cpu_hooks){
        .who = d, .after = after_instruction, .event = at_event};
    monitor_cpu(d->session.monitor)->hooks = d->breakpoints ? &d->hooks : NULL;
}

static void list_breakpoints(const struct debug *d)
{
    for (int i = 0; i < d->breakpoints; i++) {
        char where[64];
        printf("  %d  %08x %s\n", i + 1, d->breakpoint[i],
               place_name(d->vm, d->breakpoint[i], where, sizeof where));
    }
    if (!d->breakpoints) {
        puts("  no breakpoints");
    }
}

void debug_break(struct debug *d, const struct words *w)
{
    uint32_t at;
    if (w->count < 2) {
        list_breakpoints(d);
        return;
    }
    if (!debug_address(d, w->word[1], &at)) {
        return;
    }
    if (d->breakpoints == BREAKPOINTS_MAX) {
        printf("%d breakpoints are all there can be; delete one\n",
               BREAKPOINTS_MAX);
    } else if (!at_breakpoint(d, at)) {
        d->breakpoint[d->breakpoints++] = at;
        set_hooks(d);
    }
    list_breakpoints(d);
}

void debug_delete(struct debug *d, const struct words *w)
{
    uint64_t n;
    if (w->count < 2) {
        d->breakpoints = 0;
    } else if (!debug_count(w, 1, 1, &n)) {
        return;
    } else if (n > (uint64_t)d->breakpoints) {
        printf("there is no breakpoint %s\n", w->word[1]);
    } else {
        d->breakpoints--;
        memmove(&d->breakpoint[n - 1], &d->breakpoint[n],
                ((size_t)d->breakpoints - (n - 1)) * sizeof d->breakpoint[0]);
    }
    set_hooks(d);
    list_breakpoints(d);
}

void debug_info(struct debug *d, const struct words *w)
{
    if (w->count > 1 &&
        strncmp(w->word[1], "breakpoints", strlen(w->word[1])) != 0) {
        printf("info tells of breakpoints alone, not of '%s'\n", w->word[1]);
        return;
    }
    list_breakpoints(d);
}

/* -------------------------------------------------------------- going on */

static uint64_t limit_of(const struct debug *d)
{
    return d->session.o->limit ? d->session.o->limit : UINT64_MAX;
}

/* Run; a look at an event that met no breakpoint is no stop. */
static enum monitor_stop go(struct debug *d, bool one_exit, bool one_step)
{
    struct run_until until = {
        .cycle = limit_of(d), .one_exit = one_exit, .one_step = one_step};
    enum monitor_stop stop;
    bool hit;
    do {
        d->hit = false;
        stop = monitor_run(d->session.monitor, &until);
        hit = d->hit ||
              at_breakpoint(d, next_address(monitor_cpu(d->session.monitor)));
        d->hit = hit;
    } while (stop == STOP_ASKED && d->breakpoints && !hit &&
             !interrupt_pending());
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
    interrupt_pressed();
    interrupt_watch(d->session.monitor);
    return true;
}

static void finish(struct debug *d, enum monitor_stop stop)
{
    bool interrupted = interrupt_pressed();
    interrupt_note();
    vm_virtual_cpu(d->vm, &d->now);
    if (d->vm != d->was) {
        d->before = d->now; /* another's registers say nothing of change */
    }
    tell_output(d);
    tell_ends(d);
    if (debug_ended(d)) {
        return;
    }
    if (interrupted) {
        puts("stopped by Ctrl-C");
    } else if (stop == STOP_LIMIT) {
        puts("the cycle limit is reached; --limit sets it");
    } else if (stop == STOP_ASKED && d->hit) {
        puts("breakpoint");
    }
    tell_place(d);
}

void debug_step(struct debug *d, const struct words *w)
{
    uint64_t n;
    enum monitor_stop stop = STOP_STEP;
    if (!debug_count(w, 1, 1, &n) || !begin(d)) {
        return;
    }
    for (; n > 0 && stop == STOP_STEP && !debug_ended(d); n--) {
        uint64_t seen = d->exits_seen;
        stop = go(d, false, true);
        if (d->exits_seen != seen) {
            tell_exit(d, &d->last);
        }
    }
    finish(d, stop);
}

/* "exit", "exit 3", "exit cr3", "exit 3 cr3": n = 0 for what is wrong. */
static uint64_t exit_words(const struct words *w, int *reason)
{
    uint64_t n = 1;
    *reason = -1;
    for (int i = 1; i < w->count; i++) {
        if (w->word[i][0] >= '0' && w->word[i][0] <= '9') {
            if (!debug_count(w, i, 1, &n)) {
                return 0;
            }
        } else if ((*reason = debug_reason(w->word[i])) < 0) {
            return 0;
        }
    }
    return n;
}

void debug_exit(struct debug *d, const struct words *w)
{
    int reason;
    uint64_t n = exit_words(w, &reason), passed = 0;
    if (n == 0 || !begin(d)) {
        return;
    }
    enum monitor_stop stop = STOP_EXIT;
    while (n > 0 && !debug_ended(d)) {
        stop = go(d, true, false);
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
        printf("%s other exit%s passed by\n", grouped(passed, count),
               passed == 1 ? "" : "s");
    }
    if (stop == STOP_EXIT) {
        tell_exit(d, &d->last);
    } else {
        puts(d->exits_seen ? "no further exit of that kind" : "no exit");
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
    enum monitor_stop stop = go(d, false, false);
    printf("%s exit%s passed by\n", grouped(d->exits_seen, count),
           d->exits_seen == 1 ? "" : "s");
    finish(d, stop);
}
