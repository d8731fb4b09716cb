/*
 * The detector: each critical instruction that ran deprivileged is told of,
 * once a site; it costs the guest nothing; and hooks that were there before
 * go on being called.
 */
#include "toy_fixture.h"

/* pushf; pop eax; mov eax, cs; sgdt [0x2000]; jmp back, thrice; hlt */
#define LIES                                                                   \
    0xb9, 3, 0, 0, 0, 0x9c, 0x58, 0x8c, 0xc8, 0x0f, 0x01, 0x05, 0, 0x20, 0, 0, \
        0xe2, 0xf3, 0xf4

static void with(enum cpu_kind kind, bool detect)
{
    toy_config = (struct monitor_config){.kind = kind, .detect_silent = detect};
}

static const struct exit_record *silent_record(const struct fixture *f,
                                               uint32_t eip)
{
    for (unsigned i = 0; i < f->exits; i++) {
        if (f->seen[i].reason == EXIT_silent && f->seen[i].eip == eip) {
            return &f->seen[i];
        }
    }
    cr_assert_fail("nothing was told of %08x", eip);
    return NULL;
}

Test(silent, each_site_is_told_once_and_counted_each_time)
{
    struct fixture f;
    with(CPU_CLASSIC, true);
    START(&f, emulate_one_byte, LIES);
    run(&f, to_the_end);
    cr_assert_eq(f.exits, 1 + 3 + 1, "turn, three sites, HLT");
    cr_assert_eq(vm_books(f.v)->by_reason[EXIT_silent], 9);
    cr_assert_eq(vm_books(f.v)->cycles_by_reason[EXIT_silent], 0);

    const struct exit_record *pushf = silent_record(&f, CODE + 5);
    cr_assert_eq(pushf->insn.id, I_PUSHF);
    cr_assert_eq(exit_cost(pushf), 0);
    cr_assert_eq(pushf->disposition, DISPOSITION_silent);
    cr_assert(strstr(pushf->note, "answered 00000202"), "%s", pushf->note);
    const struct exit_record *mov = silent_record(&f, CODE + 7);
    cr_assert(strstr(mov->note, "answered e019"), "%s", mov->note);
    const struct exit_record *sgdt = silent_record(&f, CODE + 9);
    char answer[32];
    snprintf(answer, sizeof answer, "answered base %08x", WORLD_GDT);
    cr_assert(strstr(sgdt->note, answer), "%s", sgdt->note);
    /* And that is what the guest got. */
    uint32_t base;
    cr_assert(guest_read(f.v, (gpa_t){0x2002}, &base, 4));
    cr_assert_eq(base, WORLD_GDT);
    monitor_free(f.m);
}

Test(silent, being_watched_costs_nothing)
{
    uint64_t clock[2];
    for (int i = 0; i < 2; i++) {
        struct fixture f;
        with(CPU_CLASSIC, i == 1);
        START(&f, emulate_one_byte, LIES);
        run(&f, to_the_end);
        clock[i] = monitor_clock(f.m);
        monitor_free(f.m);
    }
    cr_assert_eq(clock[0], clock[1]);
}

Test(silent, nothing_is_silent_on_the_virtualizable_processor)
{
    struct fixture f;
    with(CPU_VIRTUALIZABLE, true);
    START(&f, emulate_one_byte, 0x9c, 0xf4); /* pushf traps */
    run(&f, to_the_end);
    cr_assert_eq(vm_books(f.v)->by_reason[EXIT_silent], 0);
    cr_assert_eq(vm_books(f.v)->by_reason[EXIT_flags], 2);
    monitor_free(f.m);
}

static unsigned before_calls, silent_calls;

static void before(void *who, struct cpu *c, const struct insn *in)
{
    (void)c;
    (void)in;
    cr_assert_eq(who, &before_calls);
    before_calls++;
}

static void silent(void *who, struct cpu *c, const struct insn *in)
{
    (void)who;
    (void)c;
    (void)in;
    silent_calls++;
}

Test(silent, hooks_of_others_are_called_as_before)
{
    struct fixture f;
    struct cpu_hooks mine = {
        .who = &before_calls, .before = before, .silent = silent};
    with(CPU_CLASSIC, true);
    START(&f, emulate_one_byte, LIES);
    monitor_cpu(f.m)->hooks = &mine;
    run(&f, to_the_end);
    cr_assert_eq(monitor_cpu(f.m)->hooks, &mine, "and are in place again");
    cr_assert_eq(silent_calls, 9);
    cr_assert_gt(before_calls, 1 + 3 * 5);
    cr_assert_eq(vm_books(f.v)->by_reason[EXIT_silent], 9);
    monitor_free(f.m);
}
