/*
 * Shadow page tables from outside: which exits a guest's accesses take, and
 * that they take no more. After every exit the audit has looked at all
 * shadows (full_vm.h).
 */
#include "full_vm.h"

/*
 * Makes page tables at 0x200000 (directory) and 0x201000 (4 MiB as they are,
 * entries 7), and turns paging on; then comes the test's code.
 */
#define PAGING                                                                \
    0xbf, LE32(0x201000u), 0xb8, LE32(7u), 0xb9, LE32(1024u), /* mov edi.. */ \
        0xab, 0x05, LE32(4096u), 0xe2, 0xf8, /* stosd; add eax; loop */       \
        0xc7, 0x05, LE32(0x200000u), LE32(0x201007u), /* mov [dir], */        \
        0xb8, LE32(0x200000u), 0x0f, 0x22, 0xd8,      /* mov cr3, eax */      \
        0x0f, 0x20, 0xc0, 0x0d, LE32(0x80010000u),    /* or eax, PG | WP */   \
        0x0f, 0x22, 0xc0

#define READ(at) 0xa1, LE32(at)                    /* mov eax, [at] */
#define WRITE(at) 0xa3, LE32(at)                   /* mov [at], eax */
#define STORE(at, v) 0xc7, 0x05, LE32(at), LE32(v) /* mov [at], v */
#define PTE(page) (0x201000u + (page)*4)

/* Count exits between two reads of a marker port that the guest makes. */
#define MARK 0xe4, 0x61 /* in al, 0x61 */

static void run_marked(struct full_vm *f, unsigned by_reason[EXIT_COUNT])
{
    bool within = false;
    cr_assert_eq(full_run(f), STOP_ALL_ENDED);
    cr_assert_eq(vm_state(f->v), VM_EXITED, "%s", vm_why(f->v));
    memset(by_reason, 0, EXIT_COUNT * sizeof *by_reason);
    for (unsigned i = 0; i < f->exits; i++) {
        const struct exit_record *x = &f->seen[i];
        if (x->reason == EXIT_io && x->detail == 0x61) {
            within = !within;
        } else if (within) {
            by_reason[x->reason]++;
        }
    }
}

Test(full_shadow, a_page_is_filled_once_for_reads_and_once_for_the_write)
{
    struct full_vm f;
    unsigned n[EXIT_COUNT];
    FULL_OPEN(&f, "full", PAGING, MARK, READ(0x310000u), READ(0x310000u),
              WRITE(0x310000u), WRITE(0x310004u), READ(0x310008u), MARK,
              OUT_EXIT);
    run_marked(&f, n);
    cr_assert_eq(n[EXIT_shadow_fill], 2);
    cr_assert_eq(full_word(&f, PTE(0x310)), 0x310067);
    monitor_free(f.m);
}

Test(full_shadow, a_write_first_is_one_fill)
{
    struct full_vm f;
    unsigned n[EXIT_COUNT];
    FULL_OPEN(&f, "full", PAGING, MARK, WRITE(0x310000u), READ(0x310000u), MARK,
              OUT_EXIT);
    run_marked(&f, n);
    cr_assert_eq(n[EXIT_shadow_fill], 1);
    for (unsigned i = 0; i < f.exits; i++) {
        cr_assert(f.seen[i].reason != EXIT_shadow_fill ||
                      f.seen[i].disposition == DISPOSITION_shadow_fill,
                  "%s", f.seen[i].note);
    }
    monitor_free(f.m);
}

/* With A and D there already, the new entry is in the shadow at once. */
Test(full_shadow, a_traced_write_of_a_ready_entry_needs_no_fill)
{
    struct full_vm f;
    unsigned n[EXIT_COUNT];
    FULL_OPEN(&f, "full", PAGING, STORE(PTE(0x310), 0), MARK,
              STORE(PTE(0x310), 0x320067u), WRITE(0x310000u), MARK, OUT_EXIT);
    run_marked(&f, n);
    cr_assert_eq(n[EXIT_pt_write], 1);
    cr_assert_eq(n[EXIT_shadow_fill], 0);
    const struct exit_record *x = full_exit(&f, EXIT_pt_write);
    cr_assert_eq(x->disposition, DISPOSITION_traced_write);
    cr_assert_str_eq(x->note, "PTE at 00201c40: 0x310007 -> 0x0");
    cr_assert_eq(x->insn.id, I_MOV_Ev_Iz);
    monitor_free(f.m);
}

/* What was read is in the TLB, until INVLPG; then the new frame is read. */
Test(full_shadow, invlpg_brings_the_new_translation)
{
    struct full_vm f;
    FULL_OPEN(&f, "full", STORE(0x310000u, 0x31), STORE(0x320000u, 0x32),
              PAGING, READ(0x310000u), STORE(PTE(0x310), 0x320067u), 0x0f, 0x01,
              0x3d, LE32(0x310000u), READ(0x310000u), WRITE(0x2000u), OUT_EXIT);
    cr_assert_eq(full_run(&f), STOP_ALL_ENDED);
    cr_assert_eq(full_word(&f, 0x2000), 0x32);
    cr_assert_eq(full_count(&f, EXIT_invlpg), 1);
    monitor_free(f.m);
}

/* The shadows of an address space are kept while it is away. */
Test(full_shadow, coming_back_to_a_cr3_refills_nothing)
{
    struct full_vm f;
    unsigned n[EXIT_COUNT];
    FULL_OPEN(&f, "full", PAGING, STORE(0x202000u, 0x201007u), WRITE(0x310000u),
              0xbb, LE32(0x202000u), 0x0f, 0x22, 0xdb, /* cr3: the other */
              WRITE(0x310000u), 0xb8, LE32(0x200000u), 0x0f, 0x22, 0xd8, MARK,
              WRITE(0x310000u), 0x0f, 0x22, 0xdb, WRITE(0x310000u), MARK,
              OUT_EXIT);
    run_marked(&f, n);
    cr_assert_eq(n[EXIT_shadow_fill], 0);
    cr_assert_eq(n[EXIT_cr3], 1);
    monitor_free(f.m);
}

/* A directory that no one uses any more is only memory. */
Test(full_shadow, a_page_that_is_no_table_is_written_at_full_speed)
{
    struct full_vm f;
    unsigned n[EXIT_COUNT];
    FULL_OPEN(&f, "full", PAGING, STORE(0x202000u, 0x201007u), 0xbb,
              LE32(0x202000u), 0x0f, 0x22, 0xdb, 0xb8, LE32(0x200000u), 0x0f,
              0x22, 0xd8, MARK, WRITE(0x202000u), WRITE(0x202004u),
              WRITE(0x202008u), MARK, OUT_EXIT);
    run_marked(&f, n);
    cr_assert_eq(n[EXIT_pt_write], 0);
    cr_assert_eq(n[EXIT_shadow_fill], 1, "the right to write comes back");
    monitor_free(f.m);
}

Test(full_shadow, an_innocuous_loop_takes_no_exit)
{
    struct full_vm f;
    unsigned n[EXIT_COUNT], sum = 0;
    /* mov ecx, 100000; inc dword [0x310000]; loop */
    FULL_OPEN(&f, "full", PAGING, WRITE(0x310000u), 0xb9, LE32(100000u), MARK,
              0xff, 0x05, LE32(0x310000u), 0xe2, 0xf8, MARK, OUT_EXIT);
    run_marked(&f, n);
    for (int i = 0; i < EXIT_COUNT; i++) {
        sum += n[i];
    }
    cr_assert_eq(sum, full_count(&f, EXIT_interrupt));
    cr_assert_leq(sum, 1, "but for the timer");
    monitor_free(f.m);
}

/* A large page is filled piece by piece: mov eax, cr4; or al, PSE; ... */
Test(full_shadow, a_large_page_is_filled_by_small_pieces)
{
    struct full_vm f;
    unsigned n[EXIT_COUNT];
    FULL_OPEN(&f, "full", 0x0f, 0x20, 0xe0, 0x0c, 0x10, 0x0f, 0x22, 0xe0,
              PAGING, STORE(0x200004u, 0x83u), MARK, WRITE(0x710000u),
              READ(0x710004u), READ(0x711000u), WRITE(0x711000u), MARK,
              OUT_EXIT);
    run_marked(&f, n);
    cr_assert_eq(n[EXIT_shadow_fill], 2);
    cr_assert_eq(full_word(&f, 0x200004), 0xe3);
    monitor_free(f.m);
}

/*
 * More page tables than the pool has: a directory of 2000 address spaces,
 * each with a page of its own to look at. All goes, and comes again.
 *
 *     mov ebp, 3; mov ecx, 700; mov ebx, 0x210000
 *     l: mov dword [ebx], 0x201007; mov cr3, ebx; add ebx, 4096; inc [0x310000]
 *     loop l; dec ebp; jnz again
 */
Test(full_shadow, a_pool_that_is_used_up_is_begun_anew)
{
    struct full_vm f;
    FULL_OPEN(&f, "full", PAGING, 0x31, 0xc0, WRITE(0x8000u), 0xbd, LE32(2u),
              0xb9, LE32(700u), 0xbb, LE32(0x10000u), 0xc7, 0x03,
              LE32(0x201007u), 0x0f, 0x22, 0xdb, 0x81, 0xc3, LE32(0x1000u),
              0x81, 0xfb, LE32(CODE - 4096), 0x75, 0x05, 0xbb, LE32(0x202000u),
              0xff, 0x05, LE32(0x8000u), 0xe2, 0xdc, 0x4d, 0x75, 0xcf,
              OUT_EXIT);
    cr_assert_eq(full_run(&f), STOP_ALL_ENDED);
    cr_assert_eq(vm_state(f.v), VM_EXITED, "%s", vm_why(f.v));
    cr_assert_eq(full_word(&f, 0x8000), 1400);
    cr_assert_eq(full_count(&f, EXIT_cr3), 1401);
    monitor_free(f.m);
}

/* A20: what is written at 1 MiB and more comes to the bytes below. The code
 * runs at 2 MiB, with paging off. */
Test(full_shadow, a20_low_folds_memory)
{
    static const uint8_t code[] = {
        /* copy the rest to 0x200000 and go there */
        0xbe, LE32(CODE + 0x20u), 0xbf, LE32(0x200000u), 0xb9, LE32(0x60u),
        0xf3, 0xa4, 0xb8, LE32(0x200000u), 0xff, 0xe0, 0x90, 0x90, 0x90, 0x90,
        0x90, 0x90, 0x90, 0x90,
        /* mov [0x7000], 1; mov [0x107000], 2; A20 off; eax = [0x107000];
         * mov [0x107004], 3; A20 on; ebx = [0x107000]; mov [0x300000].. */
        STORE(0x7000u, 1u), STORE(0x107000u, 2u), 0xb0, 0x00, 0xe6, 0x92,
        READ(0x107000u), STORE(0x107004u, 3u), 0x89, 0xc2, 0xb0, 0x02, 0xe6,
        0x92, 0x89, 0x15, LE32(0x300000u), READ(0x107000u), WRITE(0x300004u),
        OUT_EXIT};
    for (int i = 0; i < 2; i++) {
        struct full_vm f;
        full_open(&f, i ? "bare" : "full", code, sizeof code);
        cr_assert_eq(full_run(&f), STOP_ALL_ENDED);
        cr_assert_eq(vm_state(f.v), VM_EXITED, "%s", vm_why(f.v));
        cr_assert_eq(full_word(&f, 0x300000), 1);
        cr_assert_eq(full_word(&f, 0x300004), 2);
        cr_assert_eq(full_word(&f, 0x7004), 3);
        monitor_free(f.m);
    }
}
