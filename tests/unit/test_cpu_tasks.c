/* test_cpu_tasks.c - task switches, where no image can show it: pages that
 * are missing, interrupts and NMIs through task gates, the price. SDM 3A 7. */
#include "cpu_fixture.h"

#define NEW_AT (DATA_AT + 0x1000u) /* the new task's TSS, a page of its own */
#define NEW_CODE 0x2000u

static void jump_to_it(struct bench *b)
{
    CODE(b, 0xea, 0, 0, 0, 0, SEL_OWN, 0, 0xf4);
}

/* A good TSS at SEL_OWN, whose task halts. */
static struct bench *two_tasks(void)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    set_descriptor(b, SEL_OWN, NEW_AT, 103, 0x89, 0);
    poke32(b, NEW_AT + 28, DIR_AT);
    poke32(b, NEW_AT + 32, NEW_CODE);
    poke32(b, NEW_AT + 36, 2);
    poke32(b, NEW_AT + 56, STACK_AT - 0x400);
    for (uint32_t s = 0; s < SEG_COUNT; s++)
        poke32(b, NEW_AT + 72 + 4 * s, s == SEG_CS ? SEL_CODE : SEL_DATA);
    b->ram[NEW_CODE] = 0xf4;
    b->ram[NEW_CODE + 1] = 0xcf;
    b->ram[NEW_CODE + 2] = 0xf4;
    jump_to_it(b);
    return b;
}

static void protect(struct bench *b, uint32_t page, uint32_t bits)
{
    poke32(b, TABLE_AT + (page >> 12) * 4, page | bits);
    cpu_flush_tlb(b->c, true);
}

/* Nothing of the switch has happened. */
static void still_the_old(const struct bench *b, uint32_t cr2)
{
    cr_expect_eq(b->c->last_event.eip, CODE_AT);
    cr_expect_eq(b->c->cr2, cr2, "%x", b->c->cr2);
    cr_expect_eq(b->c->tr.sel, SEL_TSS);
    cr_expect_not(b->c->cr0 & CR0_TS);
    cr_expect_eq(b->c->task_switches, 0);
    cr_expect_eq(b->ram[GDT_AT + SEL_OWN + 5], 0x89, "it is not busy");
    cr_expect_eq(b->ram[GDT_AT + SEL_TSS + 5], 0x8b, "the old one is");
    cr_expect_eq(peek32(b, TSS_AT + 32), 0, "the old state is not saved");
}

Test(cpu_tasks, all_pages_are_asked_for_first)
{
    static const struct {
        uint32_t page, bits, cr2;
    } missing[] = {
        {NEW_AT, 6, NEW_AT},               /* the new TSS is not there */
        {TSS_AT & ~4095u, 5, TSS_AT + 32}, /* the old one is read-only */
        {GDT_AT, 5, GDT_AT + SEL_TSS + 4}, /* so are the busy bits */
    };
    for (size_t n = 0; n < sizeof missing / sizeof *missing; n++) {
        struct bench *b = two_tasks();
        bench_paging(b);
        protect(b, missing[n].page, missing[n].bits);
        cr_expect_eq(bench_run(b), VEC_PF, "%zu", n);
        still_the_old(b, missing[n].cr2);
        bench_free(b);
    }
}

/* JMP does not write the back link, CALL does. */
Test(cpu_tasks, a_call_wants_the_back_link_writable)
{
    for (int call = 0; call < 2; call++) {
        struct bench *b = two_tasks();
        bench_paging(b);
        CODE(b, call ? 0x9a : 0xea, 0, 0, 0, 0, SEL_OWN, 0, 0xf4);
        protect(b, NEW_AT, 5);
        cr_expect_eq(bench_run(b), call ? VEC_PF : -1);
        bench_free(b);
    }
}

Test(cpu_tasks, cr3_comes_along_when_paging_is_on)
{
    for (int paging = 0; paging < 2; paging++) {
        struct bench *b = two_tasks();
        uint32_t other = DIR_AT + 0x3000; /* another directory, alike */
        poke32(b, other, TABLE_AT | 7);
        poke32(b, NEW_AT + 28, other);
        if (paging)
            bench_paging(b);
        cr_assert_eq(bench_run(b), -1);
        cr_assert_eq(b->c->cr3, paging ? other : 0);
        cr_assert(b->c->cr0 & CR0_TS);
        cr_assert_eq(b->c->task_switches, 1);
        bench_free(b);
    }
}

Test(cpu_tasks, a_switch_has_its_price)
{
    struct bench *b = two_tasks();
    b->costs.price[PRICE_task_switch] = 5000;
    cr_assert_eq(bench_run(b), -1);
    cr_assert_geq(b->c->cycles, 5000);
    cr_assert_lt(b->c->cycles, 5100);
    bench_free(b);
}

/* hlt in the new task; then IRET takes up the old one where it was. */
static void there_and_back(struct bench *b, uint8_t vector)
{
    set_gate(b, vector, SEL_OWN, 0, 0x85);
    CODE(b, 0x90, 0x90, 0xf4);
    cr_assert_eq(bench_run(b), vector);
    cr_assert_eq(b->c->tr.sel, SEL_OWN);
    cr_assert_eq(peek32(b, NEW_AT) & 0xffff, SEL_TSS, "the back link");
    cr_assert(b->c->eflags & FL_NT);
    b->c->halted = false;
}

Test(cpu_tasks, an_interrupt_through_a_task_gate)
{
    struct bench *b = two_tasks();
    cpu_set_eflags(b->c, FL_IF);
    b->c->interrupt_line = true;
    there_and_back(b, 0x20);
    cr_assert_not(b->c->eflags & FL_IF, "as its TSS says");
    cr_assert_eq(bench_run(b), -1);
    cr_assert_eq(b->c->tr.sel, SEL_TSS);
    cr_assert_eq(b->c->eip, CODE_AT + 3);
    cr_assert(b->c->eflags & FL_IF);
    bench_free(b);
}

/* SDM 3A 6.7.1: no other NMI until IRET. */
Test(cpu_tasks, an_nmi_through_a_task_gate_blocks_others)
{
    struct bench *b = two_tasks();
    b->c->nmi_line = true;
    there_and_back(b, VEC_NMI);
    b->c->nmi_line = true;
    cr_assert_eq(cpu_step(b->c), CPU_DEADLINE);
    cr_assert_eq(b->c->tr.sel, SEL_TSS, "the IRET has run");
    cr_assert_eq(bench_run(b), VEC_NMI);
    bench_free(b);
}

/* SDM 1 19.5.2: the new task's bitmap counts. */
Test(cpu_tasks, each_task_has_its_ports)
{
    static const uint8_t in[] = {0xe4, 0x40, 0xe4, 0x80, 0xf4};
    struct bench *b = two_tasks();
    set_descriptor(b, SEL_OWN, NEW_AT, 103 + 0x20, 0x89, 0);
    poke32(b, NEW_AT + 100, 104 << 16); /* ports 0 to 7f are open */
    memset(b->ram + NEW_AT + 104 + 16, 0xff, 16);
    for (uint32_t s = 0; s < SEG_COUNT; s++)
        poke32(b, NEW_AT + 72 + 4 * s, s == SEG_CS ? SEL_CODE3 : SEL_DATA3);
    poke32(b, NEW_AT + 4, STACK_AT);
    poke32(b, NEW_AT + 8, SEL_DATA);
    memcpy(b->ram + NEW_CODE, in, sizeof in);
    cr_assert_eq(bench_run(b), VEC_GP);
    cr_assert_eq(b->c->last_event.eip, NEW_CODE + 2);
    bench_free(b);
}
