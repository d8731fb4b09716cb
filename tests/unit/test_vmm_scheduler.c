/*
 * The processor's time: turns, weights, caps, and who goes first on waking.
 * What is right follows from arithmetic: shares as weights, a cap in percent.
 */
#include "../../vmm/monitor.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static struct costs prices;
static char err[256];

static struct monitor *open_machine(enum schedule how)
{
    cr_assert_eq(costs_load(&prices, "p4-vt", err, sizeof err), 0);
    prices.mhz = 100; /* a turn is a million cycles */
    struct monitor_config cfg = {
        .kind = CPU_VIRTUALIZABLE, .costs = &prices, .schedule = how};
    struct monitor *m = monitor_new(&cfg, err, sizeof err);
    cr_assert(m, "%s", err);
    return m;
}

static struct vm *put(struct monitor *m, const char *guest,
                      const char *technique, uint32_t weight, uint32_t cap)
{
    char path[256];
    const char *build = getenv("BUILD");
    snprintf(path, sizeof path, "%s/guests/%s.elf", build ? build : "build",
             guest);
    struct vm_config cfg = {.technique = technique_find(technique),
                            .image = path,
                            .memory = 4u << 20,
                            .weight = weight,
                            .cap = cap};
    struct vm *v = monitor_add_vm(m, &cfg, err, sizeof err);
    cr_assert(v, "%s", err);
    return v;
}

static void run(struct monitor *m, uint64_t cycles)
{
    struct run_until u = {.cycle = cycles};
    cr_assert_eq(monitor_run(m, &u), STOP_LIMIT);
    cr_assert(monitor_audit(m, err, sizeof err), "%s", err);
}

static double used(const struct vm *v)
{
    const struct books *b = vm_books(v);
    return (double)(b->guest + b->interpreted + b->exits);
}

/* Is a / b, to within so many percent, what it should be? */
static void expect_ratio(double a, double b, double want, double percent)
{
    cr_assert(a / b > want * (1 - percent / 100) &&
                  a / b < want * (1 + percent / 100),
              "%.0f : %.0f is %.3f, not %.3f", a, b, a / b, want);
}

Test(scheduler, round_robin_knows_no_weights)
{
    struct monitor *m = open_machine(SCHEDULE_ROUND_ROBIN);
    struct vm *a = put(m, "spin-cli", "full", 512, 0);
    struct vm *b = put(m, "spin-cli", "full", 256, 0);
    run(m, 60000000);
    expect_ratio(used(a), used(b), 1, 5);
    cr_assert_eq(a->turns.preempted + b->turns.preempted, 0);
    monitor_free(m);
}

Test(scheduler, shares_are_as_the_weights_under_any_technique)
{
    struct monitor *m = open_machine(SCHEDULE_SHARE);
    struct vm *a = put(m, "spin-cli", "full", 512, 0);
    struct vm *b = put(m, "spin-cli", "emulate", 256, 0);
    struct vm *c = put(m, "spin-cli", "hybrid", 128, 0);
    run(m, 140000000);
    expect_ratio(used(a), used(b), 2, 5);
    expect_ratio(used(b), used(c), 2, 5);
    monitor_free(m);
}

Test(scheduler, a_cap_holds_even_where_nobody_else_wants_the_processor)
{
    struct monitor *m = open_machine(SCHEDULE_ROUND_ROBIN);
    struct vm *v = put(m, "spin-cli", "full", 0, 20);
    run(m, 90000000);
    expect_ratio(used(v), 90000000, 0.20, 1);
    expect_ratio((double)vm_books(v)->idle, 90000000, 0.80, 1);
    monitor_free(m);
}

Test(scheduler, what_a_cap_leaves_goes_to_the_others)
{
    struct monitor *m = open_machine(SCHEDULE_SHARE);
    struct vm *capped = put(m, "spin-cli", "full", 1024, 10);
    struct vm *other = put(m, "spin-cli", "full", 16, 0);
    run(m, 90000000);
    expect_ratio(used(capped), 90000000, 0.10, 2);
    expect_ratio(used(other), 90000000, 0.90, 2);
    cr_assert_eq(monitor_books(m)->idle, 0);
    monitor_free(m);
}

/* The cycle at which a guest that sleeps between ticks has had its three,
 * beside one that never sleeps. */
static uint64_t sleeper_done(enum schedule how, bool *preempts)
{
    struct monitor *m = open_machine(how);
    struct vm *sleeper = put(m, "para", "para", 0, 0);
    struct vm *spinner = put(m, "spin-cli", "full", 0, 0);
    uint64_t at = 0;
    while (vm_state(sleeper) != VM_EXITED && at < 100000000) {
        at += 100000;
        run(m, at);
    }
    cr_assert_eq(vm_state(sleeper), VM_EXITED, "%s", vm_why(sleeper));
    *preempts = spinner->turns.preempted > 0;
    monitor_free(m);
    return at;
}

Test(scheduler, by_share_whoever_wakes_goes_first)
{
    bool cuts_in, waits;
    uint64_t share = sleeper_done(SCHEDULE_SHARE, &cuts_in);
    uint64_t robin = sleeper_done(SCHEDULE_ROUND_ROBIN, &waits);
    cr_assert(cuts_in && !waits);
    cr_assert_lt(share + 400000, robin, "%lu is not much sooner than %lu",
                 (unsigned long)share, (unsigned long)robin);
}

Test(scheduler, a_bad_weight_or_cap_is_refused_with_a_reason)
{
    struct monitor *m = open_machine(SCHEDULE_SHARE);
    struct vm_config cfg = {
        .technique = technique_find("full"), .image = "x.elf", .cap = 101};
    cr_assert_null(monitor_add_vm(m, &cfg, err, sizeof err));
    cr_assert(strstr(err, "1 to 100 percent"), "%s", err);
    cfg.cap = 0;
    cfg.weight = WEIGHT_MOST + 1;
    cr_assert_null(monitor_add_vm(m, &cfg, err, sizeof err));
    cr_assert(strstr(err, "65535"), "%s", err);
    monitor_free(m);
}
