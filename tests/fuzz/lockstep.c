/*
 * lockstep.c - random machines in lockstep: one by one against cpu_run.
 *
 *     lockstep INSTRUCTIONS [SEED]    seeds from SEED on, until that many ran
 *     lockstep --seed SEED            one seed
 *
 * Each seed is a machine (machine.h), made twice. One is run instruction by
 * instruction, the other by cpu_run, in slices of random length, with
 * interrupts in between; after each slice registers and clock must be equal,
 * at the end memory too. A difference is narrowed down to the first cycle at
 * which it shows. Exit status: 0 all equal, 1 a difference, 2 bad use.
 */
#include <stdlib.h>
#include <string.h>
#include "machine.h"

#define ENOUGH 4000u /* instructions of one seed */
#define MOST_SLICES 80u

struct pair {
    struct machine step, run;
    uint64_t dice; /* of the slices */
    uint64_t cycle;
};

static bool pair_new(struct pair *p, uint64_t seed)
{
    p->dice = seed * 0xd1342543de82ef95u + 1;
    p->cycle = 0;
    bool ok = machine_new(&p->step, seed, NULL, 0);
    return machine_new(&p->run, seed, NULL, 0) && ok;
}

static void pair_free(struct pair *p)
{
    machine_free(&p->step);
    machine_free(&p->run);
}

/* What comes from outside before the next slice, and when that ends. */
static uint64_t next_slice(struct pair *p)
{
    uint32_t n = roll(&p->dice);
    if (n % 4 == 0)
        p->step.c->interrupt_line = p->run.c->interrupt_line = true;
    if (n % 64 == 1)
        p->step.c->nmi_line = p->run.c->nmi_line = true;
    return p->cycle + 1 + (n >> 8) % (n % 8 ? 1000 : 8);
}

static void pair_to(struct pair *p, uint64_t cycle)
{
    p->cycle = cycle;
    machine_step_to(&p->step, cycle);
    machine_run_to(&p->run, cycle);
}

static void show_memory(const struct pair *p)
{
    unsigned shown = 0;
    for (uint32_t at = 0; at < MACHINE_RAM && shown < 8; at++)
        if (p->step.ram[at] != p->run.ram[at] && ++shown)
            printf("#   byte %05x: %02x by steps, %02x by cpu_run\n", at,
                   p->step.ram[at], p->run.ram[at]);
}

/* Does it differ when the slice after `slices` of them ends at `cycle`? */
static bool differs_at(uint64_t seed, unsigned slices, uint64_t cycle,
                       bool show)
{
    struct pair p;
    if (!pair_new(&p, seed))
        exit(2);
    for (unsigned n = 0; n < slices; n++)
        pair_to(&p, next_slice(&p));
    next_slice(&p);
    pair_to(&p, cycle);
    const char *what = machine_difference(&p.step, &p.run, true);
    if (show) {
        printf("# at cycle %llu: %s\n", (unsigned long long)cycle,
               what ? what : "equal");
        machine_show(stdout, "by steps", &p.step);
        machine_show(stdout, "by cpu_run", &p.run);
        show_memory(&p);
    }
    pair_free(&p);
    return what;
}

/* The first slice, and in it the first cycle, at which they differ. */
static void narrow(uint64_t seed)
{
    struct pair p;
    unsigned slice = 0;
    uint64_t from = 0;
    if (!pair_new(&p, seed))
        exit(2);
    for (; slice < MOST_SLICES; slice++) {
        from = p.cycle;
        pair_to(&p, next_slice(&p));
        if (machine_difference(&p.step, &p.run, true))
            break;
    }
    uint64_t to = p.cycle, cycle = from + 1;
    pair_free(&p);
    while (cycle < to && !differs_at(seed, slice, cycle, false))
        cycle++;
    printf("# seed %llu, slice %u from cycle %llu: first differs at %llu\n",
           (unsigned long long)seed, slice, (unsigned long long)from,
           (unsigned long long)cycle);
    if (cycle > from + 1)
        differs_at(seed, slice, cycle - 1, true);
    differs_at(seed, slice, cycle, true);
}

/* What ran, over all seeds. */
struct tally {
    uint64_t instructions, machines, shutdowns, differ;
    uint64_t row[INSN_COUNT];
};

static void count_row(void *who, struct cpu *c, const struct insn *in)
{
    (void)c;
    ((struct tally *)who)->row[in->id]++;
}

static void try_seed(uint64_t seed, struct tally *t)
{
    struct pair p;
    const char *what = NULL;
    struct cpu_hooks hooks = {.who = t, .after = count_row};
    if (!pair_new(&p, seed))
        exit(2);
    p.step.c->hooks = &hooks;
    for (unsigned n = 0; n < MOST_SLICES && !what; n++) {
        pair_to(&p, next_slice(&p));
        what = machine_difference(&p.step, &p.run, false);
        if (p.step.c->shutdown || p.step.c->instructions >= ENOUGH)
            break;
    }
    if (!what)
        what = machine_difference(&p.step, &p.run, true);
    t->machines++;
    t->instructions += p.step.c->instructions;
    t->shutdowns += p.step.c->shutdown;
    pair_free(&p);
    if (!what)
        return;
    t->differ++;
    printf("# seed %llu: %s\n", (unsigned long long)seed, what);
    narrow(seed);
}

static void report(const struct tally *t)
{
    unsigned rows = 0;
    for (int id = 1; id < INSN_COUNT; id++)
        rows += t->row[id] != 0;
    printf("# %llu instructions of %llu machines, %u of %d rows, %llu shut "
           "down, %llu differ\n",
           (unsigned long long)t->instructions, (unsigned long long)t->machines,
           rows, INSN_COUNT - 1, (unsigned long long)t->shutdowns,
           (unsigned long long)t->differ);
    if (t->instructions < 1000000)
        return;
    for (int id = 1; id < INSN_COUNT; id++)
        if (!t->row[id])
            printf("#   never completed: %s\n", insn_rows[id].id);
}

int main(int argc, char **argv)
{
    bool one = argc == 3 && strcmp(argv[1], "--seed") == 0;
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "use: lockstep INSTRUCTIONS [SEED]\n"
                        "     lockstep --seed SEED\n");
        return 2;
    }
    uint64_t wanted = one ? 1 : strtoull(argv[1], NULL, 0);
    uint64_t seed = argc == 3 ? strtoull(argv[2], NULL, 0) : 1;
    static struct tally t;
    do
        try_seed(seed++, &t);
    while (t.instructions < wanted && t.differ < 5);
    report(&t);
    return t.differ != 0;
}
