/*
 * enter.c - into the fast engine and out of it, and what its handlers call
 * when they cannot go on by themselves.
 *
 * Parts:  flat segments; the clock while handlers run; one instruction by its
 *         function; leaving; linking; entering.
 *
 * Whoever leaves makes the processor's state exact first: EIP, the clock, the
 * count of instructions and the page that code comes from are then as if the
 * reference engine had run, and engine.c's loop decides what is next. The
 * only look-up of blocks is there.
 */
#include <stdlib.h>
#include "fast.h"

/* Cycles to run at most before asking for cpu_stop_soon(). */
#define SLICE (1u << 22)

static const struct entry *entry_of(const struct uop *op)
{
    const void *first = op - op->place;
    return (const struct entry *)first - 1;
}

/* ---------------------------------------------------------- flat segments */

/* A segment that ends below 4 GiB is as good as flat when it ends with a
 * page: then the TLB lets no handler see the pages behind it. */
static bool ends_right(struct cpu *c, uint32_t limit)
{
    struct engine *e = c->engine;
    if (limit < 1u << 31 || (limit & PAGE_MASK) != PAGE_MASK)
        return false;
    if (limit < e->flat_limit) {
        e->flat_limit = limit;
        blocks_drop(c);
        tlb_retag_all(c);
    }
    return true;
}

bool fast_is_flat(struct cpu *c)
{
    const struct segment *cs = &c->seg[SEG_CS], *ss = &c->seg[SEG_SS],
                         *ds = &c->seg[SEG_DS];
    /* present, writable data that expands up; of the stack, 32-bit */
    const uint32_t mask = SEG_P | SEG_DB | 0xe, plain = SEG_P | SEG_DB | 2;
    if (c->engine->reference || (cs->base | ss->base | ds->base) != 0 ||
        (ss->attr & mask) != plain || (ds->attr & mask) != plain)
        return false;
    if ((cs->limit & ss->limit & ds->limit) == UINT32_MAX)
        return true;
    return ends_right(c, cs->limit) && ends_right(c, ss->limit) &&
           ends_right(c, ds->limit);
}

/* --------------------------------------------------------------- the clock */

/* Cycles that are left; less than none when a walk or a device took more
 * than there were. */
static int64_t cycles_left(const struct fast *f)
{
    return (int64_t)f->budget >> 32;
}

/* The clock and the count, where `cycles` and `instructions` of what was
 * charged have not run. */
static void settle(struct cpu *c, uint64_t cycles, uint32_t instructions)
{
    const struct fast *f = c->fast;
    c->cycles = f->end_cycle - (uint64_t)cycles_left(f) - cycles;
    c->instructions = f->instructions + (uint32_t)f->budget - instructions;
}

/* Code comes from this block's page: what code_latch() would have noted. */
static void note_page(struct cpu *c, const struct block *b)
{
    struct engine *e = c->engine;
    e->code_tag = (b->eip & ~PAGE_MASK) | (c->cpl == 3);
    e->code_frame = b->at & ~PAGE_MASK;
    e->code_host = b->host;
}

/* The entry at `e` begins: the budget is what is left before the deadline. */
static void begin(struct cpu *c, const struct entry *e)
{
    struct fast *f = c->fast;
    uint64_t left = c->deadline - c->cycles - 1;
    if (left > SLICE)
        left = SLICE;
    f->end_cycle = c->cycles + left;
    f->instructions = c->instructions;
    f->budget = (left << 32) - e->charge;
    f->view = c->tlb->view[c->cpl == 3];
    c->eflags &= ~(uint32_t)FL_RF; /* as run_block does */
}

/* ------------------------------------------ one instruction by its function */

/* As engine.c's run_block does it, a REP to its end. False: leave. */
static bool run_op(struct cpu *c, const struct op *op)
{
    uint32_t eip = c->eip;
    c->engine->attention = false;
    for (;;) {
        c->next_eip = eip + op->insn.len;
        if (op->guarded)
            check_privilege(c, &op->insn);
        op->run(c, &op->insn);
        c->eip = c->next_eip;
        c->instructions++;
        if (c->cycles >= c->deadline || c->engine->attention)
            return false;
        if (!op->insn.rep || c->eip != eip)
            return true;
        c->cycles += op->cost;
    }
}

/*
 * Behind an instruction that ended its block, INT and IRET between rings and
 * the loading of segments above all: on with the entry it led to, if what
 * engine.c would ask between two blocks lets it, and the page is in the TLB,
 * where fetching would look it up for nothing. NULL: leave.
 */
static const struct uop *go_on(struct cpu *c)
{
    uint32_t eip = c->eip;
    if (!engine_goes_on(c) || !(c->seg[SEG_CS].attr & SEG_DB) ||
        !fast_is_flat(c))
        return NULL;
    const struct entry *to = c->fast->jump[jump_slot(eip)];
    const uint8_t *host =
        lin_host(c, (gva_t){eip & ~PAGE_MASK}, PAGE_SIZE, false, c->cpl == 3);
    if (to->eip != eip || !host || host != to->host || !fast_fits(c, to->block))
        return NULL;
    begin(c, to);
    return entry_first(to);
}

const struct uop *fast_slow(struct cpu *c, const struct uop *uop)
{
    struct fast *f = c->fast;
    const struct block *b = entry_of(uop)->block;
    const struct op *op = &b->op[uop->insn];
    settle(c, op->after, (uint32_t)(b->count - uop->insn));
    note_page(c, b);
    c->eip = b->eip + op->offset;

    /* What it takes and counts beyond what was charged, it takes now. */
    uint64_t cycles = c->cycles, instructions = c->instructions + 1;
    if (!run_op(c, op))
        return NULL;
    if (insn_ends_block(&op->insn))
        return go_on(c);
    if ((insn_rows[op->insn.id].attr & ATTR_SEGMENT) &&
        (!fast_is_flat(c) || c->engine->attention))
        return NULL;
    f->budget -= CHARGE(c->cycles - cycles, c->instructions - instructions);
    return (int64_t)f->budget < 0 ? NULL : uop + 1;
}

/* ----------------------------------------------------------------- leaving */

void fast_out(struct cpu *c, const struct uop *op)
{
    const struct entry *e = entry_of(op);
    c->fast->budget += e->charge;
    settle(c, 0, 0);
    note_page(c, e->block);
    c->eip = e->eip;
}

void fast_unlinked(struct cpu *c, const struct uop *op)
{
    const struct entry *e = entry_of(op);
    settle(c, 0, 0);
    note_page(c, e->block);
    c->eip = op->disp;
    /* Constant to handlers, and in the arena like all others.
     * NOLINTNEXTLINE(performance-no-int-to-ptr) */
    c->fast->link = (struct uop *)(uintptr_t)op;
}

/* ----------------------------------------------------------------- linking */

static uint32_t way(const struct uop *from, const struct entry *to)
{
    return (uint32_t)((const char *)to - (const char *)from);
}

/* `op` led out of the engine, and what it leads to is `to`. In its own page
 * the jump before it goes there directly from now on; into another page the
 * way is through a gate, which asks the TLB. */
static void link_up(struct uop *op, const struct block *b)
{
    void *first = op - op->place;
    struct entry *from = (struct entry *)first - 1;
    bool near = ((from->block->at ^ b->at) & ~PAGE_MASK) == 0 &&
                ((from->block->eip ^ b->eip) & ~PAGE_MASK) == 0;
    op->imm = way(op, b->entry);
    op->run = near ? FAST_ADDRESS(hot_linked) : FAST_ADDRESS(hot_gate);
    if (near && from->is_link) {
        void *start = from;
        struct link *l = start;
        *l->way = way(l->jump, b->entry);
    }
}

void fast_drop(struct entry *e)
{
    e->host = NULL;
    e->charge = 0;
    *entry_uops(e) =
        (struct uop){.run = FAST_ADDRESS(hot_unlinked), .disp = e->eip};
}

/* No entry: a place in the table of jumps that leads nowhere. */
static struct entry nowhere;

void fast_forget(struct cpu *c)
{
    if (!c->fast)
        return;
    c->fast->link = NULL;
    for (unsigned n = 0; n < JUMP_SLOTS; n++)
        c->fast->jump[n] = &nowhere;
}

bool fast_begin(struct cpu *c)
{
    if (!c->fast && (c->fast = malloc(sizeof *c->fast)))
        fast_forget(c);
    return c->fast != NULL;
}

/* ---------------------------------------------------------------- entering */

/* The handlers do not give the caller's registers back; this does. */
static __attribute__((noinline)) void enter(struct cpu *c, const struct uop *op)
{
    hot_enter(c, op);
#if FAST_PINNED && defined(__x86_64__)
    __asm__ volatile("" ::: "rbx", "rbp", "r12", "r13", "r14", "r15");
#elif FAST_PINNED
    __asm__ volatile("" ::
                         : "x19", "x20", "x21", "x22", "x23", "x24", "x25",
                           "x26");
#endif
}

bool fast_fits(const struct cpu *c, const struct block *b)
{
    return b->entry && c->cycles + b->cost < c->deadline;
}

void fast_run(struct cpu *c, const struct block *b)
{
    struct fast *f = c->fast;
    if (f->link && f->link->disp == b->eip)
        link_up(f->link, b);
    f->link = NULL;
    f->jump[jump_slot(b->eip)] = b->entry;
    begin(c, b->entry);
    enter(c, entry_first(b->entry));
}
