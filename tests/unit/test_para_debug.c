/* test_para_debug.c - set_debugreg and get_debugreg, and what a paravirtual
 * guest must not reach with them. */
#include "para_vm.h"

static int32_t set(struct para_vm *t, uint32_t n, uint32_t value)
{
    return call(t, XEN_set_debugreg, n, value, 0, 0);
}

static uint32_t get(struct para_vm *t, uint32_t n)
{
    return (uint32_t)call(t, XEN_get_debugreg, n, 0, 0, 0);
}

Test(para_debug, what_is_set_is_read)
{
    struct para_vm t = para_vm_new();
    cr_assert_eq(get(&t, 6), 0xffff0ff0);
    cr_assert_eq(get(&t, 7), 0x400);
    for (uint32_t n = 0; n < 4; n++) {
        cr_assert_eq(set(&t, n, BASE + n), 0);
        cr_assert_eq(get(&t, n), BASE + n);
    }
    cr_assert_eq(set(&t, 6, 0xffffffff), 0);
    cr_assert_eq(get(&t, 6), 0xffffefff);
    cr_assert_eq(set(&t, 7, 0xf0003), 0);
    cr_assert_eq(get(&t, 7), 0xf0403);
    monitor_free(t.m);
}

Test(para_debug, what_xen_refuses_is_refused)
{
    static const struct {
        uint32_t n, value;
        int32_t rc;
    } bad[] = {
        {0, XEN_VIRT_START, -XEN_EPERM},
        {7, 0x2000, -XEN_EPERM},  /* general detect */
        {7, 0x20001, -XEN_EPERM}, /* a port */
        {4, 0, -XEN_EINVAL},
        {5, 0, -XEN_EINVAL},
        {8, 0, -XEN_EINVAL},
        {0xffffffff, 0, -XEN_EINVAL},
    };
    struct para_vm t = para_vm_new();
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct snapshot s = snapshot_take(&t);
        cr_expect_eq(set(&t, bad[i].n, bad[i].value), bad[i].rc, "%zu", i);
        snapshot_check(&t, &s, "refused");
    }
    cr_assert_eq(get(&t, 4), (uint32_t)-XEN_EINVAL);
    cr_assert_eq(get(&t, 8), (uint32_t)-XEN_EINVAL);
    monitor_free(t.m);
}

static void run(struct para_vm *t, uint64_t cycles)
{
    struct run_until u = {.cycle = monitor_clock(t->m) + cycles};
    monitor_run(t->m, &u);
}

/* To the guest's handler of #DB, which loops; DR6 is there to ask. */
Test(para_debug, a_breakpoint_is_bounced)
{
    static const uint8_t code[] = {0x90, 0x90, 0xeb, 0xfd};
    struct para_vm t = para_vm_new();
    t.p->trap[VEC_DB] = (struct xen_trap_info){
        .vector = VEC_DB, .cs = FLAT_RING1_CS, .address = BASE + 0x100};
    poke(&t, BASE, code, sizeof(code));
    poke(&t, BASE + 0x100, "\xeb\xfe", 2);
    cr_assert_eq(set(&t, 1, BASE + 1), 0);
    cr_assert_eq(set(&t, 7, 8), 0);
    run(&t, 20000);
    cr_assert_eq(t.v->state, VM_RUNNING, "%s", t.v->why);
    cr_assert_eq(vm_books(t.v)->by_reason[EXIT_exception], 1);
    cr_assert_eq(get(&t, 6), 0xffff0ff2);
    monitor_free(t.m);
}

/*
 * MOV SS hits a breakpoint, and the next instruction is the hypercall: #DB
 * comes when the monitor is in already. It answers the hypercall.
 */
Test(para_debug, a_trap_that_mov_ss_held_does_not_hurt_the_monitor)
{
    static const uint8_t code[] = {0x8e, 0x15, 0x00, 0x02, 0x00,
                                   0xc0, 0xcd, 0x82, 0xeb, 0xfe};
    struct para_vm t = para_vm_new();
    uint16_t ss = (uint16_t)t.v->regs.ss;
    poke(&t, BASE, code, sizeof(code));
    poke(&t, BASE + 0x200, &ss, sizeof(ss));
    cr_assert_eq(set(&t, 0, BASE + 0x200), 0);
    cr_assert_eq(set(&t, 7, 0x70002), 0);
    run(&t, 20000);
    cr_assert_eq(t.v->state, VM_RUNNING, "%s", t.v->why);
    cr_assert_eq(vm_books(t.v)->by_reason[EXIT_hypercall], 1);
    cr_assert_eq(vm_books(t.v)->by_reason[EXIT_exception], 0);
    cr_assert_eq(t.v->regs.cs & 3, 1);
    monitor_free(t.m);
}
