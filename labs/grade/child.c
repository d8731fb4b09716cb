/*
 * child.c - the confined half of the grader: the student's file, linked with
 * the rest of the monitor, runs one guest and tells what happened.
 *
 *   child TECHNIQUE CYCLES EXITS COUNTS      COUNTS 1: and lab 0's table
 *
 * It is started with its resources limited and its system calls filtered
 * (confine.c); the guest's image is already open, at IMAGE_FD, and what it
 * has to tell goes to TRANSCRIPT_FD. Nothing that it says is believed.
 */
#include "../../vmm/monitor.h"
#include "../../vmm/monitor.h"
#include "../lab.h"
#include "transcript.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH 64u

/* One run a process: the only state that is not on the stack. */
static struct {
    struct lab_machine machine;
    uint64_t exits_most;
    bool counts, done;
    struct histogram table;        /* lab 0's */
    uint32_t by_processor;         /* interrupts */
    volatile sig_atomic_t telling; /* the batch is being changed */
    unsigned count;
    struct told batch[BATCH];
    struct told output; /* gathered until something else happens */
    uint32_t markers;
    struct seen_page space[SPACE_MOST];
    struct page_sum sum[SUMS_MOST];
} child;

/* --------------------------------------------------------------- telling */

static void flush_batch(void)
{
    const char *at = (const char *)child.batch;
    size_t left = child.count * sizeof *child.batch;
    child.telling = 1;
    while (left > 0) {
        ssize_t n = write(TRANSCRIPT_FD, at, left);
        if (n <= 0) {
            _exit(4); /* the grader has heard enough */
        }
        at += n;
        left -= (size_t)n;
    }
    child.count = 0;
    child.telling = 0;
}

static void tell_one(const struct told *t)
{
    child.telling = 1;
    child.batch[child.count++] = *t;
    if (child.count == BATCH) {
        flush_batch();
    }
    child.telling = 0;
}

static void tell(const struct told *t)
{
    if (child.output.count > 0) {
        child.output.kind = TOLD_OUTPUT;
        tell_one(&child.output);
        child.output.count = 0;
    }
    tell_one(t);
}

static void tell_text(enum told_kind kind, const char *text)
{
    struct told t = {.kind = kind};
    snprintf(t.text, sizeof t.text, "%s", text);
    tell(&t);
    flush_batch();
}

_Noreturn static void give_up(enum told_kind kind, const char *text)
{
    tell_text(kind, text);
    _exit(4);
}

void lab_todo(const char *function)
{
    give_up(TOLD_TODO, function);
}

/* In place of the C library's, which would print, and raise a signal. */
_Noreturn void __assert_fail(const char *what, const char *file, unsigned line,
                             const char *function);
_Noreturn void __assert_fail(const char *what, const char *file, unsigned line,
                             const char *function)
{
    char text[120];
    (void)file;
    snprintf(text, sizeof text, "%.80s, in %.24s, line %u", what, function,
             line);
    give_up(TOLD_ASSERT, text);
}

static void on_forbidden(int sig, siginfo_t *info, void *context)
{
    struct told t = {.kind = TOLD_SYSCALL};
    (void)sig;
    (void)context;
    t.count = (uint32_t)info->si_syscall;
    child.count = 0;
    tell_one(&t);
    flush_batch();
    _exit(4);
}

/* It crashed, or is out of time: the exits until then shall be known. The
 * signal comes once more, and that one ends the process. */
static void on_last(int sig)
{
    (void)sig;
    if (!child.telling) {
        flush_batch();
    }
}

/* Before any other constructor: what is tried shall be named. */
__attribute__((constructor(101))) static void watch_signals(void)
{
    static const int last[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGXCPU};
    struct sigaction a = {.sa_flags = SA_SIGINFO};
    a.sa_sigaction = on_forbidden;
    sigaction(SIGSYS, &a, NULL);
    a = (struct sigaction){.sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    a.sa_handler = on_last;
    for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
        sigaction(last[i], &a, NULL);
    }
}

/* ------------------------------------------------------------ the guest's */

static void on_exit_done(void *who, struct monitor *m,
                         const struct exit_record *x)
{
    struct told t = {.kind = TOLD_EXIT};
    char err[120];
    (void)who;
    t.exit = (struct told_exit){.number = x->number,
                                .guest_cycles = monitor_books(m)->guest,
                                .cost = exit_cost(x),
                                .reason = x->reason,
                                .disposition = x->disposition,
                                .vector = x->vector,
                                .address = x->address,
                                .detail = x->detail,
                                .insn = x->insn.id,
                                .rep = x->insn.rep,
                                .eip = x->eip,
                                .virtual_ring = x->virtual_ring};
    t.exit.waiting = child.machine.v->interrupt_line;
    see_cpu(child.machine.v, &t.exit.after);
    tell(&t);
    if (child.counts) {
        histogram_exit(&child.table, x);
    }
    if (!monitor_audit(m, err, sizeof err)) {
        give_up(TOLD_AUDIT, err);
    }
    if (x->number >= child.exits_most) {
        child.done = true;
        monitor_stop_soon(m);
    }
}

static void on_output(void *who, struct vm *v, enum output_channel channel,
                      uint8_t byte)
{
    (void)who;
    (void)v;
    (void)channel;
    child.output.text[child.output.count++] = (char)byte;
    if (child.output.count == sizeof child.output.text) {
        child.output.kind = TOLD_OUTPUT;
        tell_one(&child.output);
        child.output.count = 0;
    }
}

static void spoil(struct vm *v, uint32_t id)
{
    const uint32_t wrong = UINT32_MAX;
    mpa_t where = {v->vmcb.v + (id & PAGE_MASK & ~3u)};
    if (v->vmcb.v) {
        cpu_phys_write(v->monitor->cpu, where, &wrong, sizeof wrong);
    }
}

static void tell_space(void)
{
    size_t count = see_space(&child.machine, child.space, SPACE_MOST);
    struct told t = {.kind = TOLD_PAGES};
    child.markers++;
    for (size_t i = 0; i < count; i++) {
        t.page[t.count] = child.space[i];
        t.page[t.count++].moment = child.markers;
        if (t.count == PAGES_TOLD || i + 1 == count) {
            tell(&t);
            t.count = 0;
        }
    }
}

static void tell_walk(struct vm *v)
{
    struct told t = {.kind = TOLD_WALK};
    struct virtual_cpu c;
    struct walk_2d w = {.legs = 0};
    vm_virtual_cpu(v, &c);
    vm_walk_2d(v, (gva_t){c.reg[REG_EBX]}, &w);
    t.walk = (struct seen_walk){.linear = c.reg[REG_EBX],
                                .end = w.end,
                                .legs = w.legs,
                                .references = w.references};
    for (unsigned i = 0; i < w.legs && i < 3; i++) {
        t.walk.at[i] = w.leg[i].at.v;
    }
    tell(&t);
}

static void on_marker(void *who, struct vm *v, uint32_t id)
{
    (void)who;
    if (is_spoil(id)) {
        spoil(v, id);
    } else if (id == MARKER_WALK) {
        tell_walk(v);
    } else {
        tell_space();
    }
}

/* Two doors that a monitor's interrupts pass. */
uint8_t __real_board_acknowledge(struct board *b);
uint8_t __wrap_board_acknowledge(struct board *b);
uint8_t __wrap_board_acknowledge(struct board *b)
{
    struct told t = {.kind = TOLD_VECTOR};
    struct virtual_cpu c;
    vm_virtual_cpu(child.machine.v, &c);
    uint8_t vector = __real_board_acknowledge(b);
    t.taking = (struct told_taking){
        .vector = vector, .eip = c.eip, .eflags = c.eflags};
    tell(&t);
    return vector;
}

void __real_cpu_deliver(struct cpu *c, const struct event *e);
void __wrap_cpu_deliver(struct cpu *c, const struct event *e);
void __wrap_cpu_deliver(struct cpu *c, const struct event *e)
{
    child.by_processor += e->kind == EVENT_INTERRUPT;
    __real_cpu_deliver(c, e);
}

/* The image is open: nothing may be opened from here on. */
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode)
{
    (void)path;
    (void)mode;
    return fdopen(IMAGE_FD, "rb");
}

/* ------------------------------------------------------------------- main */

static void tell_counts(void)
{
    const struct histogram *h = &child.table;
    for (uint32_t r = 0; r < EXIT_COUNT; r++) {
        struct told t = {.kind = TOLD_COUNT, .count = r};
        t.row = (struct told_row){
            .count = h->count[r],
            .cycles = h->cycles[r],
            .median = histogram_median(h, (enum exit_reason)r),
            .dearest = dearest_reason(h->count, h->cycles, (int)r)};
        for (int k = 0; k < COST_BUCKETS; k++) {
            t.row.spread[k] = (uint32_t)h->spread[r][k];
        }
        tell(&t);
    }
}

static void tell_memory(void)
{
    size_t count = lab_memory(&child.machine, child.sum, SUMS_MOST);
    struct told t = {.kind = TOLD_MEMORY};
    for (size_t i = 0; i < count; i++) {
        t.sum[t.count++] = child.sum[i];
        if (t.count == SUMS_TOLD || i + 1 == count) {
            tell(&t);
            t.count = 0;
        }
    }
}

static void tell_end(enum monitor_stop stop)
{
    const struct books *b = vm_books(child.machine.v);
    const struct ticks *k = vm_ticks(child.machine.v);
    struct told t = {.kind = TOLD_END};
    if (vm_state(child.machine.v) == VM_KILLED) {
        tell_text(TOLD_WHY, vm_why(child.machine.v));
    }
    t.end = (struct told_end){.guest_cycles = b->guest,
                              .exit_cycles = b->exits,
                              .idle_cycles = b->idle,
                              .clock = b->clock - b->since,
                              .exits = b->count,
                              .state = vm_state(child.machine.v),
                              .status = vm_exit_status(child.machine.v),
                              .stopped = stop,
                              .ticks = (uint32_t)k->due,
                              .lost = (uint32_t)k->lost,
                              .by_processor = child.by_processor};
    tell(&t);
    flush_batch();
}

int main(int argc, char **argv)
{
    struct monitor_observer watch = {
        .exit = on_exit_done, .output = on_output, .marker = on_marker};
    char err[256] = "child TECHNIQUE CYCLES EXITS COUNTS";
    if (argc != 5 || !lab_machine(&child.machine, argv[1], "guest", &watch, err,
                                  sizeof err)) {
        give_up(TOLD_BROKEN, err);
    }
    child.exits_most = strtoull(argv[3], NULL, 10);
    child.counts = argv[4][0] == '1';
    struct run_until until = {.cycle = strtoull(argv[2], NULL, 10)};
    enum monitor_stop stop = monitor_run(child.machine.m, &until);
    if (child.counts) {
        tell_counts();
    }
    tell_memory();
    tell_end(child.done ? STOP_LIMIT : stop);
    _exit(0);
}
