/*
 * sched.c - giving the processor away, and ending the run.
 *
 * Job:    yield, block, poll, shut down; and hypercall 55, which is ours.
 *
 * A VM that blocks has its events unmasked, as in Xen, so that an event
 * between the guest's last look and the hypercall still wakes it. It stays
 * blocked until an event is raised (events.c calls wake).
 *
 * Simplified: yield keeps its place, since one vCPU a VM is all there is
 * and the monitor takes turns by itself.
 */
#include "para.h"

#define POLL_PORTS 128u

void wake(struct para *p)
{
    struct vm *v = p->vm;
    p->polling = false;
    p->poll_until = UINT64_MAX;
    if (v->state == VM_BLOCKED)
        vm_wake(v);
}

static void block(struct para *p)
{
    struct xen_vcpu_info *c = &p->shared->vcpu[0];
    charge_exit(p->vm, PHASE_emulate, PRICE_vmm_schedule, 1);
    c->upcall_mask = 0;
    if (!c->upcall_pending)
        vm_block(p->vm);
}

/* Sleep until one of some ports is pending, whatever is masked. */
static int poll(struct para *p, uint32_t at)
{
    struct xen_sched_poll q;
    uint32_t port[POLL_PORTS];
    int rc = copy_in(p, &q, at, sizeof(q));
    if (rc != 0)
        return rc;
    if (q.count > POLL_PORTS)
        return -XEN_EINVAL;
    rc = copy_in(p, port, q.ports, q.count * 4);
    if (rc != 0)
        return rc;
    bool pending = false;
    for (uint32_t i = 0; i < q.count; i++) {
        if (port[i] >= XEN_CHANNELS)
            return -XEN_EINVAL;
        pending = pending || event_pending(p, port[i]);
    }
    if (pending)
        return 0;
    charge_exit(p->vm, PHASE_emulate, PRICE_vmm_schedule, 1);
    p->polling = true;
    p->poll_until = q.timeout ? q.timeout : UINT64_MAX;
    vm_block(p->vm);
    return 0;
}

static int shutdown(struct para *p, uint32_t reason)
{
    struct vm *v = p->vm;
    exit_note(&v->exit, "shutdown: reason %u", reason);
    switch (reason) {
    case XEN_SHUTDOWN_POWEROFF:
        console_drain(p);
        vm_exit(v, 0);
        return 0;
    case XEN_SHUTDOWN_REBOOT:
        console_drain(p);
        vm_kill(v, "the guest asked for a reboot");
        return 0;
    case XEN_SHUTDOWN_CRASH:
        console_drain(p);
        vm_kill(v, "the guest's kernel said that it crashed");
        return 0;
    default:
        return -XEN_EINVAL;
    }
}

int64_t do_sched_op(struct para *p, const uint32_t *arg)
{
    uint32_t reason;
    int rc;
    switch (arg[0]) {
    case XEN_SCHED_YIELD:
        exit_note(&p->vm->exit, "sched_op: yield");
        charge_exit(p->vm, PHASE_emulate, PRICE_vmm_schedule, 1);
        return 0;
    case XEN_SCHED_BLOCK:
        exit_note(&p->vm->exit, "sched_op: block");
        block(p);
        return 0;
    case XEN_SCHED_SHUTDOWN:
        rc = copy_in(p, &reason, arg[1], sizeof(reason));
        return rc != 0 ? rc : shutdown(p, reason);
    case XEN_SCHED_POLL:
        exit_note(&p->vm->exit, "sched_op: poll");
        return poll(p, arg[1]);
    default:
        return -XEN_ENOSYS;
    }
}

/* Before Xen 3.1: the reason itself, and no poll. */
int64_t do_sched_op_compat(struct para *p, const uint32_t *arg)
{
    if (arg[0] == XEN_SCHED_SHUTDOWN)
        return shutdown(p, arg[1]);
    return arg[0] == XEN_SCHED_POLL ? -XEN_ENOSYS : do_sched_op(p, arg);
}

int64_t do_ringside(struct para *p, const uint32_t *arg)
{
    struct vm *v = p->vm;
    switch (arg[0]) {
    case XEN_RINGSIDE_MARKER:
        exit_note(&v->exit, "marker %u", arg[1]);
        console_drain(p);
        vm_marker(v, arg[1]);
        return 0;
    case XEN_RINGSIDE_EXIT:
        exit_note(&v->exit, "exit, status %u", arg[1]);
        console_drain(p);
        vm_exit(v, arg[1]);
        return 0;
    default:
        return -XEN_ENOSYS;
    }
}
