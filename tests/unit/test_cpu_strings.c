/* test_cpu_strings.c - a REP done many iterations at a time (string_run.c) is
 * the REP done one by one: the same registers, flags, memory, clock and
 * fault, at every deadline that falls into it. One by one is checked against
 * other processors by tests/insn and tests/host. */
#include "cpu_fixture.h"

#define CASES 3000u
#define PLACES 4u /* pages that the strings lie in */

static uint32_t roll(uint64_t *dice)
{
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    return (uint32_t)(*dice >> 16);
}

/* Anywhere in the pages, but often at an edge of one, or near `other`. */
static uint32_t place(uint64_t *dice, uint32_t other)
{
    switch (roll(dice) % 3) {
    case 0:
        return DATA_AT + PAGE_SIZE * (roll(dice) % (PLACES + 1)) - 8 +
               roll(dice) % 16;
    case 1:
        return other - 8 + roll(dice) % 16;
    default:
        return DATA_AT + roll(dice) % (PLACES * PAGE_SIZE);
    }
}

/* REP or REPNE, 16-bit data or addresses or not, one of the five, HLT. */
static void put_code(struct bench *b, uint64_t *dice)
{
    static const uint8_t rows[] = {0xa4, 0xa5, 0xa6, 0xa7, 0xaa,
                                   0xab, 0xac, 0xad, 0xae, 0xaf};
    uint8_t *at = b->ram + CODE_AT;
    if (roll(dice) % 3 == 0)
        *at++ = 0x66;
    if (roll(dice) % 3 == 0)
        *at++ = 0x67;
    *at++ = roll(dice) % 2 ? 0xf2 : 0xf3;
    *at++ = rows[roll(dice) % 10];
    *at = 0xf4;
    cpu_frame_changed(b->c, (mpa_t){CODE_AT});
}

/* Long equal and long different stretches, so that comparisons go on. */
static void put_data(struct bench *b, uint64_t *dice)
{
    uint8_t *data = b->ram + DATA_AT - 64;
    memset(data, (int)roll(dice), PLACES * PAGE_SIZE + 128);
    for (unsigned n = roll(dice) % 6; n > 0; n--)
        data[roll(dice) % (PLACES * PAGE_SIZE)] = (uint8_t)roll(dice);
}

/* Fill the TLB with the pages, to be read and written. */
static void touch_all(struct bench *b)
{
    for (uint32_t n = 0; n < PLACES; n++) {
        uint32_t at = DATA_AT + n * PAGE_SIZE;
        CODE(b, 0x80, 0x0d, (uint8_t)at, (uint8_t)(at >> 8),
             (uint8_t)(at >> 16), 0, 0); /* or byte [at], 0 */
        b->c->eip = CODE_AT;
        cr_assert_eq(cpu_step(b->c), CPU_DEADLINE);
    }
    b->c->eip = CODE_AT;
}

static struct bench *make(uint64_t seed)
{
    uint64_t dice = seed * 0x9e3779b97f4a7c15u + 1;
    struct bench *b = bench_new(CPU_CLASSIC);
    put_data(b, &dice);
    bool paging = roll(&dice) % 2;
    if (paging) { /* and one page the kernel's */
        uint32_t page = DATA_AT / PAGE_SIZE + roll(&dice) % 8;
        bench_paging(b);
        poke32(b, TABLE_AT + 4 * page, page << PAGE_SHIFT | 3);
    }
    if (roll(&dice) % 2)
        touch_all(b);
    if (paging && roll(&dice) % 2)
        bench_ring3(b);
    put_code(b, &dice);
    if (paging)
        for (unsigned n = 0; n < 3; n++) /* gone, or read-only */
            poke32(b, TABLE_AT + 4 * (DATA_AT / PAGE_SIZE + roll(&dice) % 8),
                   DATA_AT + 4096 * (roll(&dice) % PLACES) + roll(&dice) % 8);
    if (roll(&dice) % 4 == 0)
        b->c->seg[SEG_ES].limit = DATA_AT + roll(&dice) % 8192;
    if (roll(&dice) % 16 == 0)
        b->c->seg[SEG_ES].attr ^= 2u; /* not to be written */
    if (roll(&dice) % 8 == 0) {       /* expand-down: what is above the limit */
        b->c->seg[SEG_ES].attr |= 4;
        b->c->seg[SEG_ES].limit = DATA_AT + roll(&dice) % 8192;
    }
    if (roll(&dice) % 4 == 0)
        b->c->seg[SEG_DS].base = roll(&dice) % 64;
    b->c->reg[REG_ESI] = place(&dice, DATA_AT);
    b->c->reg[REG_EDI] = place(&dice, b->c->reg[REG_ESI]);
    b->c->reg[REG_ECX] = roll(&dice) % 4 ? roll(&dice) % 3000 : roll(&dice);
    if (roll(&dice) % 8 == 0) { /* round an end of 64 KiB, within a page */
        b->c->seg[SEG_ES].base = roll(&dice) % 512;
        b->c->reg[REG_EDI] = (0xff00 + roll(&dice) % 512) & 0xffff;
    }
    b->c->reg[REG_EAX] = b->ram[DATA_AT + 100] * 0x01010101u;
    cpu_set_eflags(b->c, 2u | (roll(&dice) % 3 ? 0u : (uint32_t)FL_DF));
    for (int p = 0; p < PRICE_COUNT; p++)
        b->costs.price[p] = (uint32_t)p % 4;
    return b;
}

static void same(const struct bench *a, const struct bench *b, uint64_t seed)
{
    const struct cpu *x = a->c, *y = b->c;
    for (int n = 0; n < 8; n++)
        cr_assert_eq(x->reg[n], y->reg[n], "case %llu: register %d: %08x, %08x",
                     (unsigned long long)seed, n, (unsigned)x->reg[n],
                     (unsigned)y->reg[n]);
    cr_assert(x->eip == y->eip && cpu_eflags(x) == cpu_eflags(y) &&
                  x->cr2 == y->cr2 && x->halted == y->halted,
              "case %llu: EIP, flags or CR2", (unsigned long long)seed);
    cr_assert(x->cycles == y->cycles && x->instructions == y->instructions,
              "case %llu: cycle %llu and %llu", (unsigned long long)seed,
              (unsigned long long)x->cycles, (unsigned long long)y->cycles);
    cr_assert(memcmp(a->ram, b->ram, RAM_SIZE) == 0, "case %llu: memory",
              (unsigned long long)seed);
}

Test(cpu_strings, many_at_a_time_is_one_by_one)
{
    uint64_t instructions = 0;
    for (uint64_t seed = 1; seed <= CASES; seed++) {
        struct bench *a = make(seed), *b = make(seed);
        uint64_t dice = seed, slice = 1 + roll(&dice) % 2000;
        for (int n = 0; n < 4 && !a->c->halted && !a->c->shutdown; n++) {
            uint64_t until = a->c->cycles + slice;
            enum cpu_stop why = CPU_DEADLINE;
            for (unsigned k = 0; k < 20000 && b->c->cycles < until; k++)
                if ((why = cpu_step(b->c)) != CPU_DEADLINE)
                    break;
            if (why == CPU_DEADLINE && b->c->cycles < until)
                break; /* an iteration that costs nothing, for ever */
            cpu_run(a->c, until);
            same(a, b, seed);
        }
        instructions += a->c->instructions;
        bench_free(a);
        bench_free(b);
    }
    cr_assert_gt(instructions, CASES * 50, "the cases end too soon");
}

/* What has code in it is written one by one, and the code is forgotten. */
Test(cpu_strings, code_that_is_copied_over_runs_as_it_is_now)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    const uint32_t routine = DATA_AT + 0x200;
    for (uint32_t n = 0; n < 64; n++)
        b->ram[DATA_AT + n] = 0x40; /* INC EAX */
    b->ram[DATA_AT + 64] = 0xc3;
    memset(b->ram + routine, 0x48, 64); /* DEC EAX */
    b->ram[routine + 64] = 0xc3;
    b->c->reg[REG_EAX] = 0;
    b->c->reg[REG_EBX] = routine;
    b->c->reg[REG_ESI] = DATA_AT;
    b->c->reg[REG_EDI] = routine;
    b->c->reg[REG_ECX] = 65;
    /* call ebx; rep movsb; call ebx; hlt */
    CODE(b, 0xff, 0xd3, 0xf3, 0xa4, 0xff, 0xd3, 0xf4);
    cr_assert_eq(bench_run(b), -1);
    cr_assert_eq(b->c->reg[REG_EAX], 0, "-64, then +64");
    bench_free(b);
}

/* RF is of the iteration that goes on, not of one that faults: here where no
 * handler can be reached, and the flags stay to be seen. */
Test(cpu_strings, an_iteration_that_faults_has_no_rf)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    poke32(b, TABLE_AT + 4 * ((DATA_AT >> 12) + 1), 0);
    b->c->idtr.limit = 0;
    b->c->reg[REG_EDI] = DATA_AT + 0xffe;
    b->c->reg[REG_ECX] = 9;
    CODE(b, 0xf3, 0xaa); /* rep stosb */
    cpu_run(b->c, 1000);
    cr_assert(b->c->shutdown);
    cr_assert_eq(b->c->reg[REG_ECX], 7);
    cr_assert_eq(cpu_eflags(b->c) & FL_RF, 0);
    bench_free(b);
}
