/*
 * Snapshots: a monitor put back is the monitor that was saved, and goes on as
 * it went on then; under every technique, whatever was done in between, down
 * to devices, the TLB and the books. What is held against it is another
 * monitor, which ran to the same cycle in one go.
 */
#include "../../vmm/pool.h"
#include "../../vmm/vmm.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOTIONS 60
#define SAVED 8
#define FAR 400000u /* cycles; the kernel has booted and works by then */

static struct costs costs;

static struct monitor *start(const char *technique, bool reference)
{
    char err[256], path[128];
    const char *build = getenv("BUILD");
    cr_assert_eq(costs_load(&costs, "p4-vt", err, sizeof err), 0, "%s", err);
    snprintf(path, sizeof path, "%s/guests/kernel-%s.elf",
             build ? build : "build",
             strcmp(technique, "para") == 0 ? "para" : "native");
    struct monitor_config config = {
        .kind = technique_kind(technique_find(technique)),
        .costs = &costs,
        .reference_engine = reference};
    struct monitor *m = monitor_new(&config, err, sizeof err);
    cr_assert(m, "%s", err);
    struct vm_config vm = {.technique = technique_find(technique),
                           .image = path,
                           .command_line = "workload=ctx8 n=10"};
    cr_assert(monitor_add_vm(m, &vm, err, sizeof err), "%s", err);
    return m;
}

static void run_to(struct monitor *m, uint64_t cycle)
{
    struct run_until until = {.cycle = cycle};
    monitor_run(m, &until);
}

/* The same again, by one who never went back. */
static uint64_t fresh(const char *technique, uint64_t cycle, bool reference)
{
    struct monitor *m = start(technique, reference);
    run_to(m, cycle);
    uint64_t h = monitor_hash(m);
    monitor_free(m);
    return h;
}

/* On, somehow: to a cycle, by exits, by steps. */
static void on(struct monitor *m)
{
    uint64_t by = 1 + (uint64_t)rand() % (FAR / MOTIONS * 4);
    struct run_until until = {.cycle = monitor_clock(m) + by};
    switch (rand() % 3) {
    case 0:
        monitor_run(m, &until);
        break;
    case 1:
        until.one_exit = true;
        monitor_run(m, &until);
        break;
    default:
        until.one_step = true;
        for (int n = rand() % 50; n > 0; n--) {
            monitor_run(m, &until);
        }
    }
}

static void motions(const char *technique)
{
    struct monitor *m = start(technique, false);
    struct snapshot *saved[SAVED] = {0};
    uint64_t hash[SAVED] = {0};
    srand(11);
    run_to(m, FAR);
    for (int i = 0; i < MOTIONS; i++) {
        int n = rand() % SAVED;
        on(m);
        if (!saved[n] || rand() % 4 == 0) {
            struct snapshot *old = saved[n];
            saved[n] = monitor_save(m, saved[rand() % SAVED]);
            snapshot_free(old);
            hash[n] = monitor_hash(m);
        } else {
            monitor_restore(m, saved[n]);
            cr_assert_eq(monitor_hash(m), hash[n], "%s: put back", technique);
        }
        if (i % 10 == 9) {
            uint64_t h = fresh(technique, monitor_clock(m), false);
            cr_assert_eq(monitor_hash(m), h, "%s: motion %d, cycle %llu",
                         technique, i, (unsigned long long)monitor_clock(m));
        }
    }
    for (int n = 0; n < SAVED; n++) {
        snapshot_free(saved[n]);
    }
    run_to(m, UINT64_MAX);
    uint64_t end = monitor_hash(m);
    cr_assert_eq(vm_exit_status(monitor_vm(m, 0)), 0, "%s", technique);
    monitor_free(m);
    cr_assert_eq(end, fresh(technique, UINT64_MAX, true),
                 "%s: the end is another, by the reference engine", technique);
}

Test(snapshot, bare_motions_equal_a_fresh_run)
{
    motions("bare");
}

Test(snapshot, full_motions_equal_a_fresh_run)
{
    motions("full");
}

Test(snapshot, para_motions_equal_a_fresh_run)
{
    motions("para");
}

Test(snapshot, emulate_motions_equal_a_fresh_run)
{
    motions("emulate");
}

Test(snapshot, hybrid_motions_equal_a_fresh_run)
{
    motions("hybrid");
}

Test(snapshot, translate_motions_equal_a_fresh_run)
{
    motions("translate");
}

Test(snapshot, the_number_sees_one_bit)
{
    struct monitor *m = start("full", false);
    uint8_t byte;
    mpa_t at;
    run_to(m, FAR);
    uint64_t before = monitor_hash(m);
    cr_assert(vm_machine(monitor_vm(m, 0), (gpa_t){0x123456}, &at));
    cr_assert(cpu_phys_read(monitor_cpu(m), at, &byte, 1));
    byte ^= 0x10;
    cr_assert(cpu_phys_write(monitor_cpu(m), at, &byte, 1));
    cr_assert_neq(monitor_hash(m), before);
    monitor_free(m);
}

Test(snapshot, what_has_not_changed_is_shared)
{
    struct monitor *m = start("full", false);
    run_to(m, FAR);
    struct snapshot *first = monitor_save(m, NULL);
    struct snapshot *same = monitor_save(m, first);
    cr_assert_lt(snapshot_size(same), snapshot_size(first) / 2);
    snapshot_free(first);
    uint64_t then = monitor_clock(m);
    run_to(m, 2 * FAR);
    monitor_restore(m, same);
    cr_assert_eq(monitor_clock(m), then);
    snapshot_free(same);
    monitor_free(m);
}

Test(pool, blocks_are_zeroed_and_apart)
{
    struct pool *p = pool_new();
    uint8_t *block[64];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 64; i++) {
            size_t n = i * 37 + 1;
            block[i] = pool_take(p, n);
            cr_assert_eq((uintptr_t)block[i] % 16, 0);
            for (size_t k = 0; k < n; k++) {
                cr_assert_eq(block[i][k], 0);
            }
            memset(block[i], (int)i + 1, n);
        }
        for (size_t i = 0; i < 64; i++) {
            cr_assert_eq(block[i][i * 37], i + 1);
            pool_give(p, block[i]);
        }
    }
    cr_assert_null(pool_take(p, SIZE_MAX / 4), "more than there is");
    uint8_t *grown = pool_take(p, 10);
    grown[9] = 7;
    grown = pool_resize(p, grown, 100000);
    cr_assert_eq(grown[9], 7);
    cr_assert_eq(grown[99999], 0);
    pool_free(p);
}
