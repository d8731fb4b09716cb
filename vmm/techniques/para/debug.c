/*
 * debug.c - set_debugreg and get_debugreg: a paravirtual guest's debug
 * registers.
 *
 * A guest asks for them by number, since MOV DRn is #GP in ring 1 (and is then
 * done as the hypercall would be: emulate.c). What it arms is armed in the
 * real ones while it runs; the #DB is bounced to it like any exception, with
 * DR6 kept for it to ask.
 *
 * Refused with -EPERM, as Xen does: a breakpoint in the monitor's hole, which
 * the monitor would hit; one on a port, since no port is a guest's; general
 * detect, which is not a guest's to set. DR4, DR5 and numbers that are none
 * get -EINVAL.
 */
#include "para.h"

#define BREAKPOINTS 4u
#define DR6 6u
#define DR7 7u
#define DR7_GD 0x2000u
#define DR6_TELLS 0xe00fu /* the bits that tell something */
#define DR6_HITS 0x000fu  /* of them, those of one #DB alone */
#define ON_PORT 2u        /* DR7's RW field, SDM 3B 17.2.4 */
#define LONGEST 8u        /* bytes that one breakpoint watches, at most */

void debug_enter(struct para *p)
{
    struct cpu *c = p->vm->monitor->cpu;
    for (unsigned n = 0; n < BREAKPOINTS; n++)
        cpu_set_dr(c, (int)n, p->dr[n]);
    cpu_set_dr(c, DR6, 0);
    cpu_set_dr(c, DR7, p->dr[DR7]);
}

void debug_trapped(struct para *p)
{
    struct cpu *c = p->vm->monitor->cpu;
    p->dr[DR6] = (p->dr[DR6] & ~DR6_HITS) | (c->dr[6] & DR6_TELLS);
    cpu_set_dr(c, DR6, 0);
}

/* Does every breakpoint that it enables look at memory? */
static bool may_arm(uint32_t dr7)
{
    for (unsigned n = 0; n < BREAKPOINTS; n++)
        if ((dr7 >> 2 * n & 3) && (dr7 >> (16 + 4 * n) & 3) == ON_PORT)
            return false;
    return true;
}

int debug_write(struct para *p, uint32_t n, uint32_t value)
{
    if (n > DR7 || n == 4 || n == 5)
        return -XEN_EINVAL;
    if (n < BREAKPOINTS && (value | (LONGEST - 1)) >= XEN_VIRT_START)
        return -XEN_EPERM;
    if (n == DR7 && ((value & DR7_GD) || !may_arm(value)))
        return -XEN_EPERM;
    p->dr[n] = n == DR6 ? value & DR6_TELLS : value;
    if (p->vm->monitor->current == p->vm)
        debug_enter(p);
    return 0;
}

/* As a processor shows them, fixed bits included: figure 17-1. */
uint32_t debug_read(const struct para *p, uint32_t n)
{
    if (n == DR6)
        return p->dr[n] | 0xffff0ff0u;
    return n == DR7 ? (p->dr[n] & 0xffff27ffu) | 0x400u : p->dr[n];
}

int64_t do_set_debugreg(struct para *p, const uint32_t *arg)
{
    exit_note(&p->vm->exit, "set_debugreg: DR%u = %08x", arg[0], arg[1]);
    return debug_write(p, arg[0], arg[1]);
}

int64_t do_get_debugreg(struct para *p, const uint32_t *arg)
{
    if (arg[0] > DR7 || arg[0] == 4 || arg[0] == 5)
        return -XEN_EINVAL;
    return debug_read(p, arg[0]);
}
