/* test_cpu_debug.c - breakpoints and #DB, where no image can show it: the
 * cost of none, order among events, RF between iterations. SDM 3B 17. */
#include "cpu_fixture.h"

#define ON_WRITE 0xd0002u /* DR7: breakpoint 0, a write of 4 bytes */
#define ON_FETCH 0x00002u

static uint32_t pushed_flags(const struct bench *b)
{
    return peek32(b, b->c->reg[REG_ESP] + 8);
}

Test(cpu_debug, a_step_wakes_a_halt)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0xf4, 0xf4);
    cpu_set_eflags(b->c, FL_TF);
    cr_assert_eq(bench_run(b), VEC_DB);
    cr_assert_eq(b->c->last_event.kind, EVENT_TRAP);
    cr_assert_eq(b->c->last_event.eip, CODE_AT);
    cr_assert_eq(peek32(b, b->c->reg[REG_ESP]), CODE_AT + 1);
    bench_free(b);
}

/* Table 6-2: traps of the last instruction come before interrupts. */
Test(cpu_debug, a_data_trap_comes_before_an_interrupt)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0xfb, 0xa3, 0, 0xa0, 0, 0, 0xf4); /* sti; mov [a000], eax; hlt */
    cpu_set_dr(b->c, 0, DATA_AT);
    cpu_set_dr(b->c, 7, ON_WRITE);
    b->c->interrupt_line = true;
    cr_assert_eq(bench_run(b), VEC_DB);
    cr_assert_eq(b->acknowledged, 0);
    cr_assert_eq(b->c->dr[6], 0xffff0ff1);
    bench_free(b);
}

/* ... and interrupts before a breakpoint on the next instruction. */
Test(cpu_debug, an_interrupt_comes_before_an_instruction_breakpoint)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x90, 0xf4);
    cpu_set_dr(b->c, 0, CODE_AT);
    cpu_set_dr(b->c, 7, ON_FETCH);
    cpu_set_eflags(b->c, FL_IF);
    b->c->interrupt_line = true;
    cr_assert_eq(bench_run(b), 0x20);
    cr_assert_eq(b->c->dr[6], 0xffff0ff0);
    bench_free(b);
}

/* 17.3.1.1: the image of an interrupt between iterations has RF. */
Test(cpu_debug, an_interrupted_rep_has_rf)
{
    for (int last = 0; last < 2; last++) {
        struct bench *b = bench_new(CPU_CLASSIC);
        CODE(b, 0xf3, 0xa4, 0x90, 0xf4); /* rep movsb; nop; hlt */
        b->c->reg[REG_ECX] = last ? 2 : 1000;
        b->c->reg[REG_ESI] = DATA_AT;
        b->c->reg[REG_EDI] = DATA_AT + 2000;
        cpu_set_eflags(b->c, FL_IF);
        cpu_step(b->c);
        cpu_step(b->c);
        b->c->interrupt_line = true;
        cr_assert_eq(bench_run(b), 0x20);
        cr_assert_eq(!(pushed_flags(b) & FL_RF), last);
        bench_free(b);
    }
}

/* The same in the way that runs blocks, which stops at a deadline. */
Test(cpu_debug, a_rep_that_a_deadline_cuts_has_rf)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0xf3, 0xa4, 0x90, 0xf4);
    b->c->reg[REG_ECX] = 1000;
    b->c->reg[REG_ESI] = DATA_AT;
    b->c->reg[REG_EDI] = DATA_AT + 2000;
    cpu_set_eflags(b->c, FL_IF);
    cpu_run(b->c, b->c->cycles + 100);
    cr_assert_gt(b->c->reg[REG_ECX], 0);
    b->c->interrupt_line = true;
    cr_assert_eq(bench_run(b), 0x20);
    cr_assert(pushed_flags(b) & FL_RF);
    bench_free(b);
}

/* How often was the bus asked where memory is, for 1000 reads? */
static unsigned asked(struct bench *b)
{
    unsigned before = b->frame_asked;
    cpu_run(b->c, b->c->cycles + 2000);
    return b->frame_asked - before;
}

Test(cpu_debug, a_breakpoint_that_is_not_armed_costs_nothing)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0xa1, 0, 0xa0, 0, 0, 0xeb, 0xf9); /* mov eax, [a000]; jmp $-5 */
    cpu_set_dr(b->c, 0, DATA_AT + 64);
    asked(b); /* the first fills the TLB */
    cr_assert_eq(asked(b), 0);
    cpu_set_dr(b->c, 7, 0xd0000);
    cr_assert_eq(asked(b), 0);
    cpu_set_dr(b->c, 7, ON_WRITE);
    cr_assert_gt(asked(b), 100, "every access is looked at");
    cpu_set_dr(b->c, 7, 0);
    asked(b);
    cr_assert_eq(asked(b), 0);
    bench_free(b);
}

/* An instruction that somebody else did, as a monitor does. */
Test(cpu_debug, retire_ends_an_instruction)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    struct insn nop;
    CODE(b, 0x90, 0xf4);
    cr_assert_eq(cpu_decode(b->ram + CODE_AT, 15, true, &nop), DECODE_OK);
    cpu_set_eflags(b->c, FL_RF);
    cpu_retire(b->c, &nop);
    cr_assert_eq(b->c->eip, CODE_AT + 1);
    cr_assert_not(b->c->eflags & FL_RF);
    bench_again(b);
    cpu_set_eflags(b->c, FL_TF);
    cpu_retire(b->c, &nop);
    cr_assert_eq(b->c->eip, handler(VEC_DB));
    cr_assert_eq(b->c->dr[6], 0xffff4ff0);
    bench_free(b);
}

/* A reset arms nothing. */
Test(cpu_debug, a_reset_forgets_breakpoints)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    cpu_set_dr(b->c, 0, CODE_AT);
    cpu_set_dr(b->c, 7, ON_FETCH);
    cpu_reset_flat32(b->c, CODE_AT);
    CODE(b, 0x90, 0xf4);
    cr_assert_eq(bench_run(b), -1);
    cr_assert_eq(b->c->dr[7], 0x400);
    bench_free(b);
}
