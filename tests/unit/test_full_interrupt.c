/*
 * An interrupt put in by the monitor's own hand, against the processor's own
 * delivery: the same registers and the same memory, for gates, segments,
 * stacks and page tables of every kind; and where the hand stays out of it,
 * nothing has changed.
 */
#include "full_vm.h"
#include "../../vmm/techniques/full/full.h"

#define IDT 0x10000u
#define GDT 0x11000u
#define TSS 0x12000u
#define PAGES 0x13000u /* the directory, and behind it the table */
#define STACK0 0x16000u
#define STACK3 0x18000u
#define SIZE 0x20000u
#define VECTOR 0x21u

struct twin {
    struct vm *vm;
    struct vp *p;
};

static uint32_t dice;
static uint32_t roll(uint32_t n)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 8) % n;
}

static void put(const struct twin *t, uint32_t at, uint32_t word)
{
    mpa_t where;
    cr_assert(vm_machine(t->vm, (gpa_t){at}, &where));
    cpu_phys_write(t->vm->monitor->cpu, where, &word, sizeof word);
}

static void descriptor(const struct twin *t, uint32_t at, uint32_t attr)
{
    put(t, at, 0x0000ffff);
    put(t, at + 4, 0x000f0000 | (attr & 0xff) << 8 | (attr & 0xf00) << 12);
}

/* Mostly as a kernel has it; `odd` says which one thing is not. */
static void tables(const struct twin *t, unsigned odd, uint32_t a, uint32_t b)
{
    static const uint32_t code[] = {0xc9b, 0xc9a, 0xc1b, 0x49b, 0xc9f,
                                    0xcfb, 0xc93, 0x89b, 0xc99};
    static const uint32_t data[] = {0xc93, 0xc92, 0x893, 0xc97,
                                    0xc91, 0xcf3, 0xc9b, 0xc13};
    uint32_t gate = odd == 1 ? b << 8 & 0xff00 : 0x8e00 | (a & 1) << 8;
    uint32_t to = odd == 2 ? b & 0x3f : 8;
    put(t, IDT + 8 * VECTOR, to << 16 | 0x5678);
    put(t, IDT + 8 * VECTOR + 4, 0x00120000 | gate);
    put(t, GDT, 0);
    put(t, GDT + 4, 0);
    descriptor(t, GDT + 8, code[odd == 3 ? b % 9 : 0]);
    descriptor(t, GDT + 16, data[odd == 4 ? b % 8 : 0]);
    descriptor(t, GDT + 24, 0xcfb);
    descriptor(t, GDT + 32, 0xcf3);
    put(t, TSS + 4, odd == 5 ? b : STACK0 + 0x800 + (a & 0xff));
    put(t, TSS + 8, odd == 6 ? b & 0x3f : 16);
    put(t, PAGES, (PAGES + 0x1000) | 0x27);
    for (uint32_t page = 0; page < 1024; page++) {
        uint32_t bits = 0x67;
        if (odd == 7 && page == (b % 16) + 0x10) {
            bits = b >> 8 & 0x67;
        }
        put(t, PAGES + 0x1000 + 4 * page, page << 12 | bits);
    }
}

static void state(const struct twin *t, unsigned odd, uint32_t a, uint32_t b)
{
    struct cpu *c = t->p->cpu;
    uint32_t error;
    bool user = a & 2;
    cpu_set_cr(c, 0, CR0_PE);
    c->cpl = 0;
    c->idtr = (struct table_reg){IDT, odd == 8 ? b % 0x400 : 0x7ff};
    c->gdtr = (struct table_reg){GDT, odd == 9 ? b % 48 : 47};
    descriptor(t, GDT + 8, 0xc9b);
    descriptor(t, GDT + 16, 0xc93);
    cpu_set_cr(c, 3, PAGES);
    for (int s = 0; s < SEG_COUNT; s++) {
        cpu_load_segment(c, (enum seg)s, 16, &error);
    }
    c->seg[SEG_CS] = (struct segment){
        .sel = user ? 27 : 8, .attr = user ? 0xcfb : 0xc9b, .limit = ~0u};
    c->seg[SEG_SS] = (struct segment){.sel = user ? 35 : 16,
                                      .attr = user ? 0xcf3 : 0xc93,
                                      .limit = odd == 10 ? b % SIZE : ~0u};
    c->tr = (struct segment){.sel = 40,
                             .attr = odd == 11 ? 0x83 : 0x8b,
                             .base = TSS,
                             .limit = odd == 12 ? b % 16 : 103};
    c->cpl = user ? 3 : 0;
    c->reg[REG_ESP] = (user ? STACK3 : STACK0) + 0x400;
    if (odd == 13) {
        c->reg[REG_ESP] = (STACK0 & ~0xfffu) + b % 0x20;
    }
    c->eip = a * 7;
    cpu_set_eflags(c, (a << 4 & 0xcd5) | 0x202);
    c->shutdown = false;
    cpu_set_cr(c, 0, CR0_PE | (a & 4 ? CR0_PG : 0) | (a & 8 ? CR0_WP : 0));
    cpu_flush_tlb(c, true);
    t->vm->state = VM_RUNNING;
}

static void memory_of(const struct twin *t, uint8_t *to)
{
    mpa_t m;
    for (uint32_t at = IDT; at < SIZE; at += PAGE_SIZE) {
        vm_machine(t->vm, (gpa_t){at}, &m);
        cpu_phys_read(t->vm->monitor->cpu, m, to + at, PAGE_SIZE);
    }
}

static bool same_state(const struct cpu *a, const struct cpu *b)
{
    bool same = a->eip == b->eip && a->cpl == b->cpl &&
                cpu_eflags(a) == cpu_eflags(b) &&
                memcmp(a->reg, b->reg, sizeof a->reg) == 0;
    for (int s = 0; s < SEG_COUNT; s++) {
        same = same && a->seg[s].sel == b->seg[s].sel &&
               a->seg[s].attr == b->seg[s].attr &&
               a->seg[s].base == b->seg[s].base &&
               a->seg[s].limit == b->seg[s].limit;
    }
    return same;
}

Test(full_interrupt, by_hand_is_as_the_processor_does_it)
{
    struct full_vm f;
    FULL_OPEN(&f, "full", 0xfa, 0xeb, 0xfe);
    static const uint8_t code[] = {0xfa, 0xeb, 0xfe};
    struct vm *v[3] = {f.v, full_add(&f, "full", code, sizeof code),
                       full_add(&f, "full", code, sizeof code)};
    struct twin t[3];
    unsigned by_hand = 0, left = 0, plain_left = 0;
    for (unsigned n = 0; n < 20000; n++) {
        dice = n;
        unsigned odd = roll(20); /* from 14 on: nothing is */
        uint32_t a = roll(1u << 16), b = roll(1u << 20);
        for (int i = 0; i < 3; i++) {
            t[i] = (struct twin){v[i], &full_of(v[i])->p};
            state(&t[i], odd, a, b);
            tables(&t[i], odd, a, b);
        }
        struct event e = {.kind = EVENT_INTERRUPT, .vector = VECTOR};
        static uint8_t before[SIZE], hand[SIZE], other[SIZE];
        memory_of(&t[0], before);
        bool done = vp_enter_handler(t[0].p, VECTOR);
        if (done) {
            vp_deliver_now(t[1].p, &e);
        }
        const struct twin *like = &t[done ? 1 : 2]; /* 2: untouched */
        cr_assert(same_state(t[0].p->cpu, like->p->cpu), "case %u, odd %u", n,
                  odd);
        /* What a look by itself leaves: A in page tables. */
        memory_of(&t[0], hand);
        memory_of(like, other);
        cr_assert(memcmp(hand, done ? other : before, SIZE) == 0 ||
                      (!done && odd == 7),
                  "case %u, odd %u: memory", n, odd);
        by_hand += done;
        left += !done;
        plain_left += !done && odd >= 14;
    }
    cr_assert_gt(by_hand, 8000);
    cr_assert_gt(left, 2000);
    cr_assert_eq(plain_left, 0, "what is plain is done by hand");
    monitor_free(f.m);
}
