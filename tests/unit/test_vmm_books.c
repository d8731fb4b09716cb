/*
 * Every guest that is built, under every technique: the books balance, by
 * every sum there is; the same run is the same, exit by exit; and a run in
 * slices, of whatever length, is the same run.
 */
#include "../../vmm/monitor.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The kernel gets some way, the lessons to their end or round in circles. */
#define LIMIT(guest) (strstr(guest, "kernel") ? 20000000u : 400000u)

struct run {
    struct monitor *m;
    struct vm *v;
    uint64_t cost, exits; /* as the observer adds them up */
    uint64_t digest;      /* of every record and byte of output */
    uint64_t last_end;
};

static struct costs prices;
static char err[256];

static void mix(struct run *r, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < n; i++) { /* FNV-1a */
        r->digest = (r->digest ^ p[i]) * 0x100000001b3u;
    }
}

static void see_exit(void *who, struct monitor *m, const struct exit_record *x)
{
    struct run *r = who;
    (void)m;
    cr_assert_eq(x->number, ++r->exits);
    cr_assert_geq(x->start, r->last_end, "exits do not overlap");
    cr_assert_lt(x->reason, EXIT_COUNT);
    cr_assert(memchr(x->note, 0, sizeof x->note));
    r->cost += exit_cost(x);
    r->last_end = x->start + exit_cost(x);
    mix(r, x, sizeof *x);
}

static void see_byte(void *who, struct vm *v, enum output_channel ch,
                     uint8_t byte)
{
    uint8_t both[2] = {(uint8_t)ch, byte};
    (void)v;
    mix(who, both, sizeof both);
}

static bool begin(struct run *r, const struct technique *t, const char *guest)
{
    struct monitor_config mc = {
        .kind = technique_kind(t),
        .costs = &prices,
        .ram_size = 40u << 20,
        .observer = {.who = r, .exit = see_exit, .output = see_byte}};
    struct vm_config vc = {.technique = t, .image = guest};
    *r = (struct run){.m = monitor_new(&mc, err, sizeof err)};
    cr_assert(r->m, "%s", err);
    r->v = monitor_add_vm(r->m, &vc, err, sizeof err);
    if (!r->v) { /* a para kernel on the bare machine, say */
        cr_assert(strlen(err) > 10, "%s", guest);
        monitor_free(r->m);
    }
    return r->v != NULL;
}

/* Run in so many slices, and look over the books after each. */
static void run(struct run *r, uint64_t limit, unsigned slices)
{
    enum monitor_stop stop = STOP_LIMIT;
    while (stop == STOP_LIMIT && monitor_clock(r->m) < limit) {
        uint64_t until = monitor_clock(r->m) + limit / slices + 1;
        struct run_until u = {.cycle = until < limit ? until : limit};
        stop = monitor_run(r->m, &u);
        cr_assert(books_audit(r->m, err, sizeof err), "%s", err);
    }
    cr_assert(monitor_audit(r->m, err, sizeof err), "%s", err);
}

static void check_books(const struct run *r, const char *guest)
{
    const struct books *b = vm_books(r->v), *all = monitor_books(r->m);
    uint64_t by_reason = 0, by_phase = 0;
    for (int i = 0; i < EXIT_COUNT; i++) {
        by_reason += b->cycles_by_reason[i];
        cr_assert(
            b->by_reason[i] * b->min_by_reason[i] <= b->cycles_by_reason[i] &&
            b->cycles_by_reason[i] <= b->by_reason[i] * b->max_by_reason[i]);
    }
    for (int i = 0; i < PHASE_COUNT; i++) {
        by_phase += b->cycles_by_phase[i];
    }
    cr_assert_eq(b->guest + b->interpreted + b->exits + b->idle,
                 monitor_clock(r->m), "%s", guest);
    cr_assert_eq(b->exits, r->cost, "%s: what the observer saw", guest);
    cr_assert_eq(b->count, r->exits);
    cr_assert_eq(by_reason, r->cost);
    cr_assert_eq(by_phase, r->cost);
    cr_assert_eq(b->others, 0);
    cr_assert_eq(memcmp(&b->guest, &all->guest, 4 * sizeof b->guest), 0,
                 "%s: the machine's books are its one guest's", guest);
}

/* One guest under one technique: twice, the second time in slices. */
static void check(const struct technique *t, const char *guest)
{
    static const unsigned slices[] = {1, 1009};
    struct run first = {0}, r;
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
        if (!begin(&r, t, guest)) {
            return;
        }
        run(&r, LIMIT(guest), slices[i]);
        check_books(&r, guest);
        if (i == 0) {
            first = r;
        } else {
            cr_assert_eq(monitor_clock(r.m), monitor_clock(first.m),
                         "%s, %s, %u slices", guest, technique_name(t),
                         slices[i]);
            cr_assert_eq(vm_books(r.v)->instructions,
                         vm_books(first.v)->instructions);
            cr_assert_eq(r.digest, first.digest, "%s, %s, %u slices", guest,
                         technique_name(t), slices[i]);
            monitor_free(r.m);
        }
    }
    monitor_free(first.m);
}

static void check_all(const char *technique)
{
    const char *build = getenv("BUILD");
    const struct technique *t = technique_find(technique);
    char pattern[256];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/guests/*.elf",
             build ? build : "build");
    cr_assert(t);
    cr_assert_eq(glob(pattern, 0, NULL, &found), 0, "no guests in %s", pattern);
    cr_assert_eq(costs_load(&prices, "p4-vt", err, sizeof err), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        check(t, found.gl_pathv[i]);
    }
    globfree(&found);
}

Test(books, balance_and_repeat_under_bare, .timeout = 120)
{
    check_all("bare");
}

Test(books, balance_and_repeat_under_full, .timeout = 240)
{
    check_all("full");
}

Test(books, balance_and_repeat_under_para, .timeout = 240)
{
    check_all("para");
}
