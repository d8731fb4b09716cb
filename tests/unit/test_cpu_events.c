/* test_cpu_events.c - between instructions: interrupts, shadows, single
 * steps, double and triple faults, deadlines. SDM 3A chapter 6. */
#include "cpu_fixture.h"

/* ------------------------------------------------------- interrupts */

Test(cpu_events, an_interrupt_waits_for_if)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x90, 0xfb, 0x90, 0x90, 0xf4); /* nop; sti; nop; nop; hlt */
    b->c->interrupt_line = true;
    cr_assert_eq(bench_run(b), 0x20);
    /* After the instruction that follows STI (SDM 2B, STI). */
    cr_assert_eq(b->c->last_event.eip, (uint32_t)(CODE_AT + 3));
    cr_assert_eq(b->c->last_event.kind, EVENT_INTERRUPT);
    cr_assert_eq(peek32(b, b->c->reg[REG_ESP]), (uint32_t)(CODE_AT + 3));
    cr_assert_not(b->c->eflags & FL_IF, "an interrupt gate");
    cr_assert_eq(b->acknowledged, 1);
    bench_free(b);
}

Test(cpu_events, sti_with_if_set_shadows_nothing)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0xfb, 0x90, 0xf4);
    cpu_set_eflags(b->c, FL_IF);
    cpu_step(b->c);
    b->c->interrupt_line = true;
    cr_assert_eq(bench_run(b), 0x20);
    cr_assert_eq(b->c->last_event.eip, (uint32_t)(CODE_AT + 1));
    bench_free(b);
}

Test(cpu_events, sti_cli_lets_nothing_in)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0xfb, 0xfa, 0x90, 0xf4); /* sti; cli; nop; hlt */
    b->c->interrupt_line = true;
    cr_assert_eq(bench_run(b), -1);
    bench_free(b);
}

Test(cpu_events, mov_ss_shadows_one_instruction)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x8e, 0xd0, 0x90, 0x90, 0xf4); /* mov ss, ax; nop; nop; hlt */
    b->c->reg[REG_EAX] = SEL_DATA;
    cpu_set_eflags(b->c, FL_IF);
    cpu_step(b->c);
    b->c->interrupt_line = true;
    cr_assert_eq(bench_run(b), 0x20);
    cr_assert_eq(b->c->last_event.eip, (uint32_t)(CODE_AT + 3));
    bench_free(b);
}

Test(cpu_events, a_halt_is_woken)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0xfb, 0xf4, 0x90, 0xf4); /* sti; hlt; nop; hlt */
    cr_assert_eq(bench_run(b), -1);
    cr_assert(b->c->halted);
    b->c->interrupt_line = true;
    cr_assert_eq(bench_run(b), 0x20);
    cr_assert_eq(b->c->last_event.eip, (uint32_t)(CODE_AT + 2));
    bench_free(b);
}

Test(cpu_events, a_halt_with_interrupts_off_stays)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0xf4, 0x90);
    b->c->interrupt_line = true;
    cr_assert_eq(bench_run(b), -1);
    cr_assert_eq(cpu_run(b->c, b->c->cycles + 100), CPU_HALTED);
    cr_assert_eq(cpu_step(b->c), CPU_HALTED);
    bench_free(b);
}

Test(cpu_events, no_second_nmi_before_iret)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x90, 0xf4);
    b->ram[handler(VEC_NMI)] = 0x90; /* nop; iret */
    b->ram[handler(VEC_NMI) + 1] = 0xcf;
    b->c->nmi_line = true;
    cpu_step(b->c);
    cr_assert_eq(b->c->eip, handler(VEC_NMI));
    b->c->nmi_line = true;
    cpu_step(b->c);
    cr_assert_eq(b->c->eip, handler(VEC_NMI) + 1, "it waits");
    cpu_step(b->c); /* IRET */
    cpu_step(b->c);
    cr_assert_eq(b->c->eip, handler(VEC_NMI), "and comes");
    bench_free(b);
}

Test(cpu_events, rep_movs_is_interrupted_between_iterations)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0xf3, 0xa4, 0xf4);    /* rep movsb; hlt */
    b->ram[handler(0x20)] = 0xcf; /* iret */
    for (unsigned n = 0; n < 100; n++)
        b->ram[DATA_AT + n] = (uint8_t)(n + 1);
    b->c->reg[REG_ESI] = DATA_AT;
    b->c->reg[REG_EDI] = DATA_AT + 0x100;
    b->c->reg[REG_ECX] = 100;
    cpu_set_eflags(b->c, FL_IF);
    cr_assert_eq(cpu_run(b->c, b->c->cycles + 40), CPU_DEADLINE);
    cr_assert_eq(b->c->eip, (uint32_t)CODE_AT);
    cr_assert_eq(b->c->reg[REG_ECX], 60);
    cr_assert_eq(b->c->reg[REG_ESI], (uint32_t)(DATA_AT + 40));
    cr_assert_eq(b->c->reg[REG_EDI], (uint32_t)(DATA_AT + 0x128));
    cr_assert_eq(b->ram[DATA_AT + 0x127], 40);
    cr_assert_eq(b->ram[DATA_AT + 0x128], 0);
    b->c->interrupt_line = true;
    cpu_step(b->c);
    cr_assert_eq(peek32(b, b->c->reg[REG_ESP]), (uint32_t)CODE_AT,
                 "it returns to the REP");
    cr_assert_eq(bench_run(b), -1);
    cr_assert_eq(b->c->reg[REG_ECX], 0);
    cr_assert_eq(b->ram[DATA_AT + 0x163], 100);
    bench_free(b);
}

/* ------------------------------------------------------ single steps */

Test(cpu_events, single_step_traps_each_iteration)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0xf3, 0xaa, 0xf4); /* rep stosb */
    b->ram[handler(VEC_DB)] = 0xcf;
    b->c->reg[REG_EDI] = DATA_AT;
    b->c->reg[REG_ECX] = 3;
    cpu_set_eflags(b->c, FL_TF);
    for (uint32_t left = 3; left-- > 0;) {
        cpu_step(b->c);
        cr_assert_eq(b->c->last_event.vector, VEC_DB);
        cr_assert_eq(b->c->eip, handler(VEC_DB));
        cr_assert_eq(b->c->reg[REG_ECX], left);
        cr_assert(b->c->dr[6] & 0x4000, "DR6.BS");
        cpu_step(b->c);
    }
    cr_assert_eq(b->c->eip, (uint32_t)(CODE_AT + 2));
    bench_free(b);
}

Test(cpu_events, no_step_into_a_software_interrupt)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0xcd, 0x30, 0xf4);
    cpu_set_eflags(b->c, FL_TF);
    cr_assert_eq(bench_run(b), 0x30);
    cr_assert_eq(b->c->eip, handler(0x30) + 1);
    bench_free(b);
}

Test(cpu_events, icebp_asks_no_dpl_int1_does)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_ring3(b);
    CODE(b, 0xf1, 0xf4);
    cr_assert_eq(bench_run(b), VEC_DB);
    bench_free(b);
    b = bench_new(CPU_CLASSIC);
    bench_ring3(b);
    CODE(b, 0xcd, 0x01, 0xf4);
    cr_assert_eq(bench_run(b), VEC_GP);
    cr_assert_eq(b->c->last_event.error, 1 * 8 + 2);
    bench_free(b);
}

/* ------------------------------------------------------------ faults */

Test(cpu_events, rf_in_the_image_of_a_fault_alone)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x0f, 0x0b);
    cr_assert_eq(bench_run(b), VEC_UD);
    cr_assert(peek32(b, b->c->reg[REG_ESP] + 8) & FL_RF);
    CODE(b, 0xcd, 0x30);
    bench_again(b);
    cr_assert_eq(bench_run(b), 0x30);
    cr_assert_not(peek32(b, b->c->reg[REG_ESP] + 8) & FL_RF);
    bench_free(b);
}

Test(cpu_events, a_frame_that_does_not_fit_changes_nothing)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_ring3(b);
    CODE(b, 0xcd, 0x30);
    set_gate(b, 0x30, SEL_CODE, handler(0x30), 0xee);
    set_descriptor(b, SEL_OWN, 0, 0xfff, 0x93, 4); /* up to 1000 */
    poke32(b, TSS_AT + 8, SEL_OWN);
    poke32(b, TSS_AT + 4, 0x1010); /* no room for 20 bytes below 1000 */
    /* The #SS(SS) goes the same way, and then nothing is left. */
    cr_assert_eq(bench_run(b), VEC_DF);
    cr_assert(b->c->shutdown);
    cr_assert_eq(b->c->cpl, 3);
    cr_assert_eq(b->c->eip, (uint32_t)CODE_AT);
    cr_assert_eq(b->c->reg[REG_ESP], (uint32_t)STACK_AT);
    cr_assert_eq(b->c->seg[SEG_SS].sel, SEL_DATA3);
    bench_free(b);
}

Test(cpu_events, a_double_fault_pushes_zero_and_the_culprit)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x8e, 0xd8); /* mov ds, ax */
    b->c->reg[REG_EAX] = 0x1000;
    set_gate(b, VEC_GP, SEL_CODE, 0, 0x0e); /* not present */
    cr_assert_eq(bench_run(b), VEC_DF);
    cr_assert_eq(peek32(b, b->c->reg[REG_ESP]), 0);
    cr_assert_eq(peek32(b, b->c->reg[REG_ESP] + 4), (uint32_t)CODE_AT);
    cr_assert(b->c->last_event.has_error);
    bench_free(b);
}

/* SDM 3A table 6-5, each pair: the first by instruction, the second since
 * the first's gate is a null one (#GP) or not present (#NP). */
Test(cpu_events, which_pairs_are_double)
{
    static const struct {
        uint8_t code[2];
        int first;
        bool is_double;
    } pairs[] = {
        {{0xf7, 0xf0}, VEC_DE, true},  {{0x0f, 0x0b}, VEC_UD, false},
        {{0xcc, 0x90}, VEC_BP, false}, {{0x8e, 0xd8}, VEC_GP, true},
        {{0xcd, 0x30}, 0x30, false},
    };
    for (size_t n = 0; n < sizeof pairs / sizeof *pairs; n++) {
        struct bench *b = bench_new(CPU_CLASSIC);
        CODE(b, pairs[n].code[0], pairs[n].code[1]);
        b->c->reg[REG_EAX] = pairs[n].first == VEC_GP ? 0x1000 : 0;
        poke32(b, IDT_AT + 8 * (uint32_t)pairs[n].first + 4, 0x0e00);
        int got = bench_run(b);
        cr_expect_eq(got, pairs[n].is_double ? VEC_DF : VEC_NP, "pair %zu: %d",
                     n, got);
        bench_free(b);
    }
}

Test(cpu_events, a_triple_fault_shuts_down_until_reset)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x0f, 0x0b);
    b->c->idtr.limit = 0;
    b->c->reg[REG_ESI] = 77;
    cr_assert_eq(cpu_run(b->c, 1000), CPU_SHUTDOWN);
    cr_assert_eq(b->c->eip, (uint32_t)CODE_AT, "nothing happened");
    cr_assert_eq(b->c->reg[REG_ESI], 77);
    cr_assert_eq(b->c->last_event.vector, VEC_DF);
    b->c->nmi_line = true;
    cr_assert_eq(cpu_run(b->c, 1000), CPU_SHUTDOWN);
    cr_assert_eq(cpu_step(b->c), CPU_SHUTDOWN);
    cpu_reset(b->c);
    cr_assert_not(b->c->shutdown);
    cr_assert_eq(b->c->eip, 0xfff0);
    cr_assert_eq(b->c->seg[SEG_CS].base, 0xffff0000u);
    bench_free(b);
}

/* #AC on the way to #AC's handler is benign (SDM 3A table 6-5), and comes
 * again for ever: a guest that does it must not keep us. */
Test(cpu_events, an_alignment_check_without_end_shuts_down)
{
    for (int way = 0; way < 2; way++) {
        struct bench *b = bench_new(CPU_CLASSIC);
        bench_paging(b);
        bench_ring3(b);
        cpu_set_cr(b->c, 0, b->c->cr0 | CR0_AM);
        cpu_set_eflags(b->c, FL_AC);
        set_gate(b, VEC_AC, SEL_CODE3, handler(VEC_AC), 0xee);
        b->c->reg[REG_ESP] = STACK_AT - 2;
        CODE(b, 0x50); /* push eax */
        enum cpu_stop why = CPU_DEADLINE;
        for (int n = 0; way && n < 3 && why == CPU_DEADLINE; n++)
            why = cpu_step(b->c);
        if (!way)
            why = cpu_run(b->c, 100000);
        cr_expect_eq(why, CPU_SHUTDOWN);
        cr_expect_eq(b->c->eip, CODE_AT);
        bench_free(b);
    }
}

/* ... and only then: the same fault once more, under way to another's handler
 * or on a later occasion, is a fault like any other. */
Test(cpu_events, a_fault_that_comes_again_later_is_delivered)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    set_gate(b, 0x30, SEL_CODE, handler(0x30), 0x0e); /* not present */
    CODE(b, 0xcd, 0x30);                              /* int 30h */
    for (int n = 0; n < 3; n++) {
        bench_again(b);
        cr_assert_eq(bench_run(b), VEC_NP);
        cr_assert_not(b->c->shutdown);
    }
    bench_free(b);
}

Test(cpu_events, cpu_deliver_pushes_where_it_stands)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    struct event e = {
        .kind = EVENT_FAULT, .vector = VEC_GP, .has_error = true, .error = 24};
    cpu_deliver(b->c, &e);
    cr_assert_eq(b->c->eip, handler(VEC_GP));
    cr_assert_eq(peek32(b, b->c->reg[REG_ESP]), 24);
    cr_assert_eq(peek32(b, b->c->reg[REG_ESP] + 4), (uint32_t)CODE_AT);
    b->c->idtr.limit = 0;
    cpu_deliver(b->c, &e);
    cr_assert(b->c->shutdown);
    bench_free(b);
}

/* --------------------------------------------- the table's trap column */

static void count_silent(void *who, struct cpu *c, const struct insn *in)
{
    struct bench *b = who;
    cr_assert_eq(in->id, I_SMSW_RvMw);
    cr_assert_eq(c->eip, (uint32_t)CODE_AT);
    b->silent++;
}

Test(cpu_events, a_critical_instruction_is_silent_or_traps)
{
    for (int trap = 0; trap < 2; trap++) {
        struct bench *b = bench_new(trap ? CPU_VIRTUALIZABLE : CPU_CLASSIC);
        CODE(b, 0x0f, 0x01, 0xe0, 0xcc); /* smsw eax; int3 */
        set_gate(b, VEC_BP, SEL_CODE, handler(VEC_BP), 0xee);
        bench_ring3(b);
        b->c->trap_sensitive = 1; /* means nothing on the classic one */
        b->hooks.who = b;
        b->hooks.silent = count_silent;
        b->c->hooks = &b->hooks;
        cr_assert_eq(bench_run(b), trap ? VEC_GP : VEC_BP);
        cr_assert_eq(b->silent, trap ? 0 : 1);
        cr_assert_eq(b->c->last_event.eip,
                     (uint32_t)(trap ? CODE_AT : CODE_AT + 3));
        bench_free(b);
    }
}

/* --------------------------------------------------------- exact time */

static const uint8_t sample[] = {
    0xb9, 5,    0,    0,    0,                /* mov ecx, 5 */
    0x01, 0xc8,                               /* l: add eax, ecx */
    0x50, 0x8b, 0x1c, 0x24, 0x5b,             /* push, mov ebx,[esp], pop */
    0xe2, 0xf7,                               /* loop l */
    0xb9, 4,    0,    0,    0,                /* mov ecx, 4 */
    0xbf, 0,    0xa0, 0,    0,    0xf3, 0xaa, /* mov edi; rep stosb */
    0xcd, 0x30, 0x0f, 0x0b,                   /* int 0x30; ud2 */
};

static struct bench *sample_new(void)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    memcpy(b->ram + CODE_AT, sample, sizeof sample);
    b->ram[handler(0x30)] = 0xcf;
    for (int p = 0; p < PRICE_COUNT; p++)
        b->costs.price[p] = 1 + (uint32_t)p % 7;
    return b;
}

/* Every deadline stops at the very instruction that reaches it, as stepping
 * does: blocks change nothing. */
Test(cpu_events, a_deadline_is_exact)
{
    struct bench *s = sample_new();
    while (cpu_step(s->c) == CPU_DEADLINE) {
        struct bench *r = sample_new();
        cr_assert_eq(cpu_run(r->c, s->c->cycles), CPU_DEADLINE);
        cr_assert_eq(r->c->cycles, s->c->cycles);
        cr_assert_eq(r->c->eip, s->c->eip);
        cr_assert_eq(r->c->instructions, s->c->instructions);
        cr_assert(memcmp(r->c->reg, s->c->reg, sizeof r->c->reg) == 0);
        bench_free(r);
    }
    cr_assert_eq(s->c->last_event.vector, VEC_UD);
    bench_free(s);
}

static void stop_at_port(void *wire, uint16_t port, unsigned size,
                         uint32_t value)
{
    (void)port, (void)size, (void)value;
    cpu_stop_soon(((struct bench *)wire)->c);
}

Test(cpu_events, asked_to_stop_it_stops_at_the_next_boundary)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    b->bus.port_out = stop_at_port;
    CODE(b, 0x90, 0xe6, 0x80, 0x90, 0xe6, 0x80, 0x90, 0xf4);
    cr_assert_eq(cpu_run(b->c, 1000), CPU_ASKED);
    cr_assert_eq(b->c->eip, (uint32_t)(CODE_AT + 3));
    cr_assert_eq(cpu_step(b->c), CPU_DEADLINE);
    cr_assert_eq(cpu_step(b->c), CPU_ASKED);
    cr_assert_eq(b->c->eip, (uint32_t)(CODE_AT + 6));
    cr_assert_eq(cpu_run(b->c, 1000), CPU_HALTED);
    bench_free(b);
}

/* ------------------------------------------------------- decoded code */

Test(cpu_events, code_changed_from_outside)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0xb0, 1, 0xf4); /* mov al, 1; hlt */
    bench_run(b);
    cr_assert_eq(b->c->reg[REG_EAX], 1);
    uint8_t two = 2;
    cpu_phys_write(b->c, (mpa_t){CODE_AT + 1}, &two, 1);
    bench_again(b);
    bench_run(b);
    cr_assert_eq(b->c->reg[REG_EAX], 2);
    b->ram[CODE_AT + 1] = 3;
    cpu_frame_changed(b->c, (mpa_t){CODE_AT});
    bench_again(b);
    bench_run(b);
    cr_assert_eq(b->c->reg[REG_EAX], 3);
    bench_free(b);
}

Test(cpu_events, code_that_changes_its_own_block)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    /* mov byte [next + 1], 7; next: mov al, 1; hlt - twice */
    CODE(b, 0xc6, 0x05, (CODE_AT + 8) & 0xff, CODE_AT >> 8, 0, 0, 7, 0xb0, 1,
         0xf4);
    bench_run(b);
    cr_assert_eq(b->c->reg[REG_EAX], 7);
    bench_again(b);
    b->ram[CODE_AT + 6] = 9;
    cpu_frame_changed(b->c, (mpa_t){CODE_AT});
    bench_run(b);
    cr_assert_eq(b->c->reg[REG_EAX], 9);
    bench_free(b);
}

/* -------------------------------------------------------------- hooks */

static void count_access(void *who, struct cpu *c, gva_t at, unsigned size,
                         bool write, uint32_t value)
{
    struct bench *b = who;
    (void)c;
    cr_assert_eq(at.v, (uint32_t)DATA_AT);
    cr_assert_eq(size, 4);
    cr_assert_eq(value, 5);
    write ? b->writes++ : b->reads++;
}

Test(cpu_events, a_memory_hook_sees_each_access_while_attached)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x89, 0x03, 0x8b, 0x03, 0x8b, 0x0b, 0xf4);
    b->c->reg[REG_EBX] = DATA_AT;
    b->c->reg[REG_EAX] = 5;
    b->hooks.who = b;
    b->hooks.memory = count_access;
    bench_run(b);
    for (int n = 0; n < 2; n++) {
        b->c->hooks = n == 0 ? &b->hooks : NULL;
        bench_again(b);
        bench_run(b);
        cr_assert_eq(b->writes, 1);
        cr_assert_eq(b->reads, 2);
    }
    bench_free(b);
}
