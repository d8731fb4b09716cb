/*
 * test_full_debug.c - under `full`: who owns the debug registers. That a
 * guest sees what it would see on a bare machine is shown by check-full.sh;
 * here is what it must not reach.
 */
#include "full_vm.h"

#define MOV_EAX(v) 0xb8, LE32(v)
#define MOV_DR(n) 0x0f, 0x23, 0xc0 | (n) << 3 /* from EAX */
#define STACK_OF_MONITOR 0xffe24ff0u

/* The monitor pushes there at every exit: it must not hit. */
Test(full_debug, a_breakpoint_in_the_hole_is_not_armed)
{
    struct full_vm f;
    FULL_OPEN(&f, "full", MOV_EAX(STACK_OF_MONITOR), MOV_DR(0),
              MOV_EAX(0xf0002), MOV_DR(7), 0xfa, 0xfa, OUT_EXIT);
    full_run(&f);
    cr_assert_eq(vm_state(f.v), VM_EXITED, "%s", vm_why(f.v));
    cr_assert_eq(full_count(&f, EXIT_debugreg), 2);
    cr_assert_eq(full_count(&f, EXIT_exception), 0);
    cr_assert_eq(monitor_cpu(f.m)->dr[7] & 0xff, 0);
    monitor_free(f.m);
}

/* Two guests have the same addresses, and each its own breakpoints. */
Test(full_debug, one_guest_s_breakpoints_are_not_another_s)
{
    static const uint8_t other[] = {
        0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90,
        0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, OUT_EXIT};
    struct full_vm f;
    FULL_OPEN(&f, "full", MOV_EAX(CODE + 20), MOV_DR(0), MOV_EAX(2), MOV_DR(7),
              0xeb, 0xfe); /* armed, and for ever */
    struct vm *v = full_add(&f, "full", other, sizeof other);
    full_run(&f);
    cr_assert_eq(vm_state(v), VM_EXITED, "%s", vm_why(v));
    cr_assert_eq(full_count(&f, EXIT_debugreg), 2);
    cr_assert_eq(vm_state(f.v), VM_RUNNING);
    monitor_free(f.m);
}

/*
 * MOV SS hits a breakpoint, INT1 enters ring 0, and #DB comes there. On
 * `classic` no MOV SS traps, so it is the monitor that gets it. The guest has
 * no IDT: its INT1 ends it, and nobody else.
 */
Test(full_debug, a_trap_that_mov_ss_held_does_not_hurt_the_monitor)
{
    static const uint8_t code[] = {0x66,
                                   0xc7,
                                   0x05,
                                   LE32(CODE + 0x100),
                                   16,
                                   0, /* mov word [..], 16 */
                                   MOV_EAX(CODE + 0x100),
                                   MOV_DR(0),
                                   MOV_EAX(0x70002),
                                   MOV_DR(7),
                                   0x8e,
                                   0x15,
                                   LE32(CODE + 0x100), /* mov ss, [..] */
                                   0xf1,
                                   OUT_EXIT};
    struct full_vm f = {0};
    char err[256];
    cr_assert_eq(costs_load(&f.costs, "unit", err, sizeof err), 0);
    struct monitor_config cfg = {.kind = CPU_CLASSIC,
                                 .costs = &f.costs,
                                 .ram_size = 32u << 20,
                                 .observer = {.who = &f, .exit = full_see}};
    f.m = monitor_new(&cfg, err, sizeof err);
    cr_assert(f.m, "%s", err);
    f.v = full_add(&f, "full", code, sizeof code);
    full_run(&f);
    cr_assert_eq(vm_state(f.v), VM_KILLED);
    cr_assert(strstr(vm_why(f.v), "triple fault"), "%s", vm_why(f.v));
    monitor_free(f.m);
}
