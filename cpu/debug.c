/*
 * debug.c - debug registers, breakpoints and the debug exception (SDM 3B
 * chapter 17).
 *
 * Job:    what DR7 arms: breakpoints on instructions, on data, on ports; and
 *         when #DB comes of them.
 * Parts:  one breakpoint; what looks for it; traps between instructions; MOV
 *         to and from DRn.
 *
 * An instruction breakpoint is a fault: #DB comes before the instruction, and
 * RF in EFLAGS lets it run after. Everything else that hits is a trap: its
 * DR6 bits gather in `debug_traps` while the instruction runs, and one #DB
 * tells all of them after it, before any interrupt (SDM 3A table 6-2), and an
 * instruction breakpoint that comes next besides. Only between MOV SS and the
 * next instruction they wait (6.8.3). An instruction that faults has not run,
 * and its traps are forgotten.
 *
 * Nothing of this is looked at while DR7 arms no breakpoint, except GD.
 *
 * What 17.2.3 leaves open: when #DB comes, DR6 shows breakpoints that match
 * and are not enabled too, and forgets those of an earlier one. LEN of an
 * instruction breakpoint is not looked at; LEN 10 is 8 bytes, as on later
 * processors. GE and LE do nothing, since data breakpoints are always exact.
 */
#include "debug.h"

#define BREAKPOINTS 4u

/* DR7's RW field, SDM 3B 17.2.4. */
enum break_on { ON_FETCH, ON_WRITE, ON_PORT, ON_ACCESS };

/* -------------------------------------------------------- one breakpoint */

static bool enabled(const struct cpu *c, unsigned n)
{
    return c->dr[7] >> 2 * n & 3;
}

static enum break_on kind(const struct cpu *c, unsigned n)
{
    return (enum break_on)(c->dr[7] >> (16 + 4 * n) & 3);
}

/* Does it have a byte of [at, at + size)? Its own range is aligned. */
static bool covers(const struct cpu *c, unsigned n, uint32_t at, unsigned size)
{
    static const uint32_t lengths[] = {1, 2, 8, 4};
    uint32_t length = lengths[c->dr[7] >> (18 + 4 * n) & 3];
    uint32_t first = c->dr[n] & ~(length - 1);
    return at - first < length || first - at < size;
}

/* What one access hit. Breakpoints that are not enabled show in DR6, and
 * count for nothing. */
struct hit {
    uint32_t bits; /* of DR6 */
    bool counts;
};

static void add(const struct cpu *c, struct hit *h, unsigned n)
{
    h->bits |= 1u << n;
    h->counts = h->counts || enabled(c, n);
}

/* ----------------------------------------------------- what looks for it */

bool debug_watches(const struct cpu *c)
{
    for (unsigned n = 0; n < BREAKPOINTS; n++)
        if (enabled(c, n) && (kind(c, n) & ON_WRITE)) /* or ON_ACCESS */
            return true;
    return false;
}

/* In DR6. B0 to B3 are this #DB's, the rest adds up. */
static void tell(struct cpu *c, uint32_t bits)
{
    c->dr[6] = (c->dr[6] & ~DR6_B) | bits;
}

/* MOV SS holds everything back for one instruction. */
static bool held(const struct cpu *c)
{
    return c->shadow == SHADOW_SS && c->eip == c->shadow_eip;
}

/* DR6's bits for an instruction breakpoint at CS:EIP, or 0. */
static uint32_t fetch_hits(const struct cpu *c)
{
    uint32_t at = c->seg[SEG_CS].base + c->eip;
    struct hit h = {0};
    if (!debug_armed(c) || (c->eflags & FL_RF))
        return 0;
    for (unsigned n = 0; n < BREAKPOINTS; n++)
        if (kind(c, n) == ON_FETCH && c->dr[n] == at)
            add(c, &h, n);
    return h.counts ? h.bits : 0;
}

void debug_fetch(struct cpu *c)
{
    uint32_t hits = held(c) ? 0 : fetch_hits(c);
    if (hits) {
        tell(c, hits);
        raise_fault(c, VEC_DB, 0);
    }
}

void debug_access(struct cpu *c, gva_t at, unsigned size, bool write)
{
    struct hit h = {0};
    for (unsigned n = 0; n < BREAKPOINTS; n++) {
        enum break_on on = kind(c, n);
        if ((on == ON_ACCESS || (on == ON_WRITE && write)) &&
            covers(c, n, at.v, size))
            add(c, &h, n);
    }
    c->debug_traps |= h.counts ? h.bits : 0;
}

/* Without CR4.DE this kind of breakpoint is undefined: here, none. */
void debug_port(struct cpu *c, uint16_t port, unsigned size)
{
    struct hit h = {0};
    if (!debug_armed(c) || !(c->cr4 & CR4_DE))
        return;
    for (unsigned n = 0; n < BREAKPOINTS; n++)
        if (kind(c, n) == ON_PORT && covers(c, n, port, size))
            add(c, &h, n);
    c->debug_traps |= h.counts ? h.bits : 0;
}

/* -------------------------------------------- traps between instructions */

bool debug_due(const struct cpu *c)
{
    return c->debug_traps && !held(c);
}

void debug_settle(struct cpu *c, uint32_t eip)
{
    if (!debug_due(c))
        return;
    tell(c, c->debug_traps | fetch_hits(c));
    c->debug_traps = 0;
    event_begin(c, EVENT_TRAP, VEC_DB, eip);
    event_deliver(c, c->eip);
    c->eip = c->next_eip;
}

/* --------------------------------------------------------------- MOV DRn */

#define DR6_FIXED 0xffff0ff0u /* read as one; bit 12 reads as zero */
#define DR6_ZERO 0x00001000u
#define DR7_FIXED 0x00000400u
#define DR7_ZERO 0x0000d800u

void cpu_set_dr(struct cpu *c, int n, uint32_t value)
{
    if (n == 6)
        value = (value | DR6_FIXED) & ~DR6_ZERO;
    else if (n == 7)
        value = (value | DR7_FIXED) & ~DR7_ZERO;
    c->dr[n] = value;
    watch_memory(c);
}

/* DR4 and DR5 are DR6 and DR7 unless CR4.DE forbids them (SDM 3B 17.2.2).
 * With GD set nothing touches a debug register but the handler, on whose
 * entry GD is cleared; RF is set in that fault's image, as in any other. */
static int debug_register(struct cpu *c, const struct insn *i)
{
    bool alias = i->reg == 4 || i->reg == 5;
    if (alias && (c->cr4 & CR4_DE))
        raise_fault(c, VEC_UD, 0);
    if (c->dr[7] & DR7_GD) {
        tell(c, DR6_BD);
        c->eflags |= FL_RF;
        raise_fault(c, VEC_DB, 0);
    }
    return alias ? i->reg + 2 : i->reg;
}

void op_mov_from_dr(struct cpu *c, const struct insn *i)
{
    c->reg[i->rm] = c->dr[debug_register(c, i)];
}

void op_mov_to_dr(struct cpu *c, const struct insn *i)
{
    cpu_set_dr(c, debug_register(c, i), c->reg[i->rm]);
}
