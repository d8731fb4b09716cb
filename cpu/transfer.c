/*
 * transfer.c - far JMP and far CALL, through call gates too (SDM 2A, JMP and
 * CALL; SDM 3A 5.8); SYSENTER and SYSEXIT.
 *
 * The file reads as the manual's pseudo-code does: find what the selector
 * names, check it, check the target's offset and the stack, change.
 *
 * What leads to another task is left to task.c; real and virtual-8086 mode,
 * which ask no descriptor, to real.c.
 */
#include "task.h"

/* Where a transfer leads. */
struct target {
    uint32_t sel, eip;
    struct descriptor code;
    unsigned cpl;    /* the ring after it */
    unsigned size;   /* of what a call pushes */
    unsigned params; /* words that a call gate copies */
};

static void fetch_target(struct cpu *c, uint32_t sel, struct descriptor *d)
{
    if (is_null(sel))
        raise_fault(c, VEC_GP, 0);
    descriptor_fetch(c, sel, d);
}

static void check_present(struct cpu *c, const struct descriptor *d,
                          uint32_t sel)
{
    if (!descriptor_present(d))
        raise_fault(c, VEC_NP, sel_error(sel));
}

/* Straight to a code segment: the ring stays. */
static void direct_target(struct cpu *c, struct target *t)
{
    const struct descriptor *d = &t->code;
    bool allowed = descriptor_is_conforming(d)
                       ? descriptor_dpl(d) <= c->cpl
                       : rpl(t->sel) <= c->cpl && descriptor_dpl(d) == c->cpl;
    if (!allowed)
        raise_fault(c, VEC_GP, sel_error(t->sel));
    check_present(c, d, t->sel);
    t->cpl = c->cpl;
}

/*
 * Through a call gate. A call may go inward; a jump stays in its ring.
 *
 *   high |     offset 31:16     | P DPL 0 type | 000 | count |
 *   low  |       selector       |         offset 15:0        |
 */
static void gate_target(struct cpu *c, struct target *t, bool call)
{
    struct descriptor gate = t->code;
    unsigned dpl = descriptor_dpl(&gate);
    bool wide = descriptor_type(&gate) & TYPE_32BIT;
    if (dpl < c->cpl || dpl < rpl(t->sel))
        raise_fault(c, VEC_GP, sel_error(t->sel));
    check_present(c, &gate, t->sel);

    t->sel = gate.low >> 16;
    t->eip = (gate.low & 0xffff) | (wide ? gate.high & 0xffff0000 : 0);
    t->size = wide ? 4 : 2;
    t->params = gate.high & 31;
    fetch_target(c, t->sel, &t->code);
    const struct descriptor *d = &t->code;
    dpl = descriptor_dpl(d);
    bool inward = call && !descriptor_is_conforming(d);
    if (!descriptor_is_code(d) || dpl > c->cpl ||
        (!inward && !descriptor_is_conforming(d) && dpl != c->cpl))
        raise_fault(c, VEC_GP, sel_error(t->sel));
    check_present(c, d, t->sel);
    t->cpl = inward ? dpl : c->cpl;
}

/* Fill in `t`, whose sel, eip and size are known. False: it led to another
 * task, and we are there. */
static bool find_target(struct cpu *c, struct target *t, enum task_by by)
{
    fetch_target(c, t->sel, &t->code);
    unsigned type = descriptor_type(&t->code);
    if (descriptor_is_code(&t->code))
        direct_target(c, t);
    else if (!descriptor_is_memory(&t->code) &&
             (type == TYPE_CALL_GATE16 || type == TYPE_CALL_GATE32))
        gate_target(c, t, by == TASK_BY_CALL);
    else if (task_transfer(c, t->sel, &t->code, by))
        return false;
    else
        raise_fault(c, VEC_GP, sel_error(t->sel));
    return true;
}

static void check_offset(struct cpu *c, const struct target *t)
{
    if (t->eip > descriptor_limit(&t->code))
        raise_fault(c, VEC_GP, 0);
}

/* -------------------------------------------------------------------- JMP */

static void jump_far(struct cpu *c, uint32_t sel, uint32_t eip, unsigned size)
{
    if (!in_protected_mode(c)) {
        real_jump(c, sel, eip);
        return;
    }
    struct target t = {.sel = sel, .eip = eip, .size = size};
    if (!find_target(c, &t, TASK_BY_JUMP))
        return;
    check_offset(c, &t);
    descriptor_accessed(c, &t.code);
    charge(c, PRICE_far);
    load_cs(c, &t.code, t.sel, c->cpl);
    c->next_eip = t.eip;
}

void op_jmp_far(struct cpu *c, const struct insn *i)
{
    jump_far(c, i->imm2, i->imm, i->opsize);
}

void op_jmp_far_ind(struct cpu *c, const struct insn *i)
{
    uint32_t at = opr_offset(c, i);
    uint32_t eip = mem_read(c, (enum seg)i->seg, at, i->opsize);
    uint32_t sel = mem_read(c, (enum seg)i->seg, at + i->opsize, 2);
    jump_far(c, sel, eip, i->opsize);
}

/* ------------------------------------------------------------------- CALL */

/* The old SS:ESP and the parameters go to the inner stack first. */
static void call_inner(struct cpu *c, const struct target *t,
                       struct new_stack *s)
{
    uint32_t words[32];
    for (unsigned n = 0; n < t->params; n++)
        words[n] = stack_peek(c, t->size, n * t->size);
    stack_reserve(c, s, t->size, 4 + t->params);
    check_offset(c, t);
    stack_push(c, s, t->size, c->seg[SEG_SS].sel);
    stack_push(c, s, t->size, c->reg[REG_ESP]);
    for (unsigned n = t->params; n-- > 0;)
        stack_push(c, s, t->size, words[n]);
}

static void call_far(struct cpu *c, uint32_t sel, uint32_t eip, unsigned size)
{
    if (!in_protected_mode(c)) {
        real_call(c, sel, eip, size);
        return;
    }
    struct target t = {.sel = sel, .eip = eip, .size = size};
    if (!find_target(c, &t, TASK_BY_CALL))
        return;
    bool inner = t.cpl != c->cpl;
    struct new_stack s = inner ? stack_inner(c, t.cpl) : stack_current(c);
    descriptor_accessed(c, &t.code);
    if (inner) {
        call_inner(c, &t, &s);
    } else {
        stack_reserve(c, &s, t.size, 2);
        check_offset(c, &t);
    }
    charge(c, inner ? PRICE_gate_inner : PRICE_far);
    stack_push(c, &s, t.size, c->seg[SEG_CS].sel);
    stack_push(c, &s, t.size, c->next_eip);
    stack_commit(c, &s);
    load_cs(c, &t.code, t.sel, t.cpl);
    c->next_eip = t.eip;
}

void op_call_far(struct cpu *c, const struct insn *i)
{
    call_far(c, i->imm2, i->imm, i->opsize);
}

void op_call_far_ind(struct cpu *c, const struct insn *i)
{
    uint32_t at = opr_offset(c, i);
    uint32_t eip = mem_read(c, (enum seg)i->seg, at, i->opsize);
    uint32_t sel = mem_read(c, (enum seg)i->seg, at + i->opsize, 2);
    call_far(c, sel, eip, i->opsize);
}

/* --------------------------------------------------- SYSENTER and SYSEXIT */

/* Flat segments by definition: no descriptor is read (SDM 2B, SYSENTER). */
static void load_flat(struct cpu *c, uint32_t cs, uint32_t ss, unsigned cpl)
{
    uint16_t common = (uint16_t)(SEG_P | SEG_S | SEG_DB | SEG_G | cpl << 5);
    c->seg[SEG_CS] = (struct segment){
        .sel = (uint16_t)((cs & 0xfffc) | cpl),
        .attr = common | TYPE_CODE | TYPE_RW | TYPE_ACCESSED,
        .limit = UINT32_MAX,
    };
    c->seg[SEG_SS] = (struct segment){
        .sel = (uint16_t)((ss & 0xfffc) | cpl),
        .attr = common | TYPE_RW | TYPE_ACCESSED,
        .limit = UINT32_MAX,
    };
    c->cpl = (uint8_t)cpl;
}

void op_sysenter(struct cpu *c, const struct insn *i)
{
    (void)i;
    if (!(c->cr0 & CR0_PE) || is_null(c->sysenter_cs))
        raise_fault(c, VEC_GP, 0);
    load_flat(c, c->sysenter_cs, c->sysenter_cs + 8, 0);
    c->eflags &= ~(uint32_t)(FL_IF | FL_VM);
    c->reg[REG_ESP] = c->sysenter_esp;
    c->next_eip = c->sysenter_eip;
}

void op_sysexit(struct cpu *c, const struct insn *i)
{
    (void)i;
    if (!(c->cr0 & CR0_PE) || is_null(c->sysenter_cs))
        raise_fault(c, VEC_GP, 0);
    load_flat(c, c->sysenter_cs + 16, c->sysenter_cs + 24, 3);
    c->reg[REG_ESP] = c->reg[REG_ECX];
    c->next_eip = c->reg[REG_EDX];
}
