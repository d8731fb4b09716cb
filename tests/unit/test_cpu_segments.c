/* test_cpu_segments.c - limits, types and null selectors at a data access:
 * what QEMU's interpreter does not check. SDM 3A 5.3 to 5.5. */
#include "cpu_fixture.h"

/* Access DS:EBX (or SS) with a segment of the test's own in DS (or SS). */
struct
try {
    uint32_t base, limit, access, flags; /* of the descriptor */
    uint32_t offset;
    unsigned size;
    bool write, stack;
    int vector; /* expected; -1: none */
};

static int run_try(struct bench *b, const struct try *t)
{
    uint32_t error;
    uint8_t opcode = (uint8_t)(t->write ? 0x88 : 0x8a);
    if (t->size > 1)
        opcode |= 1;
    if (t->size == 2)
        CODE(b, t->stack ? 0x36 : 0x3e, 0x66, opcode, 0x03, 0xf4);
    else
        CODE(b, t->stack ? 0x36 : 0x3e, opcode, 0x03, 0xf4);
    bench_again(b);
    set_descriptor(b, SEL_OWN, t->base, t->limit, t->access, t->flags);
    cr_assert_eq(cpu_load_segment(b->c, SEG_DS, SEL_DATA, &error), 0);
    cr_assert_eq(cpu_load_segment(b->c, SEG_SS, SEL_DATA, &error), 0);
    cr_assert_eq(
        cpu_load_segment(b->c, t->stack ? SEG_SS : SEG_DS, SEL_OWN, &error), 0);
    b->c->reg[REG_EBX] = t->offset;
    b->c->reg[REG_ESP] = t->stack ? 0x100u : STACK_AT; /* room for a frame */
    return bench_run(b);
}

/* Data of 256 bytes at DATA_AT: the last offset is 0xff. */
#define UP DATA_AT, 0xff, 0x93, 4
/* The same, expanding down: valid is what is over 0xff. */
#define DOWN32 DATA_AT, 0xff, 0x97, 4
#define DOWN16 DATA_AT, 0xff, 0x97, 0
#define PAGES DATA_AT, 0, 0x93, 0xc
#define READONLY DATA_AT, 0xff, 0x91, 4
#define READCODE DATA_AT, 0xff, 0x9b, 4

static const struct try tries[] = {
    {UP, 0xff, 1, false, false, -1},
    {UP, 0xfe, 2, false, false, -1},
    {UP, 0xfc, 4, true, false, -1},
    {UP, 0x100, 1, false, false, VEC_GP},
    {UP, 0xff, 2, false, false, VEC_GP},
    {UP, 0xfd, 4, true, false, VEC_GP},
    {UP, 0xffffffff, 4, true, false, VEC_GP},
    {UP, 0xff, 1, false, true, -1},
    {UP, 0x100, 1, false, true, VEC_SS},
    {UP, 0xfd, 4, true, true, VEC_SS},
    {PAGES, 0xfff, 1, false, false, -1}, /* limit 0, in pages */
    {PAGES, 0x1000, 1, false, false, VEC_GP},
    {DOWN32, 0x100, 4, true, false, -1},
    {DOWN32, 0xff, 1, false, false, VEC_GP},
    {DOWN32, 0xfe, 4, true, false, VEC_GP},
    {DOWN32, 0xf000, 4, true, false, -1},
    {DOWN32, 0xfffffffe, 4, false, false, VEC_GP}, /* round the end */
    {DOWN16, 0xfffc, 4, true, false, -1},
    {DOWN16, 0xfffd, 4, true, false, VEC_GP}, /* B clear: up to 64 KiB */
    {DOWN16, 0x10000, 1, false, false, VEC_GP},
    {DOWN32, 0x10000, 1, false, false, -1},
    {READONLY, 0, 4, false, false, -1},
    {READONLY, 0, 4, true, false, VEC_GP},
    {READCODE, 0, 4, false, false, -1},
    {READCODE, 0, 4, true, false, VEC_GP},
};

Test(cpu_segments, limits_and_types)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    for (size_t n = 0; n < sizeof tries / sizeof *tries; n++) {
        int got = run_try(b, &tries[n]);
        cr_expect_eq(got, tries[n].vector, "try %zu: %d, not %d", n, got,
                     tries[n].vector);
        if (got >= 0)
            cr_expect_eq(b->c->last_event.error, 0, "try %zu", n);
    }
    bench_free(b);
}

Test(cpu_segments, a_null_selector_may_be_loaded_not_used)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    uint32_t error;
    CODE(b, 0x8b, 0x03, 0xf4);
    for (uint16_t sel = 0; sel < 4; sel++) {
        bench_again(b);
        cr_assert_eq(cpu_load_segment(b->c, SEG_DS, sel, &error), 0);
        cr_assert_eq(bench_run(b), VEC_GP);
        cr_assert_eq(b->c->last_event.error, 0);
    }
    bench_free(b);
}

Test(cpu_segments, a_fetch_past_the_limit)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x90, 0xb8, 1, 2, 3, 4);       /* nop; mov eax, ... */
    b->c->seg[SEG_CS].limit = CODE_AT + 4; /* cuts the MOV */
    bench_again(b);
    cr_assert_eq(bench_run(b), VEC_GP);
    cr_assert_eq(b->c->last_event.eip, (uint32_t)(CODE_AT + 1));
    cr_assert_eq(b->c->reg[REG_EAX], 0);
    bench_free(b);
}

Test(cpu_segments, a_refused_load_changes_nothing)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    uint32_t error = 0;
    struct segment before = b->c->seg[SEG_ES];
    set_descriptor(b, SEL_OWN, 0, 0xff, 0x12, 4); /* not present */
    cr_assert_eq(cpu_load_segment(b->c, SEG_ES, SEL_OWN | 3, &error), VEC_GP);
    cr_assert_eq(cpu_load_segment(b->c, SEG_ES, SEL_OWN, &error), VEC_NP);
    cr_assert_eq(error, SEL_OWN);
    cr_assert_eq(cpu_load_segment(b->c, SEG_ES, 0x1000, &error), VEC_GP);
    cr_assert_eq(error, 0x1000);
    cr_assert(memcmp(&before, &b->c->seg[SEG_ES], sizeof before) == 0);
    bench_free(b);
}

Test(cpu_segments, ltr_of_null_is_refused)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x0f, 0x00, 0xd8, 0xf4); /* ltr ax */
    cr_assert_eq(bench_run(b), VEC_GP);
    cr_assert_eq(b->c->tr.sel, SEL_TSS);
    bench_free(b);
}

Test(cpu_segments, ltr_marks_the_tss_busy)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    set_descriptor(b, SEL_TSS, TSS_AT, 103, 0x89, 0);
    CODE(b, 0x0f, 0x00, 0xd8, 0xf4);
    b->c->reg[REG_EAX] = SEL_TSS;
    cr_assert_eq(bench_run(b), -1);
    cr_assert_eq(b->ram[GDT_AT + SEL_TSS + 5], 0x8b);
    cr_assert_eq(b->c->tr.attr & 0xff, 0x8b);
    bench_free(b);
}

/* SDM 3A 6.15: in ring 3, with CR0.AM and EFLAGS.AC both set. */
Test(cpu_segments, alignment_is_checked_when_asked_for)
{
    static const struct {
        uint32_t offset;
        uint8_t opcode; /* of MOV */
        bool am, ac, ring3, faults;
    } tries[] = {
        {DATA_AT + 2, 0x8b, true, true, true, true},
        {DATA_AT + 1, 0x89, true, true, true, true},
        {DATA_AT + 4, 0x8b, true, true, true, false},
        {DATA_AT + 3, 0x8a, true, true, true, false}, /* a byte */
        {DATA_AT + 2, 0x8b, false, true, true, false},
        {DATA_AT + 2, 0x8b, true, false, true, false},
        {DATA_AT + 2, 0x8b, true, true, false, false},
    };
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    set_gate(b, VEC_BP, SEL_CODE, handler(VEC_BP), 0xee);
    for (size_t n = 0; n < sizeof tries / sizeof *tries; n++) {
        CODE(b, 0x8b, 0x06, tries[n].opcode, 0x03, 0xcc);
        cpu_reset_flat32(b->c, CODE_AT);
        b->c->gdtr = (struct table_reg){GDT_AT, 0x3f};
        b->c->idtr = (struct table_reg){IDT_AT, 0x7ff};
        b->c->tr = (struct segment){SEL_TSS, 0x8b, TSS_AT, 103};
        bench_paging(b);
        cpu_set_cr(b->c, 0, b->c->cr0 | (tries[n].am ? CR0_AM : 0));
        if (tries[n].ring3)
            bench_ring3(b);
        cpu_set_eflags(b->c, tries[n].ac ? FL_AC : 0);
        b->c->reg[REG_ESP] = STACK_AT;
        b->c->reg[REG_ESI] = DATA_AT; /* an aligned read comes first */
        b->c->reg[REG_EBX] = tries[n].offset;
        cr_expect_eq(bench_run(b), tries[n].faults ? VEC_AC : VEC_BP, "try %zu",
                     n);
        if (tries[n].faults)
            cr_expect_eq(peek32(b, b->c->reg[REG_ESP]), 0, "error code");
    }
    bench_free(b);
}
