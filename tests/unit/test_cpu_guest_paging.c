/* test_cpu_guest_paging.c - a guest's memory: entries of the TLB that are
 * another guest's, and the walk in two dimensions. APM volume 2, 15.16 and
 * 15.25. */
#include "guest_mode_fixture.h"

enum {
    PAGE_A = 0x40000, /* the linear page that is read */
    PTE_OF_A = GTABLE_AT + PAGE_A / 4096 * 4,
    NPTE_OF_A = NTABLE_AT + PAGE_A / 4096 * 4,
    FINAL = 1, /* in EXITINFO1's upper half: bits 32 */
    TABLE = 2, /* and 33 */
};

/* ---------------------------------------------- address-space identifiers */

/* What the guest with this identifier reads at PAGE_A. */
static uint32_t read_as(struct bench *b, uint32_t asid, uint32_t tlb_control)
{
    vmcb_poke(b, 0x58, asid);
    vmcb_poke(b, 0x5c, tlb_control);
    b->c->reg[REG_EBX] = PAGE_A;
    cr_assert_eq(guest_run(b), 0x78);
    return vmcb_word(b, 0x5f8);
}

/* PAGE_A has been read as the first guest, and then been moved to a page that
 * says 2: nothing has told the TLB. */
static struct bench *stale(void)
{
    struct bench *b = guest_new();
    guest_paging(b);
    GUEST(b, 0x8b, 0x03, 0xf4); /* mov eax, [ebx] */
    poke32(b, PAGE_A, 1);
    poke32(b, PAGE_A + 0x1000, 2);
    cr_assert_eq(read_as(b, 1, 0), 1);
    poke32(b, PTE_OF_A, (PAGE_A + 0x1000) | 7);
    cr_assert_eq(read_as(b, 1, 0), 1, "its entry stays over #VMEXIT");
    return b;
}

Test(cpu_guest_paging, an_entry_of_another_guest_is_not_used)
{
    struct bench *b = stale();
    cr_assert_eq(read_as(b, 2, 0), 2);
    bench_free(b);
}

Test(cpu_guest_paging, vmrun_flushes_one_guests_entries)
{
    struct bench *b = stale();
    cr_assert_eq(read_as(b, 1, 3), 2);
    bench_free(b);
}

/* The second guest runs in between, and does not read. */
static uint32_t after_a_visit(struct bench *b, uint32_t tlb_control)
{
    GUEST(b, 0x90, 0x90, 0xf4);
    read_as(b, 2, tlb_control);
    GUEST(b, 0x8b, 0x03, 0xf4);
    return read_as(b, 1, 0);
}

Test(cpu_guest_paging,
     tlb_control_1_flushes_all_guests_3_only_the_one_that_runs)
{
    struct bench *b = stale();
    cr_assert_eq(after_a_visit(b, 0), 1);
    cr_assert_eq(after_a_visit(b, 3), 1);
    cr_assert_eq(after_a_visit(b, 1), 2);
    bench_free(b);
}

Test(cpu_guest_paging, invlpga_drops_a_page_of_the_guest_it_names)
{
    struct bench *b = stale();
    cpu_flush_guest_page(b->c, (gva_t){PAGE_A}, 2);
    cr_assert_eq(read_as(b, 1, 0), 1);
    cpu_flush_guest_page(b->c, (gva_t){PAGE_A}, 1);
    cr_assert_eq(read_as(b, 1, 0), 2);
    bench_free(b);
}

/* ------------------------------------------------------------ nested walks */

/* References to memory that the walks of this instruction take. */
static unsigned references(struct bench *b)
{
    uint64_t start = b->c->cycles;
    cpu_step(b->c);
    return (unsigned)((b->c->cycles - start) / 1000);
}

/* In the guest, behind a NOP, so that its code's page is in the TLB. */
static struct bench *inside(bool nested)
{
    struct bench *b = guest_new();
    if (nested)
        guest_nested(b);
    else
        guest_paging(b);
    GUEST(b, 0x90, 0x8b, 0x03, 0x8b, 0x03, 0x89, 0x03, 0xf4);
    b->costs.price[PRICE_walk_ref] = 1000;
    b->c->reg[REG_EBX] = PAGE_A;
    host_again(b);
    cpu_step(b->c); /* vmrun */
    cpu_step(b->c); /* nop */
    return b;
}

Test(cpu_guest_paging, a_walk_of_two_levels_by_two_takes_eight_references)
{
    struct bench *b = inside(false);
    cr_assert_eq(references(b), 2, "without nested paging");
    bench_free(b);
    b = inside(true);
    cr_assert_eq(references(b), 8, "a miss");
    cr_assert_eq(references(b), 0, "a hit");
    bench_free(b);
}

/* Accesses to the guest's page tables are writes to the nested ones. */
Test(cpu_guest_paging, nested_entries_get_a_and_d)
{
    struct bench *b = inside(true);
    const uint32_t a = PTE_A, ad = PTE_A | PTE_D;
    cpu_step(b->c); /* mov eax, [ebx] */
    cr_assert(peek32(b, NDIR_AT) & PTE_A);
    cr_assert_eq(peek32(b, NTABLE_AT + (GDIR_AT >> 10)) & ad, ad);
    cr_assert_eq(peek32(b, NTABLE_AT + (GTABLE_AT >> 10)) & ad, ad);
    cr_assert_eq(peek32(b, NPTE_OF_A) & ad, a, "a read");
    cr_assert_eq(peek32(b, PTE_OF_A) & ad, a, "the guest's own");
    cpu_step(b->c);
    cpu_step(b->c); /* mov [ebx], eax */
    cr_assert_eq(peek32(b, NPTE_OF_A) & ad, ad, "a write");
    cr_assert_eq(peek32(b, PTE_OF_A) & ad, ad);
    bench_free(b);
}

/* ----------------------------------------------------------- nested faults */

static void nested_exit(struct bench *b, uint32_t error, uint32_t where,
                        uint32_t at)
{
    b->c->reg[REG_EBX] = PAGE_A + 0x123;
    cr_assert_eq(guest_run(b), 0x400);
    cr_assert_eq(vmcb_word(b, 0x78), error);
    cr_assert_eq(vmcb_word(b, 0x7c), where);
    cr_assert_eq(vmcb_word(b, 0x80), at);
    cr_assert_eq(guest_eip(b), GUEST_AT, "it can be run again");
}

Test(cpu_guest_paging, a_nested_fault_tells_the_access_and_the_address)
{
    struct bench *b = guest_new();
    guest_nested(b);
    poke32(b, NPTE_OF_A, 0);
    GUEST(b, 0x8b, 0x03, 0xf4); /* mov eax, [ebx] */
    nested_exit(b, PF_U, FINAL, PAGE_A + 0x123);
    GUEST(b, 0x89, 0x03, 0xf4); /* mov [ebx], eax */
    nested_exit(b, PF_U | PF_W, FINAL, PAGE_A + 0x123);
    poke32(b, NPTE_OF_A, PAGE_A | 5);
    nested_exit(b, PF_U | PF_W | PF_P, FINAL, PAGE_A + 0x123);
    GUEST(b, 0x8b, 0x03, 0xf4);
    cr_assert_eq(guest_run(b), 0x78, "it may be read");
    bench_free(b);
}

Test(cpu_guest_paging, a_nested_page_of_the_supervisor_is_not_the_guests)
{
    struct bench *b = guest_new();
    guest_nested(b);
    poke32(b, NPTE_OF_A, PAGE_A | 3);
    GUEST(b, 0x8b, 0x03, 0xf4);
    nested_exit(b, PF_U | PF_P, FINAL, PAGE_A + 0x123);
    bench_free(b);
}

Test(cpu_guest_paging, a_nested_fault_of_a_table_names_the_entry)
{
    struct bench *b = guest_new();
    guest_nested(b);
    poke32(b, GDIR_AT + 4, 0x32000 | 7); /* 4 MiB on: a table of its own */
    poke32(b, NTABLE_AT + 0x32 * 4, 0);
    GUEST(b, 0x8b, 0x83, 0, 0, 0x40, 0, 0xf4); /* mov eax, [ebx + 4 MiB] */
    nested_exit(b, PF_U | PF_W, TABLE, 0x32000 + PAGE_A / 4096 * 4);
    poke32(b, NTABLE_AT + 0x32 * 4, 0x32000 | 5);
    nested_exit(b, PF_U | PF_W | PF_P, TABLE, 0x32000 + PAGE_A / 4096 * 4);
    bench_free(b);
}

/* The guest's tables come first: what they refuse is its own #PF. */
Test(cpu_guest_paging, what_the_guests_tables_refuse_is_no_nested_fault)
{
    struct bench *b = guest_new();
    guest_nested(b);
    poke32(b, PTE_OF_A, 0);
    poke32(b, NPTE_OF_A, 0);
    GUEST(b, 0x8b, 0x03, 0xf4);
    b->c->reg[REG_EBX] = PAGE_A;
    cr_assert_eq(guest_run(b), 0x78);
    cr_assert_eq(guest_eip(b), handler(VEC_PF));
    cr_assert_eq(vmcb_word(b, 0x640), PAGE_A);
    bench_free(b);
}
