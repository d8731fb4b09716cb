/*
 * What full records of its exits, and what they leave behind: the virtual
 * processor beside the real one, to the bit.
 */
#include "full_vm.h"
#include "../../vmm/interpreters/virtual.h"

/* Every instruction that can trap has its routine, and no other has. */
Test(full_exits, every_sensitive_row_has_an_interpreter)
{
    for (int id = 1; id < INSN_COUNT; id++) {
        const struct insn_row *row = &insn_rows[id];
        bool traps = row->sens != SENS_INNOCUOUS || row->trap != TRAP_NEVER;
        cr_assert_eq(interpreter_of((enum insn_id)id) != NULL, traps, "%s",
                     row->id);
    }
}

Test(full_exits, a_guest_in_ring_0_is_in_real_ring_1)
{
    struct full_vm f;
    struct virtual_cpu v;
    FULL_OPEN(&f, "full", 0xfa, 0xeb, 0xfe); /* cli; jmp $ */
    struct run_until to = {.cycle = 100000};
    cr_assert_eq(monitor_run(f.m, &to), STOP_LIMIT);
    const struct cpu *real = monitor_cpu(f.m);
    vm_virtual_cpu(f.v, &v);
    cr_assert_eq(real->cpl, 1);
    cr_assert_eq(v.cpl, 0);
    cr_assert_eq(real->seg[SEG_CS].sel, 9);
    cr_assert_eq(v.seg[SEG_CS].sel, 8);
    cr_assert_eq(SEG_DPL(real->seg[SEG_SS].attr), 1);
    cr_assert_eq(v.seg[SEG_SS].limit, UINT32_MAX);
    cr_assert_lt(real->seg[SEG_SS].limit, 0xffc00000u, "cut before the hole");
    cr_assert(cpu_eflags(real) & FL_IF, "the real IF is the monitor's");
    cr_assert_eq(v.eflags & FL_IF, 0);
    cr_assert_eq(v.cr0 & CR0_PG, 0);
    cr_assert_eq(v.eip, CODE + 1);
    monitor_free(f.m);
}

Test(full_exits, the_record_says_what_was_done)
{
    struct full_vm f;
    /* sti; cli; mov eax, cr0; in al, 0x61; exit */
    FULL_OPEN(&f, "full", 0xfb, 0xfa, 0x0f, 0x20, 0xc0, 0xe4, 0x61, OUT_EXIT);
    cr_assert_eq(full_run(&f), STOP_ALL_ENDED);
    cr_assert_eq(vm_state(f.v), VM_EXITED);
    const struct exit_record *x = full_exit(&f, EXIT_flags);
    cr_assert_eq(x->insn.id, I_STI);
    cr_assert_eq(x->disposition, DISPOSITION_emulated);
    cr_assert_str_eq(x->note, "IF 0 -> 1");
    cr_assert_eq(x->vector, VEC_GP);
    cr_assert_eq(x->eip, CODE);
    cr_assert_eq(x->real_ring, 1);
    cr_assert_eq(x->virtual_ring, 0);
    x = full_exit(&f, EXIT_cr);
    cr_assert_eq(x->insn.id, I_MOV_Rd_Cd);
    cr_assert_eq(x->detail, 0);
    x = full_exit(&f, EXIT_io);
    cr_assert_eq(x->disposition, DISPOSITION_device);
    cr_assert_eq(x->detail, 0x61);
    cr_assert_gt(x->phase[PHASE_device], 0);
    cr_assert_gt(x->phase[PHASE_decode], 0);
    monitor_free(f.m);
}

/* Everything charged is charged by a primitive: the price of a CLI. */
Test(full_exits, a_cli_costs_the_sum_of_its_primitives)
{
    struct full_vm f;
    FULL_OPEN(&f, "full", 0x90, 0xfa, 0xfa, 0xfa, OUT_EXIT);
    cr_assert_eq(full_run(&f), STOP_ALL_ENDED);
    const uint32_t *p = f.costs.price;
    const struct exit_record *x = full_exit(&f, EXIT_flags) + 1;
    cr_assert_eq(x->reason, EXIT_flags);
    cr_assert_eq(x->phase[PHASE_save],
                 p[PRICE_vmm_save] + p[PRICE_vmm_dispatch]);
    cr_assert_eq(x->phase[PHASE_decode], p[PRICE_vmm_decode]);
    cr_assert_eq(x->phase[PHASE_emulate], p[PRICE_vmm_emulate]);
    cr_assert_eq(x->phase[PHASE_memory], 0);
    cr_assert_eq(x->phase[PHASE_restore], p[PRICE_vmm_restore]);
    monitor_free(f.m);
}

/* ------------------------------------------------------- ends with a name */

static void ends(const char *why, const uint8_t *code, size_t n,
                 enum exit_reason reason)
{
    struct full_vm f;
    full_open(&f, "full", code, n);
    cr_assert_eq(full_run(&f), STOP_ALL_ENDED);
    cr_assert_eq(vm_state(f.v), VM_KILLED);
    cr_assert(strstr(vm_why(f.v), why), "%s", vm_why(f.v));
    cr_assert_eq(vm_last_exit(f.v)->reason, reason);
    cr_assert_eq(vm_last_exit(f.v)->disposition, DISPOSITION_killed);
    monitor_free(f.m);
}

Test(full_exits, a_triple_fault_is_named)
{
    static const uint8_t ud2[] = {0x0f, 0x0b};
    ends("triple fault", ud2, sizeof ud2, EXIT_triple);
}

Test(full_exits, so_is_one_by_a_sensitive_instruction)
{
    static const uint8_t int_0x80[] = {0xcd, 0x80};
    ends("triple fault", int_0x80, sizeof int_0x80, EXIT_triple);
}

Test(full_exits, a_halt_with_interrupts_off_is_named)
{
    static const uint8_t hlt[] = {0xfa, 0xf4};
    ends("interrupts off", hlt, sizeof hlt, EXIT_hlt);
}

/* mov eax, 0x7ffff000; mov cr3, eax; mov eax, cr0; bts eax, 31; mov cr0 */
Test(full_exits, page_tables_that_are_nowhere_end_it)
{
    static const uint8_t code[] = {0xb8, LE32(0x7ffff000u),
                                   0x0f, 0x22,
                                   0xd8, 0x0f,
                                   0x20, 0xc0,
                                   0x0f, 0xba,
                                   0xe8, 31,
                                   0x0f, 0x22,
                                   0xc0, 0x90};
    ends("triple fault", code, sizeof code, EXIT_triple);
}

/* -------------------------------------------------- memory that is not there
 */

/* mov eax, [8 MiB]; mov [8 MiB], ebx; add eax, [8 MiB]; mov [0x2000], eax;
 * of 4 MiB of memory. */
static const uint8_t beyond[] = {
    0xa1, LE32(0x800000u), 0x89, 0x1d,          LE32(0x800000u), 0x03,
    0x05, LE32(0x800000u), 0xa3, LE32(0x2000u), OUT_EXIT};

Test(full_exits, beyond_memory_all_is_ones_as_on_the_bare_machine)
{
    struct full_vm full, bare;
    full_open(&full, "full", beyond, sizeof beyond);
    full_open(&bare, "bare", beyond, sizeof beyond);
    cr_assert_eq(full_run(&full), STOP_ALL_ENDED);
    cr_assert_eq(full_run(&bare), STOP_ALL_ENDED);
    cr_assert_eq(full_word(&bare, 0x2000), 0xfffffffeu);
    cr_assert_eq(full_word(&full, 0x2000), 0xfffffffeu);
    cr_assert_eq(full_count(&full, EXIT_mmio), 3);
    monitor_free(full.m);
    monitor_free(bare.m);
}

/* ------------------------------------------------------------ two machines */

/* mov ecx, 0x10; mov edx, N; xor eax, eax; wrmsr; rdtsc; mov [0x2000], edx;
 * mov ecx, 3000000; loop $; rdtsc; mov [0x2004], edx; exit */
#define TSC_GUEST(n)                                                           \
    0xb9, LE32(0x10), 0xba, LE32(n), 0x31, 0xc0, 0x0f, 0x30, 0x0f, 0x31, 0x89, \
        0x15, LE32(0x2000), 0xb9, LE32(3000000), 0xe2, 0xfe, 0x0f, 0x31, 0x89, \
        0x15, LE32(0x2004), OUT_EXIT

Test(full_exits, each_of_two_guests_has_its_own_time)
{
    static const uint8_t second[] = {TSC_GUEST(0x2222u)};
    struct full_vm f;
    FULL_OPEN(&f, "full", TSC_GUEST(0x1111u));
    struct vm *other = full_add(&f, "full", second, sizeof second);
    struct run_until to = {.cycle = UINT64_MAX};
    cr_assert_eq(monitor_run(f.m, &to), STOP_ALL_ENDED);
    cr_assert_gt(vm_books(other)->others, 0, "they took turns");
    cr_assert_gt(full_count(&f, EXIT_schedule), 1);
    cr_assert_eq(full_word(&f, 0x2000), 0x1111);
    cr_assert_eq(full_word(&f, 0x2004), 0x1111);
    f.v = other;
    cr_assert_eq(full_word(&f, 0x2000), 0x2222);
    cr_assert_eq(full_word(&f, 0x2004), 0x2222);
    monitor_free(f.m);
}

/* One sets CR0.TS and MP and waits; the other's FWAIT must not fault. */
Test(full_exits, a_guest_s_control_bits_stay_its_own)
{
    static const uint8_t uses[] = {0xb9, LE32(3000000), 0x9b,
                                   0xe2, 0xfd,          OUT_EXIT};
    struct full_vm f;
    /* mov eax, cr0; or al, 0x0a; mov cr0, eax; mov ecx, n; loop $ */
    FULL_OPEN(&f, "full", 0x0f, 0x20, 0xc0, 0x0c, 0x0a, 0x0f, 0x22, 0xc0, 0xb9,
              LE32(3000000), 0xe2, 0xfe, OUT_EXIT);
    struct vm *other = full_add(&f, "full", uses, sizeof uses);
    struct run_until to = {.cycle = UINT64_MAX};
    cr_assert_eq(monitor_run(f.m, &to), STOP_ALL_ENDED);
    cr_assert_eq(vm_state(other), VM_EXITED, "%s", vm_why(other));
    cr_assert_eq(vm_state(f.v), VM_EXITED, "%s", vm_why(f.v));
    monitor_free(f.m);
}

/* CPUID's leaf 1, then CR4.PAE: ESI is EDX, and what CR4 was left as. */
static uint32_t features_under(const char *technique, uint32_t *cr4)
{
    struct full_vm f;
    struct virtual_cpu v;
    /* mov eax, 1; cpuid; mov [0x200000], edx; mov eax, 0x20; mov cr4, eax;
     * exit. The #GP has no IDT to go to: a triple fault. */
    FULL_OPEN(&f, technique, 0xb8, LE32(1), 0x0f, 0xa2, 0x89, 0x15,
              LE32(0x200000), 0xb8, LE32(0x20), 0x0f, 0x22, 0xe0, OUT_EXIT);
    full_run(&f);
    vm_virtual_cpu(f.v, &v);
    *cr4 = vm_state(f.v) == VM_EXITED ? v.cr4 : 0;
    uint32_t features = full_word(&f, 0x200000);
    monitor_free(f.m);
    return features;
}

Test(full_exits, no_pae_is_offered_and_none_is_given)
{
    uint32_t cr4, bare = features_under("bare", &cr4);
    cr_assert(bare & FEATURE_PAE);
    cr_assert_eq(cr4, CR4_PAE);
    cr_assert_eq(features_under("emulate", &cr4), bare, "the monitor's walk");
    cr_assert_eq(cr4, CR4_PAE);
    cr_assert_eq(features_under("full", &cr4), bare & ~FEATURE_PAE);
    cr_assert_eq(cr4, 0);
    cr_assert_eq(features_under("hybrid", &cr4), bare & ~FEATURE_PAE);
    cr_assert_eq(cr4, 0);
}
