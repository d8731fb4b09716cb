/*
 * What a monitor tells guest mode: ports that are let through, a control block
 * that cannot be, maps that are not what they must be.
 */
#include "../../vmm/monitor.h"
#include "full_vm.h"

/* No device is at port 0xED; two bytes reach the next port. */
Test(hvm_control, a_byte_at_the_delay_port_is_no_exit)
{
    struct full_vm f;
    FULL_OPEN(&f, "hvm", 0xe6, 0xed, /* out 0xed, al */
              0xe4, 0xed,            /* in al, 0xed: all ones */
              0xfe, 0xc0,            /* inc al */
              0x66, 0xe7, 0xed,      /* out 0xed, ax: an exit */
              0xe6, 0xee,            /* out 0xee, al: an exit */
              0xe6, 0xf4, 0xf4);     /* out 0xf4, al; hlt */
    full_run(&f);
    cr_assert_eq(vm_state(f.v), VM_EXITED);
    cr_assert_eq(vm_exit_status(f.v), 0);
    cr_assert_eq(full_count(&f, EXIT_io), 3);
    monitor_free(f.m);
}

/* VMRUN refuses the upper half of CR0 (APM volume 2, 15.5.1): the guest does
 * not run, the exit says why, and another guest does. */
Test(hvm_control, a_refused_control_block_is_named)
{
    static const uint8_t well[] = {0xb0, 0, 0xe6, 0xf4, 0xf4};
    struct full_vm f;
    FULL_OPEN(&f, "hvm", 0xb0, 1, 0xe6, 0xf4, 0xf4);
    struct vm *neighbour = full_add(&f, "hvm", well, sizeof well);
    vmcb_set(f.v, VMCB_CR0 + 4, 1);
    full_run(&f);
    cr_assert_eq(vm_state(f.v), VM_KILLED);
    cr_assert(strstr(vm_why(f.v), "CR0: bits 63:32"), "%s", vm_why(f.v));
    cr_assert_eq(full_count(&f, EXIT_invalid), 1);
    cr_assert_eq(vm_state(neighbour), VM_EXITED);
    cr_assert_eq(vm_exit_status(neighbour), 0);
    monitor_free(f.m);
}

/* The audit does not believe the maps that guest_mode.c made. */
Test(hvm_control, the_audit_finds_an_open_port)
{
    struct full_vm f;
    char err[200];
    FULL_OPEN(&f, "hvm", 0xeb, 0xfe);
    cr_assert(monitor_audit(f.m, err, sizeof err), "%s", err);
    uint32_t map = vmcb_look(f.v, VMCB_IOPM_BASE);
    f.m->ram.bytes[map + 0x60 / 8] &= 0xfe;
    cr_assert_not(monitor_audit(f.m, err, sizeof err));
    cr_assert(strstr(err, "permission map"), "%s", err);
    monitor_free(f.m);
}
