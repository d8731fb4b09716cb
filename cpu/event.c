/*
 * event.c - delivery of exceptions and interrupts (SDM 3A chapter 6).
 *
 * Job:    from a vector to its handler through the IDT: the gate, its code
 *         segment, an inner ring's stack, the frame that is pushed.
 * Parts:  faults on the way to becoming events: double fault, shutdown; the
 *         gate; the frame; software interrupts.
 *
 * Real mode's table is real.c's, the frame's extra words in virtual-8086 mode
 * are vm86.c's.
 *
 * Delivery may fault at any step, and then nothing has changed: the fault
 * unwinds to the engine, and event_from_fault combines it with the event that
 * it interrupted.
 *
 * A task gate leads to another task instead of a handler: task.c.
 *
 * Simplified: a fault on the way to its own handler, without end, is a
 * shutdown (is_endless).
 */
#include "debug.h"
#include "task.h"

#define ERROR_EXT 1u /* the event was not the program's own doing */
#define ERROR_IDT 2u /* the index is one of the IDT */

/* ------------------------------------------------- from fault to event */

static bool has_error_code(enum vector v)
{
    return v == VEC_DF || (v >= VEC_TS && v <= VEC_PF) || v == VEC_AC;
}

/* INT n, INT3 and INTO: the program asked for it. */
static bool is_software(const struct event *e)
{
    return e->kind == EVENT_SOFTWARE ||
           (e->kind == EVENT_TRAP && e->vector != VEC_DB);
}

static bool is_contributory(unsigned v)
{
    return v == VEC_DE || (v >= VEC_TS && v <= VEC_GP);
}

/* SDM 3A table 6-5: a fault while the first one is delivered. */
static bool is_double(const struct event *first, enum vector second)
{
    if (first->kind != EVENT_FAULT)
        return false; /* interrupts and traps are benign */
    if (first->vector == VEC_PF)
        return is_contributory(second) || second == VEC_PF;
    return is_contributory(first->vector) && is_contributory(second);
}

void event_begin(struct cpu *c, enum event_kind kind, enum vector v,
                 uint32_t eip)
{
    c->last_event = (struct event){.kind = kind,
                                   .vector = (uint8_t)v,
                                   .cs = c->seg[SEG_CS].sel,
                                   .eip = eip,
                                   .cpl = c->cpl,
                                   .cycle = c->cycles};
}

/* A fault on the way to a handler: what becomes of the two. False: shutdown. */
static bool combine(const struct event *first, enum vector *v, uint32_t *error)
{
    if (first->kind == EVENT_FAULT && first->vector == VEC_DF)
        return false;
    if (is_double(first, *v)) {
        *v = VEC_DF;
        *error = 0;
    }
    return true;
}

/* A fault that comes again on the way to its own handler comes for ever, as
 * #AC does whose handler has the same odd stack: benign, so no double fault. A
 * processor hangs there, with interrupts shut out; this one shuts down. */
static bool is_endless(struct engine *e, enum vector v)
{
    uint32_t bit = 1u << v;
    bool again = e->on_the_way & bit;
    e->on_the_way |= bit;
    return again;
}

bool event_from_fault(struct cpu *c)
{
    struct engine *e = c->engine;
    enum vector v = e->fault;
    uint32_t error = e->fault_error;
    if (e->delivering && v != VEC_PF && !is_software(&c->last_event))
        error |= ERROR_EXT;
    if (c->guest.on)
        intercept_exception(c, v, has_error_code(v) ? error : 0);
    if (v == VEC_PF)
        c->cr2 = e->fault_address;
    bool on_the_way = e->delivering;
    e->delivering = false;
    if ((on_the_way && !combine(&c->last_event, &v, &error)) ||
        is_endless(e, v)) {
        e->delivering = on_the_way;
        if (is_intercepted(c, VMEXIT_SHUTDOWN))
            raise_vmexit(c, VMEXIT_SHUTDOWN, 0, 0);
        e->delivering = false;
        c->shutdown = true;
        return false;
    }
    event_begin(c, EVENT_FAULT, v, c->eip);
    c->last_event.has_error = has_error_code(v) && (c->cr0 & CR0_PE);
    c->last_event.error = c->last_event.has_error ? error : 0;
    c->last_event.cr2 = v == VEC_PF ? c->cr2 : 0;
    charge(c, PRICE_fault);
    return true;
}

/* --------------------------------------------------------------- the gate */

/*
 *   high |     offset 31:16     | P DPL 0 type |         |
 *   low  |       selector       |      offset 15:0       |
 */
struct gate {
    uint32_t sel, offset;
    bool task;            /* a task gate: `sel` names a TSS, the rest nothing */
    unsigned size;        /* of what is pushed: 4, or 2 for an 80286 gate */
    bool clears_if;       /* an interrupt gate, not a trap gate */
    struct descriptor to; /* its code segment */
    unsigned cpl;         /* the ring that it leads to */
    bool inner;           /* onto the stack that the TSS has for that ring */
};

static struct gate read_gate(struct cpu *c, const struct event *e)
{
    uint32_t at = e->vector * 8u, error = at | ERROR_IDT;
    if (at + 7 > c->idtr.limit)
        raise_fault(c, VEC_GP, error);
    struct descriptor d = {.at = {c->idtr.base + at}};
    descriptor_load(c, &d);
    unsigned type = descriptor_type(&d);
    bool task = type == TYPE_TASK_GATE;
    if (descriptor_is_memory(&d) ||
        (!task && (type & ~(unsigned)TYPE_32BIT) < TYPE_INT_GATE16))
        raise_fault(c, VEC_GP, error);
    if (is_software(e) && descriptor_dpl(&d) < c->cpl)
        raise_fault(c, VEC_GP, error);
    if (!descriptor_present(&d))
        raise_fault(c, VEC_NP, error);
    bool wide = type & TYPE_32BIT;
    return (struct gate){
        .task = task,
        .sel = d.low >> 16,
        .offset = (d.low & 0xffff) | (wide ? d.high & 0xffff0000 : 0),
        .size = wide ? 4 : 2,
        .clears_if = !(type & 1),
    };
}

/* A task switch that failed half way left no SS. Its handler ought to be a
 * task (SDM 3A 6.15, vector 10); one that is none gets the TSS's stack. */
static bool lost_stack(const struct cpu *c)
{
    return !(c->seg[SEG_SS].attr & SEG_P);
}

/* The gate's code segment must be no outer ring's; a conforming one runs in
 * the present ring. From virtual-8086 mode all lead to ring 0. */
static void find_code(struct cpu *c, struct gate *g)
{
    struct descriptor *d = &g->to;
    if (is_null(g->sel))
        raise_fault(c, VEC_GP, 0);
    descriptor_fetch(c, g->sel, d);
    if (!descriptor_is_code(d) || descriptor_dpl(d) > c->cpl)
        raise_fault(c, VEC_GP, sel_error(g->sel));
    if (!descriptor_present(d))
        raise_fault(c, VEC_NP, sel_error(g->sel));
    g->cpl = descriptor_is_conforming(d) ? c->cpl : descriptor_dpl(d);
    g->inner = g->cpl != c->cpl || lost_stack(c);
    if ((c->eflags & FL_VM) && g->cpl != 0)
        raise_fault(c, VEC_GP, sel_error(g->sel));
}

/* -------------------------------------------------------------- the frame */

/* EFLAGS as the handler finds them, or the old task's TSS. A fault sets RF, so
 * that its instruction, run again, does not hit its breakpoint again; but a
 * breakpoint has not been hit until #DB's handler says so (SDM 3B 17.3.1.1). */
static uint32_t flags_image(const struct cpu *c)
{
    const struct event *e = &c->last_event;
    bool resumes = e->kind == EVENT_FAULT && e->vector != VEC_DB;
    return cpu_eflags(c) | (resumes ? FL_RF : 0);
}

static void push_frame(struct cpu *c, struct new_stack *s, const struct gate *g,
                       uint32_t eip)
{
    const struct event *e = &c->last_event;
    bool vm86 = c->eflags & FL_VM;
    unsigned words =
        3u + (g->inner ? 2u : 0u) + (vm86 ? 4u : 0u) + (e->has_error ? 1u : 0u);
    stack_reserve(c, s, g->size, words);
    if (g->offset > descriptor_limit(&g->to))
        raise_fault(c, VEC_GP, 0);
    if (vm86)
        vm86_push_segments(c, s, g->size);
    if (g->inner) {
        stack_push(c, s, g->size, c->seg[SEG_SS].sel);
        stack_push(c, s, g->size, c->reg[REG_ESP]);
    }
    stack_push(c, s, g->size, flags_image(c));
    stack_push(c, s, g->size, c->seg[SEG_CS].sel);
    stack_push(c, s, g->size, eip);
    if (e->has_error)
        stack_push(c, s, g->size, e->error);
}

/* To a handler of this task. */
static void enter_handler(struct cpu *c, struct gate *g, uint32_t return_eip)
{
    find_code(c, g);
    charge(c, g->inner ? PRICE_int_inner : PRICE_int_same);
    struct new_stack s = g->inner ? stack_inner(c, g->cpl) : stack_current(c);
    descriptor_accessed(c, &g->to);
    push_frame(c, &s, g, return_eip);

    stack_commit(c, &s);
    load_cs(c, &g->to, g->sel, g->cpl);
    c->next_eip = g->offset;
    if (c->eflags & FL_VM)
        vm86_left(c);
    c->eflags &= ~(uint32_t)(FL_TF | FL_NT | FL_RF);
    if (g->clears_if)
        c->eflags &= ~(uint32_t)FL_IF;
}

/* In protected mode, through the IDT. */
static void go_through_gate(struct cpu *c, uint32_t return_eip)
{
    struct gate g = read_gate(c, &c->last_event);
    if (g.task)
        task_switch(c, g.sel, TASK_BY_EVENT, return_eip, flags_image(c));
    else
        enter_handler(c, &g, return_eip);
}

void event_deliver(struct cpu *c, uint32_t return_eip)
{
    struct engine *e = c->engine;
    const struct event *ev = &c->last_event;
    if (c->guest.on && ev->kind == EVENT_TRAP && !e->injecting)
        intercept_exception(c, (enum vector)ev->vector, 0);
    e->delivering = true;
    if (c->hooks && c->hooks->event)
        c->hooks->event(c->hooks->who, c, &c->last_event);

    if (c->cr0 & CR0_PE)
        go_through_gate(c, return_eip);
    else
        real_deliver(c, return_eip);
    c->halted = false;
    c->shadow = e->shadow = SHADOW_NONE;
    if (c->last_event.kind == EVENT_NMI)
        e->nmi_blocked = true;
    if (c->last_event.vector == VEC_DB && c->last_event.kind != EVENT_SOFTWARE)
        c->dr[7] &= ~DR7_GD;
    e->step = e->delivering = e->injecting = false;
    e->on_the_way = 0;
}

/* ----------------------------------------------------- software interrupts */

static void trap_here(struct cpu *c, enum event_kind kind, enum vector v)
{
    event_begin(c, kind, v, c->eip);
    event_deliver(c, c->next_eip);
}

void software_interrupt(struct cpu *c, enum vector v)
{
    trap_here(c, EVENT_SOFTWARE, v);
}

void op_int(struct cpu *c, const struct insn *i)
{
    if (!vm86_int(c, (uint8_t)i->imm))
        software_interrupt(c, (enum vector)(i->imm & 0xff));
}

void op_int3(struct cpu *c, const struct insn *i)
{
    (void)i;
    trap_here(c, EVENT_TRAP, VEC_BP);
}

void op_into(struct cpu *c, const struct insn *i)
{
    (void)i;
    if (flags_arith(c) & FL_OF)
        trap_here(c, EVENT_TRAP, VEC_OF);
}

/* INT1: a debug trap that checks no DPL. */
void op_icebp(struct cpu *c, const struct insn *i)
{
    (void)i;
    trap_here(c, EVENT_TRAP, VEC_DB);
}

/* Signed index, lower and upper bound: #BR is a fault (SDM 2A, BOUND). */
void op_bound(struct cpu *c, const struct insn *i)
{
    unsigned size = i->opsize;
    uint32_t at = opr_offset(c, i);
    uint32_t low = mem_read(c, (enum seg)i->seg, at, size);
    uint32_t high = mem_read(c, (enum seg)i->seg, at + size, size);
    int32_t index = (int32_t)sign_extend(reg_read(c, i->reg, size), size);
    if (index < (int32_t)sign_extend(low, size) ||
        index > (int32_t)sign_extend(high, size))
        raise_fault(c, VEC_BR, 0);
}
