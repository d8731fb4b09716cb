/*
 * engine.c - the reference engine: instructions, one after the other, and
 * what comes between them.
 *
 * Job:    run; take interrupts where they may be taken; turn faults into
 *         events; stop at the deadline, at a halt, when asked.
 * Parts:  faults; charges; one instruction with everything that can watch it; a
 *         block of them without; interrupts; running.
 *
 * Both ways of running change the machine alike, to the cycle. The block
 * way is for when nobody watches: no hooks (but one that counts charges), no
 * single step, no breakpoints, no alignment checks, no interrupt shadow.
 */
#include "debug.h"
#include "fast/fast.h"

/* ----------------------------------------------------------------- faults */

_Noreturn void raise_fault(struct cpu *c, enum vector v, uint32_t error)
{
    c->engine->fault = v;
    c->engine->fault_error = error;
    longjmp(c->engine->unwind.env, 1);
}

/* After an unwinding. May unwind again, to the same place. */
static void take_fault(struct cpu *c)
{
    if (c->engine->exiting) {
        guest_leave(c);
        return;
    }
    c->debug_traps = 0; /* of an instruction that has not run */
    if (event_from_fault(c)) {
        uint32_t eip = c->eip;
        event_deliver(c, eip);
        c->eip = c->next_eip;
        debug_settle(c, eip);
    }
}

/* --------------------------------------------------- who must see accesses */

/* The fast tags go while a memory hook or a data breakpoint is there, and ring
 * 3's while it must align its accesses (CR0.AM, EFLAGS.AC); then they come
 * back. */
void watch_memory(struct cpu *c)
{
    struct engine *e = c->engine;
    bool watched = (c->hooks && c->hooks->memory) || debug_watches(c);
    bool aligned = (c->cr0 & CR0_AM) && (c->eflags & FL_AC);
    if (watched != e->watched || aligned != e->aligned) {
        e->watched = watched;
        e->aligned = aligned;
        tlb_retag_all(c);
    }
}

/* ----------------------------------------------------------------- charges */

void cpu_tell_charge(struct cpu *c, enum price p, uint64_t n)
{
    if (c->hooks->charged)
        c->hooks->charged(c->hooks->who, c, p, n);
}

/* ---------------------------------------------------------- one instruction */

/*
 * #UD where the mode or the processor has no such row; #GP(0) where the ring
 * forbids it; #VMEXIT where a guest's is intercepted. IN and OUT beyond IOPL go
 * on: the port door asks the TSS's bitmap, unless all sensitive rows are to
 * trap.
 */
static void check_ring(struct cpu *c, const struct insn *i)
{
    if (c->cpl == 0 || !cpu_insn_traps(c, (enum insn_id)i->id))
        return; /* ring 0 may do everything */
    bool all = c->kind != CPU_CLASSIC && (c->trap_sensitive & 1);
    if (insn_rows[i->id].trap != TRAP_IO || all)
        raise_fault(c, VEC_GP, 0);
}

void check_privilege(struct cpu *c, const struct insn *i)
{
    uint16_t attr = insn_rows[i->id].attr;
    if ((attr & ATTR_SVM) && !(c->efer & EFER_SVME))
        raise_fault(c, VEC_UD, 0);
    if ((attr & ATTR_PROTECTED) && !in_protected_mode(c))
        raise_fault(c, VEC_UD, 0);
    check_ring(c, i);
    if (c->guest.on && is_interceptable((enum insn_id)i->id))
        intercept_insn(c, i);
}

/* Tell the detector of a critical instruction that nobody trapped. */
static void tell_silent(struct cpu *c, const struct insn *i)
{
    if (c->hooks && c->hooks->silent && c->cpl > 0 && !c->guest.on &&
        insn_is_critical(c->kind, c->trap_sensitive & 1, (enum insn_id)i->id))
        c->hooks->silent(c->hooks->who, c, i);
}

static void deliver_between(struct cpu *c, enum event_kind kind, enum vector v,
                            uint32_t eip)
{
    event_begin(c, kind, v, eip);
    event_deliver(c, c->eip);
    c->eip = c->next_eip;
    debug_settle(c, eip);
}

/* A single-step trap follows an instruction that began with TF set. Not into
 * the handler of INT n and its like (event_deliver clears `step`), nor between
 * MOV SS and the next instruction (SDM 3A 6.8.3). */
static void end_step(struct cpu *c, uint32_t eip)
{
    if (c->engine->step && c->shadow != SHADOW_SS)
        c->debug_traps |= DR6_BS;
    debug_settle(c, eip);
}

static void run_one(struct cpu *c)
{
    struct insn in;
    const struct cpu_hooks *hooks = c->hooks;
    uint32_t eip = c->eip;

    if (debug_due(c)) { /* the frame of the last #DB hit a breakpoint */
        debug_settle(c, eip);
        return;
    }
    watch_memory(c);
    debug_fetch(c);
    c->eflags &= ~(uint32_t)FL_RF;
    c->engine->step = c->eflags & FL_TF;
    fetch_decode(c, &in);
    charge(c, insn_price(&in));
    c->next_eip = eip + in.len;
    c->engine->shadow = c->shadow;
    c->shadow = SHADOW_NONE;
    if (hooks && hooks->before)
        hooks->before(hooks->who, c, &in);
    check_privilege(c, &in);
    bool outside = c->cpl > 0;
    insn_functions[in.id](c, &in);
    if (outside)
        tell_silent(c, &in);
    c->eip = c->next_eip;
    c->engine->shadow = SHADOW_NONE;
    c->instructions++;
    watch_tell(c, &in);
    end_step(c, eip);
}

/* ------------------------------------------------------------------ a block */

/* `told`: someone counts charges. */
static inline void run_ops(struct cpu *c, const struct block *b, bool told)
{
    struct engine *e = c->engine;
    e->attention = false;
    c->eflags &= ~(uint32_t)FL_RF; /* an unfinished REP sets it again */
    for (unsigned n = 0; n < b->count; n++) {
        const struct op *op = &b->op[n];
        uint32_t eip = c->eip;
        c->cycles += op->cost;
        if (told)
            cpu_tell_charge(c, (enum price)op->price, 1);
        c->next_eip = eip + op->insn.len;
        if (op->guarded)
            check_privilege(c, &op->insn);
        op->run(c, &op->insn);
        c->eip = c->next_eip;
        c->instructions++;
        if (c->cycles >= c->deadline || e->attention)
            return;
        if (op->insn.rep && c->eip == eip)
            n--; /* the next iteration */
    }
}

static void run_block(struct cpu *c, const struct block *b)
{
    run_ops(c, b, false);
}

static void run_block_told(struct cpu *c, const struct block *b)
{
    run_ops(c, b, true);
}

/* Must someone see every instruction? Who looks at places need not. */
static bool sees_all(const struct cpu_hooks *h)
{
    return h && (h->before || h->memory || h->silent ||
                 (!h->places && (h->after || h->event || h->port)));
}

/* Does nobody watch, and nothing hold between instructions? */
static bool is_ordinary(const struct cpu *c)
{
    const struct engine *e = c->engine;
    return !sees_all(c->hooks) && !c->shadow &&
           !(c->eflags & (FL_TF | FL_AC)) && !e->watched && !e->aligned &&
           !debug_armed(c) && !c->debug_traps;
}

static void run_some(struct cpu *c)
{
    /* CS's limit is checked before the page behind it is looked at. */
    bool inside = c->eip <= c->seg[SEG_CS].limit && !watch_is_here(c);
    const struct block *b = inside && is_ordinary(c) ? block_here(c) : NULL;
    if (!b || !segment_holds(&c->seg[SEG_CS], c->eip, b->bytes)) {
        run_one(c);
        return;
    }
    if (c->hooks && c->hooks->charged)
        run_block_told(c, b);
    else if (fast_fits(c, b))
        fast_run(c, b);
    else
        run_block(c, b);
    if (watch_is_here(c))
        watch_tell(c, NULL);
}

/* --------------------------------------------------------------- interrupts */

static bool nmi_due(const struct cpu *c)
{
    return c->nmi_line && !c->engine->nmi_blocked;
}

/* May an NMI or interrupt that is up be taken here? */
static bool interrupt_due(const struct cpu *c)
{
    if (c->guest.on)
        return guest_interrupt_due(c);
    if (!c->gif || (c->shadow && c->eip == c->shadow_eip))
        return false;
    return nmi_due(c) || (c->interrupt_line && (c->eflags & FL_IF));
}

static void take_interrupt(struct cpu *c)
{
    if (c->guest.on) {
        guest_take_interrupt(c);
    } else if (nmi_due(c)) {
        c->nmi_line = false;
        deliver_between(c, EVENT_NMI, VEC_NMI, c->eip);
    } else {
        enum vector v = (enum vector)c->bus->acknowledge(c->wire);
        deliver_between(c, EVENT_INTERRUPT, v, c->eip);
    }
}

/* ------------------------------------------------------------------ running */

/* Is a program next, and not even an interrupt before it? */
static bool in_user(const struct cpu *c)
{
    return c->cpl == 3 && cpu_mode(c->cr0, c->eflags) == MODE_PROTECTED &&
           !interrupt_due(c);
}

/* Is there a reason to return? */
static bool stops(struct cpu *c, enum cpu_stop *why)
{
    if (c->shutdown)
        *why = CPU_SHUTDOWN;
    else if (c->halted && !interrupt_due(c))
        *why = CPU_HALTED;
    else if (c->stop_soon)
        *why = CPU_ASKED;
    else if (c->stop_in_user && in_user(c))
        *why = CPU_IN_USER;
    else if (c->cycles >= c->deadline)
        *why = CPU_DEADLINE;
    else
        return false;
    if (*why == CPU_ASKED)
        c->stop_soon = false;
    return true;
}

bool engine_goes_on(const struct cpu *c)
{
    return !c->shutdown && !c->halted && !c->stop_soon &&
           c->cycles < c->deadline && !interrupt_due(c) && is_ordinary(c) &&
           !(c->stop_in_user && in_user(c));
}

enum cpu_stop cpu_run(struct cpu *c, uint64_t deadline)
{
    enum cpu_stop why;
    c->deadline = deadline;
    watch_begin(c);
    if (setjmp(c->engine->unwind.env) != 0)
        take_fault(c);
    while (!stops(c, &why)) {
        if (interrupt_due(c))
            take_interrupt(c);
        else
            run_some(c);
    }
    return why;
}

enum cpu_stop cpu_step(struct cpu *c)
{
    if (setjmp(c->engine->unwind.env) != 0)
        take_fault(c);
    else if (!c->shutdown && interrupt_due(c))
        take_interrupt(c);
    else if (!c->shutdown && !c->halted)
        run_one(c);
    enum cpu_stop why;
    return stops(c, &why) ? why : CPU_DEADLINE;
}

void cpu_stop_soon(struct cpu *c)
{
    c->stop_soon = true;
}

void cpu_retire(struct cpu *c, const struct insn *in)
{
    struct unwind outer = c->engine->unwind;
    if (setjmp(c->engine->unwind.env) != 0) {
        take_fault(c);
    } else {
        uint32_t eip = c->eip;
        c->engine->step = c->eflags & FL_TF;
        c->eip += in->len;
        c->eflags &= ~(uint32_t)FL_RF;
        c->shadow = SHADOW_NONE;
        end_step(c, eip);
    }
    c->engine->unwind = outer;
}

void cpu_use_reference(struct cpu *c, bool alone)
{
    c->engine->reference = alone;
}

void cpu_deliver(struct cpu *c, const struct event *ev)
{
    struct engine *e = c->engine;
    struct unwind outer = e->unwind;
    if (setjmp(e->unwind.env) != 0) {
        take_fault(c);
    } else {
        event_begin(c, ev->kind, (enum vector)ev->vector, c->eip);
        c->last_event.has_error = ev->has_error;
        c->last_event.error = ev->error;
        c->last_event.cr2 = ev->cr2;
        if (ev->kind == EVENT_FAULT)
            charge(c, PRICE_fault);
        uint32_t eip = c->eip;
        event_deliver(c, eip);
        c->eip = c->next_eip;
        debug_settle(c, eip);
    }
    e->unwind = outer;
}
