/* test_cpu_random.c - random code, random tables: nothing that a guest can
 * put in memory harms the processor, and however it is run - one by one,
 * watched, in blocks, in slices - the same state comes of it at the same
 * cycle. The sanitizers watch. */
#include "cpu_fixture.h"

#define SLICE 400u /* cycles between two looks */
#define SLICES 12u
#define SEEDS 600u

struct dice {
    uint64_t x;
};

static uint32_t roll(struct dice *d)
{
    d->x ^= d->x << 13;
    d->x ^= d->x >> 7;
    d->x ^= d->x << 17;
    return (uint32_t)(d->x >> 16);
}

/* Addresses that are likely to be something. */
static uint32_t somewhere(struct dice *d)
{
    static const uint32_t places[] = {CODE_AT, STACK_AT - 64, GDT_AT, IDT_AT,
                                      DIR_AT,  DATA_AT,       0x1ff0, 0};
    return places[roll(d) % 8] + roll(d) % 64;
}

/* Code: random bytes, and often an instruction that does much. */
static void scatter_code(struct bench *b, struct dice *d)
{
    static const uint8_t much[][4] = {
        {0xf3, 0xa4, 0x90, 0x90}, {0xcf, 0x90, 0x90, 0x90},
        {0xcd, 0x30, 0x90, 0x90}, {0x0f, 0x22, 0xd8, 0x90},
        {0x8e, 0xd8, 0x8e, 0xc0}, {0x0f, 0x01, 0x3b, 0x90},
        {0x89, 0x03, 0x8b, 0x0b}, {0xfb, 0x90, 0xfa, 0x9d},
        {0x0f, 0x02, 0xc1, 0xcb}, {0xff, 0x1b, 0xca, 0x04},
        {0x60, 0x61, 0x9c, 0x9d}, {0x8e, 0xd0, 0x89, 0xdc},
        {0xe2, 0xfc, 0x75, 0xf0}, {0x0f, 0x35, 0x0f, 0x34},
    };
    for (uint32_t at = CODE_AT; at < CODE_AT + 0x2000; at += 4) {
        uint32_t n = roll(d);
        if (n % 3)
            poke32(b, at, n * 2654435761u ^ roll(d));
        else
            memcpy(b->ram + at, much[n / 3 % 14], 4);
    }
}

static struct bench *scatter(uint64_t seed)
{
    struct dice d = {.x = seed * 0x9e3779b97f4a7c15u + 1};
    struct bench *b = bench_new(seed % 2 ? CPU_CLASSIC : CPU_VIRTUALIZABLE);
    scatter_code(b, &d);
    for (unsigned v = 0; v < 256; v++) /* most handlers go on somewhere */
        set_gate(b, v, roll(&d) % 8 ? SEL_CODE : roll(&d) & 0x3f,
                 CODE_AT + roll(&d) % 0x800, 0x8e | (roll(&d) & 0x69));
    set_descriptor(b, SEL_OWN, roll(&d) & 0xffff, roll(&d), roll(&d) & 0xff,
                   roll(&d) & 0xf);
    if (roll(&d) % 4) {
        bench_paging(b);
        for (int n = 0; n < 4; n++)
            poke32(b, TABLE_AT + 4 * (roll(&d) % 16), roll(&d) & 0x1ffff);
        poke32(b, TABLE_AT + 4 * (CODE_AT >> 12), CODE_AT | 7);
    }
    if (roll(&d) % 2)
        bench_ring3(b);
    for (int n = 0; n < 8; n++)
        b->c->reg[n] = roll(&d) % 4 ? somewhere(&d) : roll(&d);
    b->c->trap_sensitive = roll(&d) & 1;
    cpu_set_cr(b->c, 0, b->c->cr0 | (roll(&d) % 4 ? 0 : CR0_AM));
    cpu_set_eflags(b->c, (roll(&d) % 8 ? 0x3202u : 0x0302u) |
                             (roll(&d) % 2 ? (uint32_t)FL_AC : 0));
    for (int p = 0; p < PRICE_COUNT; p++)
        b->costs.price[p] = 1 + (uint32_t)p % 5;
    return b;
}

static void watch_nothing(void *who, struct cpu *c, gva_t at, unsigned size,
                          bool write, uint32_t value)
{
    (void)who, (void)c, (void)at, (void)size, (void)write, (void)value;
}

enum how { BLOCKS, STEPS, WATCHED };

/* Until the clock reaches `cycle` or nothing goes on. */
static void run_to(struct bench *b, uint64_t cycle, enum how how)
{
    enum cpu_stop why = CPU_DEADLINE;
    if (how == STEPS)
        while (b->c->cycles < cycle && why == CPU_DEADLINE)
            why = cpu_step(b->c);
    else
        cpu_run(b->c, cycle);
    if (b->c->halted) { /* as long as it takes */
        b->c->cycles = b->c->cycles < cycle ? cycle : b->c->cycles;
        b->c->interrupt_line = true;
    }
}

static void same(const struct bench *a, const struct bench *b, uint64_t seed,
                 const char *how)
{
    const struct cpu *x = a->c, *y = b->c;
    cr_assert(memcmp(x->reg, y->reg, sizeof x->reg) == 0 && x->eip == y->eip &&
                  cpu_eflags(x) == cpu_eflags(y),
              "seed %llu, %s: registers; eip %x and %x",
              (unsigned long long)seed, how, (unsigned)x->eip,
              (unsigned)y->eip);
    cr_assert(memcmp(x->seg, y->seg, sizeof x->seg) == 0 && x->cpl == y->cpl &&
                  x->cr2 == y->cr2 && x->cr3 == y->cr3 && x->cr0 == y->cr0,
              "seed %llu, %s: segments", (unsigned long long)seed, how);
    cr_assert(x->cycles == y->cycles && x->instructions == y->instructions,
              "seed %llu, %s: cycles %llu and %llu", (unsigned long long)seed,
              how, (unsigned long long)x->cycles,
              (unsigned long long)y->cycles);
    cr_assert(x->halted == y->halted && x->shutdown == y->shutdown);
    cr_assert(memcmp(a->ram, b->ram, RAM_SIZE) == 0, "seed %llu, %s: memory",
              (unsigned long long)seed, how);
}

Test(cpu_random, however_it_is_run_it_is_the_same)
{
    uint64_t instructions = 0, shutdowns = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct bench *b = scatter(seed), *s = scatter(seed), *w = scatter(seed);
        w->hooks.memory = watch_nothing;
        w->c->hooks = &w->hooks;
        for (uint64_t n = 1; n <= SLICES && !b->c->shutdown; n++) {
            run_to(b, n * SLICE, BLOCKS);
            run_to(s, n * SLICE, STEPS);
            run_to(w, n * SLICE, WATCHED);
            same(b, s, seed, "stepped");
            same(b, w, seed, "watched");
        }
        instructions += b->c->instructions;
        shutdowns += b->c->shutdown;
        bench_free(b);
        bench_free(s);
        bench_free(w);
    }
    cr_log_info("%llu instructions, %llu shutdowns",
                (unsigned long long)instructions,
                (unsigned long long)shutdowns);
    cr_assert_gt(instructions, 100000, "the dice are loaded");
}

/* ---------------------------------------------------------------- places */

/* How often an instruction led to one of some places. */
struct arrivals {
    struct code_places places;
    uint64_t count;
};

static void count_arrival(void *who, struct cpu *c, const struct insn *in)
{
    struct arrivals *a = who;
    uint32_t at = (c->seg[SEG_CS].base + c->eip) & PAGE_MASK;
    (void)in;
    a->count += a->places.bits[at / 64] >> at % 64 & 1;
}

static struct bench *scatter_watched(uint64_t seed, struct arrivals *a)
{
    struct dice d = {.x = seed * 0xbf58476d1ce4e5b9u + 1};
    struct bench *b = scatter(seed);
    *a = (struct arrivals){0};
    for (int n = 0; n < 40; n++) {
        uint32_t at = roll(&d) & PAGE_MASK;
        a->places.bits[at / 64] |= 1ull << at % 64;
    }
    b->hooks.who = a;
    b->hooks.after = count_arrival;
    b->c->hooks = &b->hooks;
    return b;
}

/* Breakpoints are looked at there and nowhere else: none is missed, and the
 * run is the same. */
Test(cpu_random, places_are_met_as_often_as_by_a_look_behind_every_instruction)
{
    uint64_t met = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct arrivals everywhere, there;
        struct bench *a = scatter_watched(seed, &everywhere),
                     *b = scatter_watched(seed, &there);
        b->hooks.places = &there.places;
        for (uint64_t n = 1; n <= SLICES && !b->c->shutdown; n++) {
            run_to(a, n * SLICE, WATCHED);
            run_to(b, n * SLICE, WATCHED);
            same(a, b, seed, "at places");
            cr_assert_eq(everywhere.count, there.count,
                         "seed %llu: %llu arrivals, not %llu",
                         (unsigned long long)seed,
                         (unsigned long long)there.count,
                         (unsigned long long)everywhere.count);
        }
        met += there.count;
        bench_free(a);
        bench_free(b);
    }
    cr_assert_gt(met, 1000, "the dice are loaded");
}
