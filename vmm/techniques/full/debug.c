/*
 * debug.c - who owns the debug registers?
 *
 * The guest's are kept in its virtual processor, and MOV DRn traps. But a
 * breakpoint must be hit by instructions that run without the monitor, so
 * what the guest has armed is armed in the real registers while it runs: its
 * linear addresses are the real ones. The #DB of a hit arrives here like any
 * trap, and goes to the guest with the virtual DR6. What the monitor does for
 * the guest (a sensitive instruction, an interrupt's frame) hits in the
 * virtual processor, which looks for itself.
 *
 *                   real                                 virtual
 *   DR0-DR3         the guest's                          the guest's
 *   DR6             of the last trap, then cleared       the guest's
 *   DR7.L, G        the guest's, but none in the hole    the guest's
 *   DR7.GD          0: MOV DRn traps already             the guest's
 *
 * A breakpoint in the monitor's hole would be hit by the monitor. It is left
 * out: the guest's own accesses there trap, and hit virtually.
 */
#include "full.h"

#define BREAKPOINTS 4
#define DR7_GD 0x2000u
#define DR6_TELLS 0x0000e00fu /* the bits that tell something */
#define DR6_HITS 0x0000000fu  /* of them, those of one #DB alone */
#define LONGEST 8u            /* bytes that one breakpoint watches, at most */

uint32_t debug_in(struct full *f)
{
    struct cpu *real = f->vm->monitor->cpu, *c = f->p.cpu;
    uint32_t said = real->dr[6] & DR6_TELLS;
    cpu_set_dr(c, 6, (c->dr[6] & ~DR6_HITS) | said);
    cpu_set_dr(real, 6, 0);
    return said;
}

static bool in_hole(uint32_t at)
{
    return (at | (LONGEST - 1)) >= MONITOR_BASE;
}

void debug_out(struct full *f)
{
    struct cpu *real = f->vm->monitor->cpu;
    const struct cpu *c = f->p.cpu;
    uint32_t armed = c->dr[7] & ~DR7_GD;
    for (int n = 0; n < BREAKPOINTS; n++) {
        if (in_hole(c->dr[n])) {
            armed &= ~(3u << 2 * n);
        }
        if (real->dr[n] != c->dr[n]) {
            cpu_set_dr(real, n, c->dr[n]);
        }
    }
    if (real->dr[7] != armed) {
        cpu_set_dr(real, 7, armed);
    }
}
