/*
 * debug.h - inside the processor: debug registers and #DB (debug.c).
 *
 *   DR0-DR3  linear addresses; with CR4.DE perhaps a port
 *   DR6      why the last #DB came
 *            | 15 BT | 14 BS | 13 BD |          | 3:0 B3 to B0 |
 *   DR7      | LEN3 RW3 | LEN2 RW2 | LEN1 RW1 | LEN0 RW0 |
 *            | 13 GD | 9 GE | 8 LE | G3 L3 G2 L2 G1 L1 G0 L0 |
 */
#ifndef RINGSIDE_CPU_DEBUG_H
#define RINGSIDE_CPU_DEBUG_H

#include "engine.h"

#define DR6_B 0x000fu  /* the breakpoints that were hit */
#define DR6_BD 0x2000u /* the next instruction accesses a debug register */
#define DR6_BS 0x4000u /* a single step */
#define DR6_BT 0x8000u /* a task switch to a TSS with T set */
#define DR7_ENABLED 0x00ffu
#define DR7_LOCAL 0x0155u /* what a task switch clears: L0 to L3, LE */
#define DR7_GD 0x2000u

/* Is a breakpoint armed? Then instructions run one by one. */
static inline bool debug_armed(const struct cpu *c)
{
    return c->dr[7] & DR7_ENABLED;
}
/* One that looks at memory accesses? Then fast tags are withheld. */
bool debug_watches(const struct cpu *c);

/* Raise #DB if an instruction breakpoint is at CS:EIP, and RF does not hold
 * it back. */
void debug_fetch(struct cpu *c);
/* An access to memory or to a port was made: remember what it hit. */
void debug_access(struct cpu *c, gva_t at, unsigned size, bool write);
void debug_port(struct cpu *c, uint16_t port, unsigned size);

/* Is a trap due between instructions? */
bool debug_due(const struct cpu *c);
/* Deliver it, if one is. `eip` is the instruction that it came from. */
void debug_settle(struct cpu *c, uint32_t eip);

#endif
