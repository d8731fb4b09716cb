/*
 * test_para_hostile.c - a para guest that wants out.
 *
 * Each attack is one hypercall made on a freshly built VM. It must get the
 * error that Xen's rules name, and leave everything as it was: the VM's
 * state, every frame's type and counts, every byte of machine memory but
 * the attack's own structures.
 */
#include "para_vm.h"

typedef int32_t attack_fn(struct para_vm *t);

/* ---------------------------------------------------- ready-made targets */

/* A frame of another VM. */
static uint32_t foreign(struct para_vm *t)
{
    return monitor_vm(t->m, 1)->p2m[FREE_PFN] << PAGE_SHIFT;
}

static uint32_t l1(struct para_vm *t)
{
    return table_of(t, BASE).v;
}

static uint32_t l2(struct para_vm *t)
{
    return t->p->root.v;
}

static uint32_t data(struct para_vm *t)
{
    return mfn(t, FREE_PFN) << PAGE_SHIFT;
}

/* A page with these words at its start, mapped read-only or not at all:
 * good enough to be a table, if its contents are. */
static uint32_t unmapped_page(struct para_vm *t, uint32_t pfn,
                              const uint32_t *word, size_t n)
{
    poke(t, VA(pfn), word, n * sizeof(*word));
    cr_assert(map(t, VA(pfn), 0) == 0);
    return mfn(t, pfn);
}

static int32_t pte_is(struct para_vm *t, uint32_t e)
{
    return map(t, VA(FREE_PFN), e);
}

static int32_t pde_is(struct para_vm *t, uint32_t slot, uint32_t e)
{
    return mmu_update(t, l2(t) + slot * 4, e);
}

/* ------------------------------------------------------ page-table entries */

static int32_t map_foreign(struct para_vm *t)
{
    return pte_is(t, foreign(t) | PTE_P);
}
static int32_t map_foreign_writable(struct para_vm *t)
{
    return pte_is(t, foreign(t) | PTE_P | PTE_W | PTE_U);
}
static int32_t map_monitor(struct para_vm *t)
{
    return pte_is(t, t->p->m2p_table.v | PTE_P);
}
static int32_t map_free_frame(struct para_vm *t)
{
    return pte_is(t, ((t->m->frame_count - 1) << PAGE_SHIFT) | PTE_P);
}
static int32_t map_beyond_memory(struct para_vm *t)
{
    return pte_is(t, 0xfffff000u | PTE_P | PTE_W);
}
static int32_t map_page_table_writable(struct para_vm *t)
{
    return pte_is(t, l1(t) | PTE_P | PTE_W);
}
static int32_t map_directory_writable(struct para_vm *t)
{
    return pte_is(t, l2(t) | PTE_P | PTE_W);
}
static int32_t map_global(struct para_vm *t)
{
    return pte_is(t, data(t) | PTE_P | PTE_G);
}
static int32_t map_uncached(struct para_vm *t)
{
    return pte_is(t, data(t) | PTE_P | PTE_PCD);
}
static int32_t map_high_word(struct para_vm *t)
{
    return call(t, XEN_update_va_mapping, VA(FREE_PFN), 0, 1, 0);
}
static int32_t map_in_hole(struct para_vm *t)
{
    return map(t, MONITOR_BASE, data(t) | PTE_P);
}
static int32_t map_where_no_table_is(struct para_vm *t)
{
    return map(t, 0x1000, data(t) | PTE_P);
}

/* ------------------------------------------------------------ mmu_update */

static int32_t directory_foreign(struct para_vm *t)
{
    return pde_is(t, 1, foreign(t) | PTE_P);
}
static int32_t directory_large_page(struct para_vm *t)
{
    return pde_is(t, 1, PTE_P | PTE_W | PTE_PS);
}
static int32_t directory_writable_table(struct para_vm *t)
{
    return pde_is(t, 1, data(t) | PTE_P);
}
static int32_t directory_to_itself(struct para_vm *t)
{
    return pde_is(t, 1, l2(t) | PTE_P);
}
static int32_t directory_first_hole_slot(struct para_vm *t)
{
    return pde_is(t, FIRST_HOLE_SLOT, 0);
}
static int32_t directory_last_slot(struct para_vm *t)
{
    return pde_is(t, ENTRIES - 1, l1(t) | PTE_P);
}
static int32_t update_no_table(struct para_vm *t)
{
    return mmu_update(t, data(t), 0);
}
static int32_t update_foreign(struct para_vm *t)
{
    return mmu_update(t, foreign(t), 0);
}
static int32_t update_other_vms_table(struct para_vm *t)
{
    return mmu_update(t, para_of(monitor_vm(t->m, 1))->root.v, 0);
}
static int32_t update_above_4g(struct para_vm *t)
{
    return mmu_update(t, 1ull << 32 | l1(t), 0);
}
static int32_t update_value_above_4g(struct para_vm *t)
{
    return mmu_update(t, l1(t), 1ull << 63);
}
static int32_t update_command_3(struct para_vm *t)
{
    return mmu_update(t, l1(t) | 3, 0);
}
static int32_t update_preserve_foreign(struct para_vm *t)
{
    return mmu_update(t, foreign(t) | XEN_MMU_PT_UPDATE_PRESERVE_AD, 0);
}
static int32_t update_m2p_of_others(struct para_vm *t)
{
    return mmu_update(t, foreign(t) | XEN_MMU_MACHPHYS_UPDATE, 7);
}
static int32_t update_m2p_beyond_memory(struct para_vm *t)
{
    return mmu_update(t, 0xfffff000u | XEN_MMU_MACHPHYS_UPDATE, 7);
}
static int32_t update_huge_count(struct para_vm *t)
{
    return call(t, XEN_mmu_update, SCRATCH, 0xffffffff, 0, XEN_DOMID_SELF);
}
static int32_t update_one_too_many(struct para_vm *t)
{
    return call(t, XEN_mmu_update, SCRATCH, XEN_MMU_BATCH + 1, 0,
                XEN_DOMID_SELF);
}
static int32_t update_from_hole(struct para_vm *t)
{
    return call(t, XEN_mmu_update, MONITOR_BASE, 1, 0, XEN_DOMID_SELF);
}
static int32_t update_from_m2p(struct para_vm *t)
{
    return call(t, XEN_mmu_update, XEN_VIRT_START, 1, 0, XEN_DOMID_SELF);
}
static int32_t update_from_nowhere(struct para_vm *t)
{
    return call(t, XEN_mmu_update, 0x1000, 1, 0, XEN_DOMID_SELF);
}
static int32_t update_wrapping(struct para_vm *t)
{
    return call(t, XEN_mmu_update, 0xfffffff8, 1, 0, XEN_DOMID_SELF);
}
static int32_t update_done_in_hole(struct para_vm *t)
{
    return call(t, XEN_mmu_update, SCRATCH, 0, MONITOR_BASE, XEN_DOMID_SELF);
}
static int32_t update_done_in_page_table(struct para_vm *t)
{
    uint32_t tables = BASE + (frame_info(t->m, t->p->root)->at.v);
    return call(t, XEN_mmu_update, SCRATCH, 0, tables, XEN_DOMID_SELF);
}
static int32_t update_for_other_domain(struct para_vm *t)
{
    return call(t, XEN_mmu_update, SCRATCH, 1, 0, 1);
}

/* ------------------------------------------------------------- mmuext_op */

static int32_t pin_writable(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_PIN_L1_TABLE, mfn(t, FREE_PFN), 0);
}
static int32_t pin_table_as_directory(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_PIN_L2_TABLE, l1(t) >> PAGE_SHIFT, 0);
}
static int32_t pin_directory_as_table(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_PIN_L1_TABLE, l2(t) >> PAGE_SHIFT, 0);
}
static int32_t pin_twice(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_PIN_L2_TABLE, l2(t) >> PAGE_SHIFT, 0);
}
static int32_t pin_foreign(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_PIN_L1_TABLE, foreign(t) >> PAGE_SHIFT, 0);
}
static int32_t pin_no_frame(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_PIN_L1_TABLE, 0x12345678, 0);
}
static int32_t pin_level_4(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_PIN_L4_TABLE, mfn(t, FREE_PFN), 0);
}
static int32_t unpin_what_is_not(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_UNPIN_TABLE, l1(t) >> PAGE_SHIFT, 0);
}
static int32_t unpin_foreign(struct para_vm *t)
{
    mpa_t root = para_of(monitor_vm(t->m, 1))->root;
    return mmuext(t, XEN_MMUEXT_UNPIN_TABLE, mfn_of(root), 0);
}
static int32_t base_of_data(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_NEW_BASEPTR, mfn(t, FREE_PFN), 0);
}
static int32_t base_of_table(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_NEW_BASEPTR, l1(t) >> PAGE_SHIFT, 0);
}
static int32_t base_of_others(struct para_vm *t)
{
    mpa_t root = para_of(monitor_vm(t->m, 1))->root;
    return mmuext(t, XEN_MMUEXT_NEW_BASEPTR, mfn_of(root), 0);
}
static int32_t base_beyond_memory(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_NEW_BASEPTR, 0xffffffff, 0);
}
static int32_t invlpg_in_hole(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_INVLPG_LOCAL, MONITOR_BASE, 0);
}
static int32_t ldt_unaligned(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_SET_LDT, VA(FREE_PFN) + 8, 1);
}
static int32_t ldt_too_long(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_SET_LDT, VA(FREE_PFN), 8193);
}
static int32_t ldt_in_hole(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_SET_LDT, MONITOR_BASE, 1);
}
static int32_t ldt_writable(struct para_vm *t)
{
    return mmuext(t, XEN_MMUEXT_SET_LDT, VA(FREE_PFN), 1);
}
static int32_t mmuext_unknown(struct para_vm *t)
{
    return mmuext(t, 99, 0, 0);
}

/* ----------------------------------------------------------- descriptors */

/* A GDT of one frame with this descriptor in it. */
static uint32_t gdt_list(struct para_vm *t, uint32_t mfn)
{
    poke(t, SCRATCH + 64, &mfn, sizeof(mfn));
    return SCRATCH + 64;
}
static int32_t gdt_of(struct para_vm *t, uint32_t frame, uint32_t entries)
{
    return call(t, XEN_set_gdt, gdt_list(t, frame), entries, 0, 0);
}
static int32_t descriptor(struct para_vm *t, uint32_t at, uint32_t lo,
                          uint32_t hi)
{
    return call(t, XEN_update_descriptor, at, 0, lo, hi);
}
static int32_t tss_descriptor(struct para_vm *t)
{
    return descriptor(t, data(t), 0x00000067, 0x00008900);
}
static int32_t ldt_descriptor(struct para_vm *t)
{
    return descriptor(t, data(t), 0x0000ffff, 0x00008200);
}
static int32_t interrupt_gate(struct para_vm *t)
{
    return descriptor(t, data(t), XEN_FLAT_RING1_CS << 16, 0x0000ee00);
}
static int32_t task_gate(struct para_vm *t)
{
    return descriptor(t, data(t), MONITOR_TSS << 16, 0x0000e500);
}
static int32_t call_gate_to_ring_0(struct para_vm *t)
{
    return descriptor(t, data(t), MONITOR_CS << 16, 0x0000ec00);
}
static int32_t call_gate_to_tss(struct para_vm *t)
{
    return descriptor(t, data(t), MONITOR_TSS << 16, 0x0000ec00);
}
static int32_t segment_into_hole(struct para_vm *t)
{
    return descriptor(t, data(t), 0x0000ffff, 0xc0cfb300);
}
static int32_t segment_that_wraps(struct para_vm *t)
{
    return descriptor(t, data(t), 0x1000ffff, 0x00cfb300);
}
static int32_t segment_expanding_down(struct para_vm *t)
{
    return descriptor(t, data(t), 0x00000000, 0x00cfb600);
}
static int32_t descriptor_in_page_table(struct para_vm *t)
{
    return descriptor(t, l1(t), 0, 0);
}
static int32_t descriptor_in_directory(struct para_vm *t)
{
    return descriptor(t, l2(t), 0, 0);
}
static int32_t descriptor_of_others(struct para_vm *t)
{
    return descriptor(t, foreign(t), 0, 0);
}
static int32_t descriptor_unaligned(struct para_vm *t)
{
    return descriptor(t, data(t) + 4, 0, 0);
}
static int32_t gdt_writable(struct para_vm *t)
{
    return gdt_of(t, mfn(t, FREE_PFN), 512);
}
static int32_t gdt_of_page_table(struct para_vm *t)
{
    return gdt_of(t, l1(t) >> PAGE_SHIFT, 512);
}
static int32_t gdt_foreign(struct para_vm *t)
{
    return gdt_of(t, foreign(t) >> PAGE_SHIFT, 512);
}
static int32_t gdt_beyond_memory(struct para_vm *t)
{
    return gdt_of(t, 0xfff00001, 512);
}
static int32_t gdt_too_long(struct para_vm *t)
{
    return call(t, XEN_set_gdt, SCRATCH, 7169, 0, 0);
}
static int32_t gdt_list_in_hole(struct para_vm *t)
{
    return call(t, XEN_set_gdt, MONITOR_BASE, 512, 0, 0);
}

/* ------------------------------------------------------------- the traps */

static int32_t trap_table(struct para_vm *t, uint16_t cs)
{
    const struct xen_trap_info table[2] = {{14, 0, cs, BASE}, {0, 0, 0, 0}};
    poke(t, SCRATCH, table, sizeof(table));
    return call(t, XEN_set_trap_table, SCRATCH, 0, 0, 0);
}
static int32_t trap_to_monitor(struct para_vm *t)
{
    return trap_table(t, MONITOR_CS);
}
static int32_t trap_without_end(struct para_vm *t)
{
    static struct xen_trap_info table[400];
    for (size_t i = 0; i < 400; i++)
        table[i] = (struct xen_trap_info){1, 0, XEN_FLAT_RING1_CS, BASE};
    poke(t, SCRATCH, table, sizeof(table));
    return call(t, XEN_set_trap_table, SCRATCH, 0, 0, 0);
}
static int32_t trap_table_in_hole(struct para_vm *t)
{
    return call(t, XEN_set_trap_table, WORLD_IDT, 0, 0, 0);
}
static int32_t stack_of_monitor(struct para_vm *t)
{
    return call(t, XEN_stack_switch, MONITOR_DS, WORLD_STACK, 0, 0);
}
static int32_t stack_of_ring_3(struct para_vm *t)
{
    return call(t, XEN_stack_switch, XEN_FLAT_RING3_DS, SCRATCH, 0, 0);
}
static int32_t callback_in_monitor(struct para_vm *t)
{
    return call(t, XEN_set_callbacks, MONITOR_CS, WORLD_STUBS, MONITOR_CS, 0);
}
static int32_t callback_op_in_monitor(struct para_vm *t)
{
    const struct xen_callback_register r = {0, 0, {MONITOR_CS, WORLD_STUBS}};
    poke(t, SCRATCH, &r, sizeof(r));
    return call(t, XEN_callback_op, 0, SCRATCH, 0, 0);
}
static int32_t iret_to(struct para_vm *t, uint32_t cs, uint32_t ss)
{
    const uint32_t frame[6] = {1, BASE, cs, FL_IF | FL_IOPL, SCRATCH, ss};
    poke(t, SCRATCH, frame, sizeof(frame));
    t->v->regs.esp = SCRATCH;
    struct snapshot s = snapshot_take(t);
    int32_t rc = call(t, XEN_iret, 0, 0, 0, 0);
    snapshot_check(t, &s, "iret");
    return rc;
}
static int32_t iret_to_ring_0(struct para_vm *t)
{
    return iret_to(t, MONITOR_CS, MONITOR_DS);
}
static int32_t iret_to_null(struct para_vm *t)
{
    return iret_to(t, 0, 0);
}
static int32_t iret_to_monitor_stack(struct para_vm *t)
{
    return iret_to(t, XEN_FLAT_RING3_CS, MONITOR_DS | 3);
}
static int32_t iret_to_data(struct para_vm *t)
{
    return iret_to(t, XEN_FLAT_RING3_DS, XEN_FLAT_RING3_DS);
}
static int32_t iret_to_vm86(struct para_vm *t)
{
    const uint32_t f[4] = {1, BASE, XEN_FLAT_RING1_CS, FL_VM};
    poke(t, SCRATCH, f, sizeof(f));
    return t->v->regs.esp = SCRATCH, call(t, XEN_iret, 0, 0, 0, 0);
}

/* ------------------------------------------------------ events and the rest */

static int32_t port_op(struct para_vm *t, uint32_t op, uint32_t a, uint32_t b)
{
    const uint32_t word[3] = {a, b, 0};
    poke(t, SCRATCH, word, sizeof(word));
    return call(t, XEN_event_channel_op, op, SCRATCH, 0, 0);
}
static int32_t send_out_of_range(struct para_vm *t)
{
    return port_op(t, XEN_EVTCHN_SEND, XEN_CHANNELS, 0);
}
static int32_t send_far_out_of_range(struct para_vm *t)
{
    return port_op(t, XEN_EVTCHN_SEND, 0xffffffff, 0);
}
static int32_t send_closed(struct para_vm *t)
{
    return port_op(t, XEN_EVTCHN_SEND, 77, 0);
}
static int32_t close_out_of_range(struct para_vm *t)
{
    return port_op(t, XEN_EVTCHN_CLOSE, 0x80000000, 0);
}
static int32_t unmask_out_of_range(struct para_vm *t)
{
    return port_op(t, XEN_EVTCHN_UNMASK, 5000, 0);
}
static int32_t bind_unknown_virq(struct para_vm *t)
{
    return port_op(t, XEN_EVTCHN_BIND_VIRQ, XEN_VIRQS, 0);
}
static int32_t bind_other_vcpu(struct para_vm *t)
{
    return port_op(t, XEN_EVTCHN_BIND_VIRQ, 0, 1);
}
static int32_t bind_pirq(struct para_vm *t)
{
    return port_op(t, XEN_EVTCHN_BIND_PIRQ, 1, 0);
}
static int32_t bind_from_hole(struct para_vm *t)
{
    return call(t, XEN_event_channel_op, XEN_EVTCHN_BIND_VIRQ, MONITOR_BASE, 0,
                0);
}
static int32_t write_from_hole(struct para_vm *t)
{
    return call(t, XEN_console_io, XEN_CONSOLEIO_WRITE, 16, MONITOR_BASE, 0);
}
static int32_t write_too_much(struct para_vm *t)
{
    return call(t, XEN_console_io, XEN_CONSOLEIO_WRITE, 1u << 30, SCRATCH, 0);
}
static int32_t poll_out_of_range(struct para_vm *t)
{
    const struct xen_sched_poll q = {SCRATCH + 64, 1, 0};
    const uint32_t port = XEN_CHANNELS;
    poke(t, SCRATCH, &q, sizeof(q));
    poke(t, SCRATCH + 64, &port, sizeof(port));
    return call(t, XEN_sched_op, XEN_SCHED_POLL, SCRATCH, 0, 0);
}
static int32_t poll_many(struct para_vm *t)
{
    const struct xen_sched_poll q = {SCRATCH + 0x4000, 1u << 30, 0};
    poke(t, SCRATCH, &q, sizeof(q));
    return call(t, XEN_sched_op, XEN_SCHED_POLL, SCRATCH, 0, 0);
}
static int32_t shutdown_from_hole(struct para_vm *t)
{
    return call(t, XEN_sched_op, XEN_SCHED_SHUTDOWN, MONITOR_BASE, 0, 0);
}
static int32_t timer_storm(struct para_vm *t)
{
    const struct xen_periodic_timer q = {1};
    poke(t, SCRATCH, &q, sizeof(q));
    return call(t, XEN_vcpu_op, XEN_VCPU_SET_PERIODIC_TIMER, 0, SCRATCH, 0);
}
static int32_t timer_of_other_vcpu(struct para_vm *t)
{
    return call(t, XEN_vcpu_op, XEN_VCPU_STOP_PERIODIC_TIMER, 3, 0, 0);
}
static int32_t multicall_huge(struct para_vm *t)
{
    return call(t, XEN_multicall, SCRATCH, 1u << 31, 0, 0);
}
static int32_t multicall_from_hole(struct para_vm *t)
{
    return call(t, XEN_multicall, MONITOR_BASE, 1, 0, 0);
}
static int32_t version_into_hole(struct para_vm *t)
{
    return call(t, XEN_xen_version, XENVER_CAPABILITIES, MONITOR_BASE, 0, 0);
}
static int32_t version_into_page_table(struct para_vm *t)
{
    uint32_t tables = BASE + (frame_info(t->m, t->p->root)->at.v);
    return call(t, XEN_xen_version, XENVER_CAPABILITIES, tables, 0, 0);
}
static int32_t domctl(struct para_vm *t)
{
    return call(t, XEN_domctl, SCRATCH, 0, 0, 0);
}
static int32_t no_such_number(struct para_vm *t)
{
    return call(t, 11, SCRATCH, 0, 0, 0);
}
static int32_t absurd_number(struct para_vm *t)
{
    return call(t, 0xffffffff, SCRATCH, 0, 0, 0);
}

static const struct {
    attack_fn *run;
    int32_t answer;
    const char *what;
} attacks[] = {
#define A(name, error)            \
    {                             \
        name, -XEN_##error, #name \
    }
    A(map_foreign, EPERM),
    A(map_foreign_writable, EPERM),
    A(map_monitor, EPERM),
    A(map_free_frame, EPERM),
    A(map_beyond_memory, EPERM),
    A(map_page_table_writable, EBUSY),
    A(map_directory_writable, EBUSY),
    A(map_global, EINVAL),
    A(map_uncached, EINVAL),
    A(map_high_word, EINVAL),
    A(map_in_hole, EINVAL),
    A(map_where_no_table_is, EINVAL),
    A(directory_foreign, EPERM),
    A(directory_large_page, EINVAL),
    A(directory_writable_table, EBUSY),
    A(directory_to_itself, EBUSY),
    A(directory_first_hole_slot, EPERM),
    A(directory_last_slot, EPERM),
    A(update_no_table, EINVAL),
    A(update_foreign, EPERM),
    A(update_other_vms_table, EPERM),
    A(update_above_4g, EINVAL),
    A(update_value_above_4g, EINVAL),
    A(update_command_3, ENOSYS),
    A(update_preserve_foreign, EPERM),
    A(update_m2p_of_others, EPERM),
    A(update_m2p_beyond_memory, EPERM),
    A(update_huge_count, EINVAL),
    A(update_one_too_many, EINVAL),
    A(update_from_hole, EFAULT),
    A(update_from_m2p, EFAULT),
    A(update_from_nowhere, EFAULT),
    A(update_wrapping, EFAULT),
    A(update_done_in_hole, EFAULT),
    A(update_done_in_page_table, EFAULT),
    A(update_for_other_domain, ESRCH),
    A(pin_writable, EBUSY),
    A(pin_table_as_directory, EBUSY),
    A(pin_directory_as_table, EINVAL),
    A(pin_twice, EINVAL),
    A(pin_foreign, EPERM),
    A(pin_no_frame, EINVAL),
    A(pin_level_4, ENOSYS),
    A(unpin_what_is_not, EINVAL),
    A(unpin_foreign, EPERM),
    A(base_of_data, EBUSY),
    A(base_of_table, EBUSY),
    A(base_of_others, EPERM),
    A(base_beyond_memory, EINVAL),
    A(invlpg_in_hole, EINVAL),
    A(ldt_unaligned, EINVAL),
    A(ldt_too_long, EINVAL),
    A(ldt_in_hole, EFAULT),
    A(ldt_writable, EBUSY),
    A(mmuext_unknown, ENOSYS),
    A(tss_descriptor, EINVAL),
    A(ldt_descriptor, EINVAL),
    A(interrupt_gate, EINVAL),
    A(task_gate, EINVAL),
    A(call_gate_to_ring_0, EINVAL),
    A(call_gate_to_tss, EINVAL),
    A(segment_into_hole, EINVAL),
    A(segment_that_wraps, EINVAL),
    A(segment_expanding_down, EINVAL),
    A(descriptor_in_page_table, EINVAL),
    A(descriptor_in_directory, EINVAL),
    A(descriptor_of_others, EPERM),
    A(descriptor_unaligned, EINVAL),
    A(gdt_writable, EBUSY),
    A(gdt_of_page_table, EBUSY),
    A(gdt_foreign, EPERM),
    A(gdt_beyond_memory, EINVAL),
    A(gdt_too_long, EINVAL),
    A(gdt_list_in_hole, EFAULT),
    A(trap_to_monitor, EPERM),
    A(trap_without_end, EINVAL),
    A(trap_table_in_hole, EFAULT),
    A(stack_of_monitor, EPERM),
    A(stack_of_ring_3, EPERM),
    A(callback_in_monitor, EPERM),
    A(callback_op_in_monitor, EPERM),
    A(send_out_of_range, EINVAL),
    A(send_far_out_of_range, EINVAL),
    A(send_closed, EINVAL),
    A(close_out_of_range, EINVAL),
    A(unmask_out_of_range, EINVAL),
    A(bind_unknown_virq, EINVAL),
    A(bind_other_vcpu, ENOENT),
    A(bind_pirq, ENOSYS),
    A(bind_from_hole, EFAULT),
    A(write_from_hole, EFAULT),
    A(write_too_much, EINVAL),
    A(poll_out_of_range, EINVAL),
    A(poll_many, EINVAL),
    A(shutdown_from_hole, EFAULT),
    A(timer_storm, EINVAL),
    A(timer_of_other_vcpu, ENOENT),
    A(multicall_huge, EINVAL),
    A(multicall_from_hole, EFAULT),
    A(version_into_hole, EFAULT),
    A(version_into_page_table, EFAULT),
    A(domctl, ENOSYS),
    A(no_such_number, ENOSYS),
    A(absurd_number, ENOSYS),
#undef A
};

/* The monitor writes to these two by itself: were they tables, it would
 * write entries that nobody has checked. */
Test(para_hostile, pages_the_monitor_writes)
{
    struct para_vm t = para_vm_new();
    const mpa_t page[2] = {t.p->shared_at, t.p->console_at};
    uint32_t console = VA(frame_info(t.m, page[1])->at.v >> PAGE_SHIFT);
    cr_expect(map(&t, console, page[1].v | PTE_P) == 0, "not writable here");
    touch_all(&t);
    for (int i = 0; i < 2; i++) {
        struct snapshot s = snapshot_take(&t);
        uint32_t f = mfn_of(page[i]);
        cr_expect(mmuext(&t, XEN_MMUEXT_PIN_L1_TABLE, f, 0) == -XEN_EBUSY);
        cr_expect(mmuext(&t, XEN_MMUEXT_PIN_L2_TABLE, f, 0) == -XEN_EBUSY);
        cr_expect(pde_is(&t, 1, page[i].v | PTE_P) == -XEN_EBUSY);
        cr_expect(gdt_of(&t, f, 512) == -XEN_EBUSY);
        snapshot_check(&t, &s, "a page of the monitor's writes");
    }
    audit(&t);
    monitor_free(t.m);
}

Test(para_hostile, one_hypercall)
{
    struct para_vm t = para_vm_new();
    (void)add_para_vm(t.m);
    touch_all(&t);
    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
        struct snapshot s = snapshot_take(&t);
        int32_t rc = attacks[i].run(&t);
        cr_expect(rc == attacks[i].answer, "%s: answer %d, not %d",
                  attacks[i].what, rc, attacks[i].answer);
        snapshot_check(&t, &s, attacks[i].what);
    }
    audit(&t);
    monitor_free(t.m);
}

/* Returns that must not be: the registers to return with are the attack. */
Test(para_hostile, iret)
{
    static attack_fn *const frames[] = {iret_to_ring_0, iret_to_null,
                                        iret_to_monitor_stack, iret_to_data,
                                        iret_to_vm86};
    struct para_vm t = para_vm_new();
    touch_all(&t);
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
        cr_expect(frames[i](&t) == -XEN_EINVAL, "frame %zu", i);
    t.v->regs.esp = MONITOR_BASE;
    cr_expect(call(&t, XEN_iret, 0, 0, 0, 0) == -XEN_EFAULT);
    monitor_free(t.m);
}

/* A table whose last entry is bad gives back what its others took. */
Test(para_hostile, bad_tables)
{
    struct para_vm t = para_vm_new();
    touch_all(&t);
    uint32_t word[ENTRIES] = {0};
    for (uint32_t i = 0; i < 700; i++)
        word[i] = (i % 2 ? read_only(&t, i + 1) : writable(&t, 900));
    word[700] = l1(&t) | PTE_P | PTE_W;
    uint32_t table = unmapped_page(&t, FREE_PFN, word, ENTRIES);
    word[700] = t.p->root.v | PTE_P;
    for (uint32_t i = 0; i < 700; i++)
        word[i] = 0;
    word[3] = l1(&t) | PTE_P;
    uint32_t root = unmapped_page(&t, FREE_PFN + 1, word, ENTRIES);

    struct snapshot s = snapshot_take(&t);
    cr_expect(mmuext(&t, XEN_MMUEXT_PIN_L1_TABLE, table, 0) == -XEN_EBUSY);
    snapshot_check(&t, &s, "bad page table");
    s = snapshot_take(&t);
    cr_expect(pde_is(&t, 5, mpa_of(table).v | PTE_P) == -XEN_EBUSY);
    snapshot_check(&t, &s, "directory entry to a bad table");
    s = snapshot_take(&t);
    cr_expect(mmuext(&t, XEN_MMUEXT_PIN_L2_TABLE, root, 0) == -XEN_EBUSY);
    snapshot_check(&t, &s, "bad directory");
    s = snapshot_take(&t);
    cr_expect(mmuext(&t, XEN_MMUEXT_NEW_BASEPTR, root, 0) == -XEN_EBUSY);
    snapshot_check(&t, &s, "bad directory into CR3");
    audit(&t);
    monitor_free(t.m);
}

/* Xen's way: what stands before the bad one is done, and counted. */
Test(para_hostile, batch_stops_in_the_middle)
{
    struct para_vm t = para_vm_new();
    touch_all(&t);
    struct xen_mmu_update u[3] = {
        {pte_address(&t, VA(FREE_PFN)), 0},
        {pte_address(&t, VA(FREE_PFN + 1)), l1(&t) | PTE_P | PTE_W},
        {pte_address(&t, VA(FREE_PFN + 2)), 0},
    };
    uint32_t was = entry_read(t.p, table_of(&t, BASE), FREE_PFN + 2);
    poke(&t, SCRATCH, u, sizeof(u));
    cr_expect(call(&t, XEN_mmu_update, SCRATCH, 3, SCRATCH + 512,
                   XEN_DOMID_SELF) == -XEN_EBUSY);
    cr_expect(peek32(&t, SCRATCH + 512) == 1);
    cr_expect(entry_read(t.p, table_of(&t, BASE), FREE_PFN) == 0);
    cr_expect(entry_read(t.p, table_of(&t, BASE), FREE_PFN + 2) == was);
    audit(&t);
    monitor_free(t.m);
}

/* What Xen makes harmless, in place of refusing it. */
Test(para_hostile, forced_to_ring_1)
{
    struct para_vm t = para_vm_new();
    cr_expect(trap_table(&t, XEN_FLAT_RING1_CS & ~3u) == 0);
    cr_expect(t.p->trap[14].cs == XEN_FLAT_RING1_CS);
    cr_expect(call(&t, XEN_stack_switch, XEN_FLAT_RING1_DS & ~3u, SCRATCH, 0,
                   0) == 0);
    cr_expect(t.p->kernel_ss == XEN_FLAT_RING1_DS);
    cr_expect(descriptor(&t, data(&t), 0x0000ffff, 0x00cf9a00) == 0);
    cr_expect(peek32(&t, VA(FREE_PFN)) == 0x0000c3ff);
    cr_expect(peek32(&t, VA(FREE_PFN) + 4) == 0x00cfba00, "DPL 1, cut limit");
    monitor_free(t.m);
}

/* A GDT in use: its frame cannot be written but by the checked way. */
Test(para_hostile, gdt_in_use)
{
    struct para_vm t = para_vm_new();
    const uint32_t word[4] = {0, 0, 0x0000ffff, 0x00cffa00};
    uint32_t frame = unmapped_page(&t, FREE_PFN, word, 4);
    cr_expect(gdt_of(&t, frame, 512) == 0);
    cr_expect(pte_is(&t, mpa_of(frame).v | PTE_P | PTE_W) == -XEN_EBUSY);
    cr_expect(pte_is(&t, mpa_of(frame).v | PTE_P) == 0);
    cr_expect(descriptor(&t, mpa_of(frame).v + 16, 0x0000ffff, 0x00cff200) ==
              0);
    cr_expect(peek32(&t, VA(FREE_PFN) + 20) == 0x00cff200);
    audit(&t);
    cr_expect(call(&t, XEN_set_gdt, 0, 0, 0, 0) == 0);
    cr_expect(pte_is(&t, mpa_of(frame).v | PTE_P | PTE_W) == 0);
    audit(&t);
    monitor_free(t.m);
}
