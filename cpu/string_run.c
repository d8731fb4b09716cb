/*
 * string_run.c - a REP's iterations many at a time, by the host's memory.
 *
 * Job:    to make REP MOVS, STOS, LODS, CMPS and SCAS fast, and nothing else:
 *         registers, flags, clock and faults are to the bit what string.c's
 *         single iterations make of them.
 * Parts:  how many; the five; the run.
 *
 * A run stays within a page of each side, and takes only what the TLB's tags
 * allow at once: decoded code, devices and watched pages go one by one. It
 * ends one iteration early. That last one is string.c's: it alone can fault,
 * end a comparison, miss the TLB, or move on from the instruction; and what
 * it finds is the state that single iterations would have left it.
 */
#include "engine.h"
#include "string_loop.h"

/* The run about to be made: elements of host memory, in the order of time. */
struct run {
    uint8_t *to;         /* at ES:EDI, or NULL if the row has none */
    const uint8_t *from; /* at the source, likewise */
    uint32_t count;
    unsigned size; /* of an element */
    int step;      /* from one element to the next: size, or -size */
};
/* Do as many iterations as go on; returns how many. */
typedef uint32_t run_fn(struct cpu *c, const struct insn *i,
                        const struct run *r);

/* ---------------------------------------------------------------- how many */

/* Iterations that come before the last one, by the count and the deadline:
 * the last is the first that ends at or after it. The first of them all is
 * already charged. */
static uint32_t before_last(const struct cpu *c, const struct insn *i,
                            uint32_t cost)
{
    uint32_t left = i->adsize == 2 ? c->reg[REG_ECX] & 0xffff : c->reg[REG_ECX];
    uint64_t time = c->deadline > c->cycles ? c->deadline - c->cycles : 0;
    uint64_t most = cost ? (time + cost - 1) / cost : UINT32_MAX;
    if (left == 0)
        return 0;
    return left - 1 < most ? left - 1 : (uint32_t)most;
}

/* ---------------------------------------------------------------- the five */

/* The lowest of the run's bytes from `p` on. */
static size_t lowest(const struct run *r)
{
    return r->step < 0 ? (r->count - 1) * (size_t)r->size : 0;
}

/* Copy element by element: what is copied may be what was just written. */
static void copy_in_order(const struct run *r)
{
    const uint8_t *from = r->from;
    uint8_t *to = r->to;
    for (uint32_t n = r->count; n > 0; n--) {
        host_store(to, r->size, host_load(from, r->size));
        to += r->step;
        from += r->step;
    }
}

static uint32_t run_movs(struct cpu *c, const struct insn *i,
                         const struct run *r)
{
    size_t bytes = (size_t)r->count * r->size, low = lowest(r);
    uintptr_t to = (uintptr_t)(r->to - low), from = (uintptr_t)(r->from - low);
    (void)c;
    (void)i;
    if (to - from >= bytes && from - to >= bytes)
        memcpy(r->to - low, r->from - low, bytes);
    else
        copy_in_order(r);
    return r->count;
}

static uint32_t run_stos(struct cpu *c, const struct insn *i,
                         const struct run *r)
{
    size_t bytes = (size_t)r->count * r->size, done = r->size;
    uint8_t *to = r->to - lowest(r);
    (void)i;
    memcpy(to, &c->reg[REG_EAX], done);
    while (done < bytes) { /* by doubling what is there */
        size_t more = done < bytes - done ? done : bytes - done;
        memcpy(to + done, to, more);
        done += more;
    }
    return r->count;
}

static uint32_t run_lods(struct cpu *c, const struct insn *i,
                         const struct run *r)
{
    const uint8_t *last = r->from + (ptrdiff_t)(r->count - 1) * r->step;
    (void)i;
    reg_write(c, REG_EAX, r->size, host_load(last, r->size));
    return r->count;
}

/* While pairs differ (REPNE) or are equal (REPE). The flags are the last
 * pair's. `from` stands still where EAX is the left side. */
static uint32_t compare(struct cpu *c, const struct insn *i,
                        const struct run *r, const uint8_t *from, int from_step)
{
    bool equal = i->rep == 0xf3;
    const uint8_t *to = r->to;
    uint32_t n = 0, a = 0, b = 0;
    while (n < r->count) {
        uint32_t x = host_load(from, r->size), y = host_load(to, r->size);
        if ((x == y) != equal)
            break;
        a = x;
        b = y;
        n++;
        to += r->step;
        from += from_step;
    }
    if (n > 0)
        flags_sub(c, r->size, a, b);
    return n;
}

static uint32_t run_cmps(struct cpu *c, const struct insn *i,
                         const struct run *r)
{
    return compare(c, i, r, r->from, r->step);
}

static uint32_t run_scas(struct cpu *c, const struct insn *i,
                         const struct run *r)
{
    uint32_t eax = c->reg[REG_EAX];
    return compare(c, i, r, (const uint8_t *)&eax, 0);
}

/* ----------------------------------------------------------------- the run */

static void move_index(struct cpu *c, const struct insn *i, enum reg r,
                       uint32_t by)
{
    reg_write(c, r, i->adsize, c->reg[r] + by);
}

/* As long a run as there is; then one iteration of string.c's. */
static void run_then_last(struct cpu *c, const struct insn *i,
                          enum string_uses uses, unsigned size, run_fn *run)
{
    bool down = c->eflags & FL_DF;
    uint32_t cost = c->costs->price[insn_price(i)];
    struct run r = {.count = before_last(c, i, cost),
                    .size = size,
                    .step = down ? -(int)size : (int)size};
    if (r.count > 0 && (uses & STRING_SOURCE))
        r.from = mem_run(c, (enum seg)i->seg, string_source(c, i), i->adsize,
                         false, r.step, &r.count);
    if (r.count > 0 && (uses & STRING_DESTINATION))
        r.to = mem_run(c, SEG_ES, string_destination(c, i), i->adsize,
                       uses & STRING_WRITES, r.step, &r.count);
    if (r.count > 0) {
        uint32_t n = run(c, i, &r), bytes = n * (uint32_t)r.step;
        if (uses & STRING_SOURCE)
            move_index(c, i, REG_ESI, bytes);
        if (uses & STRING_DESTINATION)
            move_index(c, i, REG_EDI, bytes);
        move_index(c, i, REG_ECX, 0 - n);
        cpu_charge(c, insn_price(i), n);
        c->instructions += n;
    }
    insn_functions[i->id](c, i);
}

static void rep_movs(struct cpu *c, const struct insn *i)
{
    run_then_last(c, i, STRING_BOTH | STRING_WRITES, opr_size(i, 0), run_movs);
}

static void rep_stos(struct cpu *c, const struct insn *i)
{
    run_then_last(c, i, STRING_DESTINATION | STRING_WRITES, opr_size(i, 0),
                  run_stos);
}

static void rep_lods(struct cpu *c, const struct insn *i)
{
    run_then_last(c, i, STRING_SOURCE, opr_size(i, 1), run_lods);
}

static void rep_cmps(struct cpu *c, const struct insn *i)
{
    run_then_last(c, i, STRING_BOTH, opr_size(i, 0), run_cmps);
}

static void rep_scas(struct cpu *c, const struct insn *i)
{
    run_then_last(c, i, STRING_DESTINATION, opr_size(i, 0), run_scas);
}

insn_fn *insn_runner(const struct insn *i)
{
    insn_fn *one = insn_functions[i->id];
    if (!i->rep)
        return one;
    return one == op_movs   ? rep_movs
           : one == op_stos ? rep_stos
           : one == op_lods ? rep_lods
           : one == op_cmps ? rep_cmps
           : one == op_scas ? rep_scas
                            : one;
}
