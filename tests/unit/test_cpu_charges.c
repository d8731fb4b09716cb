/* test_cpu_charges.c - whoever counts charges can add them up to the clock:
 * by blocks or one by one, REP included, walks, faults and a deadline in the
 * middle; and counting changes nothing. */
#include "cpu_fixture.h"

static uint64_t counted[PRICE_COUNT];

static void count(void *who, struct cpu *c, enum price p, uint64_t n)
{
    (void)who;
    (void)c;
    counted[p] += n;
}

/* Odd prices, so that a charge on the wrong row shows in the sum. */
static struct bench *priced_machine(void)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    for (unsigned p = 0; p < PRICE_COUNT; p++)
        b->costs.price[p] = 2 * p + 3;
    bench_paging(b);
    /* mov ecx,20; cld; mov esi,a000; mov edi,b000; rep movsb; push eax;
     * pop ebx; imul ebx,ebx; call +0; pop eax; div ecx (which is 0: #DE) */
    CODE(b, 0xb9, 20, 0, 0, 0, 0xfc, 0xbe, 0, 0xa0, 0, 0, 0xbf, 0, 0xb0, 0, 0,
         0xf3, 0xa4, 0x50, 0x5b, 0x0f, 0xaf, 0xdb, 0xe8, 0, 0, 0, 0, 0x58, 0xf7,
         0xf1);
    return b;
}

static uint64_t sum(const struct bench *b)
{
    uint64_t cycles = 0;
    for (unsigned p = 0; p < PRICE_COUNT; p++)
        cycles += counted[p] * b->costs.price[p];
    return cycles;
}

/* Run to the handler's HLT, at most `slice` cycles at a time. */
static uint64_t run(struct bench *b, uint64_t slice)
{
    while (!b->c->halted)
        cpu_run(b->c, b->c->cycles + slice);
    return b->c->cycles;
}

static uint64_t counted_run(uint64_t slice, bool one_by_one)
{
    struct bench *b = priced_machine();
    memset(counted, 0, sizeof counted);
    b->hooks = (struct cpu_hooks){.charged = count};
    b->c->hooks = &b->hooks;
    while (one_by_one && !b->c->halted)
        cpu_step(b->c);
    uint64_t clock = run(b, slice);
    cr_assert_eq(sum(b), clock, "%llu, not %llu", (unsigned long long)sum(b),
                 (unsigned long long)clock);
    cr_assert_eq(counted[PRICE_string], 20);
    cr_assert_eq(counted[PRICE_fault], 1);
    cr_assert_eq(counted[PRICE_int_same], 1);
    cr_assert(counted[PRICE_walk_ref] > 0);
    bench_free(b);
    return clock;
}

Test(charges, add_up_to_the_clock_and_change_nothing)
{
    struct bench *b = priced_machine();
    uint64_t clock = run(b, 1000000);
    bench_free(b);
    cr_assert_eq(counted_run(1000000, false), clock);
    cr_assert_eq(counted_run(1, false), clock);
    cr_assert_eq(counted_run(37, false), clock);
    cr_assert_eq(counted_run(1000000, true), clock);
}

Test(charges, of_software_elsewhere_are_told_too)
{
    struct bench *b = priced_machine();
    memset(counted, 0, sizeof counted);
    b->hooks = (struct cpu_hooks){.charged = count};
    b->c->hooks = &b->hooks;
    cpu_charge(b->c, PRICE_vmm_decode, 3);
    cr_assert_eq(counted[PRICE_vmm_decode], 3);
    cr_assert_eq(b->c->cycles, 3u * b->costs.price[PRICE_vmm_decode]);
    bench_free(b);
}
