/* test_cpu_paging.c - the TLB as software sees it: what stays, what goes, and
 * what a miss costs. SDM 3A 4.10. What paging permits is in tests/cpu. */
#include "cpu_fixture.h"

enum {
    READ_EBX = 0x8b, /* 8B 03: mov eax, [ebx] */
    WRITE_EBX = 0x89 /* 89 03: mov [ebx], eax */
};

/* One access at `at` and a halt; the event's vector or -1. */
static int access_at(struct bench *b, uint8_t opcode, uint32_t at)
{
    CODE(b, opcode, 0x03, 0xf4);
    bench_again(b);
    b->c->cpl = 0;
    b->c->reg[REG_ESP] = STACK_AT;
    b->c->seg[SEG_CS].sel = SEL_CODE;
    b->c->reg[REG_EBX] = at;
    return bench_run(b);
}

static void set_pte(struct bench *b, uint32_t linear, uint32_t entry)
{
    poke32(b, TABLE_AT + (linear >> 12) * 4, entry);
}

Test(cpu_paging, a_stale_entry_stays_until_invlpg)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    cr_assert_eq(access_at(b, READ_EBX, 0x20000), -1);
    set_pte(b, 0x20000, 0);
    cr_assert_eq(access_at(b, READ_EBX, 0x20000), -1, "it was cached");
    cpu_flush_page(b->c, (gva_t){0x21000});
    cr_assert_eq(access_at(b, READ_EBX, 0x20000), -1, "another page's flush");
    cpu_flush_page(b->c, (gva_t){0x20fff});
    cr_assert_eq(access_at(b, READ_EBX, 0x20000), VEC_PF);
    cr_assert_eq(b->c->cr2, 0x20000);
    bench_free(b);
}

Test(cpu_paging, invlpg_the_instruction_does_the_same)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    cr_assert_eq(access_at(b, READ_EBX, 0x20000), -1);
    set_pte(b, 0x20000, 0);
    CODE(b, 0x0f, 0x01, 0x3b, 0x8b, 0x03); /* invlpg [ebx]; mov eax, [ebx] */
    bench_again(b);
    cr_assert_eq(bench_run(b), VEC_PF);
    bench_free(b);
}

Test(cpu_paging, cr3_drops_all_but_global_pages)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    set_pte(b, 0x20000, 0x20000 | 7);
    set_pte(b, 0x30000, 0x30000 | 7 | PTE_G);
    access_at(b, READ_EBX, 0x20000);
    access_at(b, READ_EBX, 0x30000);
    set_pte(b, 0x20000, 0);
    set_pte(b, 0x30000, 0);
    cpu_set_cr(b->c, 3, DIR_AT);
    cr_assert_eq(access_at(b, READ_EBX, 0x20000), VEC_PF);
    cr_assert_eq(access_at(b, READ_EBX, 0x30000), -1, "global: it stays");
    cpu_set_cr(b->c, 3, DIR_AT);
    cr_assert_eq(access_at(b, READ_EBX, 0x30000), -1, "and again");
    cpu_set_cr(b->c, 4, CR4_PSE);
    cr_assert_eq(access_at(b, READ_EBX, 0x30000), VEC_PF, "PGE changed");
    bench_free(b);
}

Test(cpu_paging, invlpg_drops_a_global_page)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    set_pte(b, 0x30000, 0x30000 | 7 | PTE_G);
    access_at(b, READ_EBX, 0x30000);
    set_pte(b, 0x30000, 0);
    cpu_flush_page(b->c, (gva_t){0x30000});
    cr_assert_eq(access_at(b, READ_EBX, 0x30000), VEC_PF);
    bench_free(b);
}

/* SDM 2A, IRET: EIP is the first word that it pops. */
Test(cpu_paging, iret_faults_at_its_frames_first_word)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    set_pte(b, 0x20000, 0);
    CODE(b, 0xcf);
    bench_again(b);
    b->c->cpl = 0;
    b->c->seg[SEG_CS].sel = SEL_CODE;
    b->c->reg[REG_ESP] = 0x20000;
    cr_assert_eq(bench_run(b), VEC_PF);
    cr_assert_eq(b->c->cr2, 0x20000);
    bench_free(b);
}

Test(cpu_paging, every_piece_of_a_large_page_goes)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    poke32(b, DIR_AT + 4, 0x87); /* 4 MiB to 0 and on */
    cr_assert_eq(access_at(b, READ_EBX, 0x420000), -1);
    cr_assert_eq(access_at(b, READ_EBX, 0x450000), -1);
    poke32(b, DIR_AT + 4, 0);
    cpu_flush_page(b->c, (gva_t){0x410000});
    cr_assert_eq(access_at(b, READ_EBX, 0x420000), VEC_PF);
    cr_assert_eq(access_at(b, READ_EBX, 0x450000), VEC_PF);
    bench_free(b);
}

Test(cpu_paging, slots_that_collide_take_turns)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    poke32(b, DIR_AT + 4, TABLE_AT | 7); /* 4 MiB on: the same slots */
    poke32(b, 0x20000, 11);
    for (int n = 0; n < 4; n++) {
        access_at(b, READ_EBX, n % 2 ? 0x20000 : 0x420000);
        cr_assert_eq(b->c->reg[REG_EAX], 11);
    }
    for (int n = 0; n < 3000; n++) /* the list of used slots stays bounded */
        cpu_flush_page(b->c, (gva_t){0x20000}), access_at(b, READ_EBX, 0x20000);
    cr_assert_leq(b->c->tlb->used_count, TLB_SIZE);
    bench_free(b);
}

/* What this access costs in walk references, the instruction aside. */
static unsigned references(struct bench *b, uint8_t opcode, uint32_t at)
{
    CODE(b, opcode, 0x03, 0xf4);
    bench_again(b);
    b->c->reg[REG_EBX] = at;
    uint64_t start = b->c->cycles;
    b->costs.price[PRICE_walk_ref] = 1000;
    cpu_step(b->c);
    return (unsigned)((b->c->cycles - start) / 1000);
}

Test(cpu_paging, a_miss_costs_its_references)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    poke32(b, DIR_AT + 4, 0x87);
    references(b, READ_EBX, 0x20000); /* the code's own page */
    cr_assert_eq(references(b, READ_EBX, 0x21000), 2, "a miss");
    cr_assert_eq(references(b, READ_EBX, 0x21004), 0, "a hit");
    cr_assert_eq(references(b, WRITE_EBX, 0x21004), 2, "the first write: D");
    cr_assert_eq(references(b, WRITE_EBX, 0x21008), 0, "the second");
    cr_assert_eq(references(b, READ_EBX, 0x422000), 1, "a large page");
    cr_assert_eq(references(b, WRITE_EBX, 0x1000), 2, "the code's page: D");
    cr_assert_eq(references(b, WRITE_EBX, 0x1800), 0, "code there or not");
    bench_free(b);
}

Test(cpu_paging, no_memory_no_tag)
{
    /* A frame that is no memory is cached as an entry, never as an address. */
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    set_pte(b, 0x20000, 0x80000000 | 7);
    references(b, READ_EBX, 0x21000);
    cr_assert_eq(references(b, READ_EBX, 0x20000), 2);
    cr_assert_eq(b->c->reg[REG_EAX], UINT32_MAX);
    cr_assert_eq(references(b, READ_EBX, 0x20000), 0);
    cr_assert_eq(b->c->reg[REG_EAX], UINT32_MAX);
    bench_free(b);
}

Test(cpu_paging, a_walk_for_debuggers_leaves_no_trace)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    uint64_t cycles = b->c->cycles;
    struct walk w = cpu_walk(b->c, (gva_t){0x20123}, ACCESS_WRITE, true);
    cr_assert(w.ok);
    cr_assert_eq(w.frame.v, 0x20123);
    cr_assert_eq(w.references, 2);
    cr_assert_eq(peek32(b, DIR_AT), (uint32_t)(TABLE_AT | 7));
    cr_assert_eq(peek32(b, TABLE_AT + 0x80), 0x20007u);
    uint32_t value = 0;
    poke32(b, 0x20123, 77);
    cr_assert_eq(cpu_peek(b->c, (gva_t){0x20123}, &value, 4), 4);
    cr_assert_eq(value, 77);
    set_pte(b, 0x21000, 0);
    cr_assert_eq(cpu_peek(b->c, (gva_t){0x20ffe}, &value, 4), 2);
    cr_assert_eq(b->c->cycles, cycles);
    bench_free(b);
}

Test(cpu_paging, control_registers_refuse)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    uint32_t cr0 = b->c->cr0;
    cr_assert_eq(cpu_set_cr(b->c, 0, CR0_PG), VEC_GP, "PG without PE");
    cr_assert_eq(cpu_set_cr(b->c, 0, CR0_PE | CR0_NW), VEC_GP, "NW alone");
    cr_assert_eq(b->c->cr0, cr0);
    cr_assert_eq(cpu_set_cr(b->c, 4, CR4_MCE), VEC_GP, "no machine check");
    b->c->hidden_features = FEATURE_PAE;
    cr_assert_eq(cpu_set_cr(b->c, 4, CR4_PAE), VEC_GP, "no PAE offered");
    cr_assert_eq(cpu_set_cr(b->c, 4, 0x80000000), VEC_GP);
    cr_assert_eq(b->c->cr4, 0);
    bench_free(b);
}
