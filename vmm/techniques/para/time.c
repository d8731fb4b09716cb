/*
 * time.c - a para guest's time and timers.
 *
 * Job:    tell the time without a trap, and raise VIRQ_TIMER when asked.
 * Parts:  system time and the shared page's copy of it; the one-shot and
 *         the periodic timer; set_timer_op, vcpu_op.
 *
 * System time is nanoseconds since the VM was made. The shared page holds a
 * stamp of it and the cycle counter's rate, so the guest reads RDTSC and
 * computes. Nothing here reads a clock of the host's.
 *
 * Simplified: the stamp is renewed with each timer event and never drifts,
 * since both clocks are the cycle counter. The wall clock at system time 0
 * is 1 January 2000.
 */
#include "para.h"

#define NS_A_SECOND 1000000000u
#define PERIOD_DEFAULT (NS_A_SECOND / 100)
#define PERIOD_LEAST 1000000u /* as Xen: a guest cannot ask for a storm */
#define WALL_CLOCK_START 946684800u
#define NEVER UINT64_MAX

static uint64_t mhz(const struct para *p)
{
    return p->vm->monitor->costs->mhz;
}

uint64_t system_time(const struct para *p)
{
    uint64_t cycles = p->vm->monitor->cpu->cycles - p->born;
    return cycles / mhz(p) * 1000 + cycles % mhz(p) * 1000 / mhz(p);
}

/* The first cycle at which system_time() is at least ns. */
static uint64_t cycle_of(const struct para *p, uint64_t ns)
{
    uint64_t us = ns / 1000, rest = ns % 1000;
    if (us > (NEVER - p->born) / mhz(p) - 1)
        return NEVER;
    return p->born + us * mhz(p) + (rest * mhz(p) + 999) / 1000;
}

/* ns = ((tsc - stamp) << shift) * mul >> 32, mul a 32-bit number. */
void time_update(struct para *p)
{
    struct xen_vcpu_time *t = &p->shared->vcpu[0].time;
    const struct cpu *c = p->vm->monitor->cpu;
    uint64_t mul = (1000ull << 32) / mhz(p);
    int8_t shift = 0;
    for (; mul >> 32; mul >>= 1)
        shift++;
    t->version |= 1;
    t->tsc_timestamp = c->cycles + c->tsc_offset;
    t->system_time = system_time(p);
    t->tsc_to_system_mul = (uint32_t)mul;
    t->tsc_shift = shift;
    t->version++;
}

void timers_start(struct para *p)
{
    p->born = p->vm->monitor->cpu->cycles;
    p->oneshot = p->poll_until = NEVER;
    p->period = PERIOD_DEFAULT;
    p->periodic = PERIOD_DEFAULT;
    p->shared->wc_version = 2;
    p->shared->wc_sec = WALL_CLOCK_START;
    time_update(p);
}

/* Ticks that the guest has bound an event channel for. */
static void virq_ticks(struct para *p, uint64_t first, uint64_t n)
{
    uint32_t port = p->virq_port[XEN_VIRQ_TIMER];
    if (port != 0)
        vm_count_ticks(p->vm, first, n, event_pending(p, port));
}

void timers_run(struct para *p)
{
    uint64_t now = system_time(p), first = p->oneshot, n = 0;
    if (p->oneshot <= now) {
        p->oneshot = NEVER;
        n++;
    }
    if (p->periodic <= now) {
        uint64_t periods = (now - p->periodic) / p->period + 1;
        first = p->periodic < first ? p->periodic : first;
        p->periodic += periods * p->period;
        n += periods;
    }
    if (p->poll_until <= now)
        wake(p);
    if (n > 0) {
        time_update(p);
        virq_ticks(p, cycle_of(p, first), n);
        event_raise_virq(p, XEN_VIRQ_TIMER);
    }
}

uint64_t timers_next(struct vm *v)
{
    const struct para *p = para_of(v);
    uint64_t ns = p->oneshot < p->periodic ? p->oneshot : p->periodic;
    if (p->poll_until < ns)
        ns = p->poll_until;
    return ns == NEVER ? NEVER : cycle_of(p, ns);
}

/* ------------------------------------------------------- hypercalls */

int64_t do_set_timer_op(struct para *p, const uint32_t *arg)
{
    uint64_t at = (uint64_t)arg[1] << 32 | arg[0];
    p->oneshot = at == 0 ? NEVER : at;
    charge_exit(p->vm, PHASE_device, PRICE_vmm_event, 1);
    return 0;
}

static int set_periodic(struct para *p, uint32_t at)
{
    struct xen_periodic_timer t;
    int rc = copy_in(p, &t, at, sizeof(t));
    if (rc != 0)
        return rc;
    if (t.period < PERIOD_LEAST || t.period >> 62)
        return -XEN_EINVAL;
    p->period = t.period;
    p->periodic = system_time(p) + t.period;
    return 0;
}

static int set_oneshot(struct para *p, uint32_t at)
{
    struct xen_singleshot_timer t;
    int rc = copy_in(p, &t, at, sizeof(t));
    if (rc != 0)
        return rc;
    uint64_t when = (uint64_t)t.timeout[1] << 32 | t.timeout[0];
    if ((t.flags & XEN_SINGLESHOT_FUTURE) && when < system_time(p))
        return -XEN_ETIME;
    p->oneshot = when;
    return 0;
}

int64_t do_vcpu_op(struct para *p, const uint32_t *arg)
{
    if (arg[1] != 0)
        return -XEN_ENOENT;
    charge_exit(p->vm, PHASE_device, PRICE_vmm_event, 1);
    switch (arg[0]) {
    case XEN_VCPU_IS_UP:
        return 1;
    case XEN_VCPU_SET_PERIODIC_TIMER:
        return set_periodic(p, arg[2]);
    case XEN_VCPU_STOP_PERIODIC_TIMER:
        p->periodic = NEVER;
        return 0;
    case XEN_VCPU_SET_SINGLESHOT_TIMER:
        return set_oneshot(p, arg[2]);
    case XEN_VCPU_STOP_SINGLESHOT_TIMER:
        p->oneshot = NEVER;
        return 0;
    default:
        return -XEN_ENOSYS;
    }
}
