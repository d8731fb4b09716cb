/*
 * return.c - far RET and IRET, to the same ring and to an outer one (SDM 2,
 * RET and IRET; SDM 3A 5.8.6).
 *
 * On the way out data segments that the outer ring may not use become null,
 * so that it does not inherit what its own loads would be refused.
 *
 * Real and virtual-8086 mode, which ask no descriptor, are real.c's; an IRET
 * of ring 0 to virtual-8086 mode is vm86.c's.
 */
#include "task.h"

/* What is found on the stack, and where it leads. */
struct frame {
    uint32_t eip, cs, eflags, esp, ss;
    struct descriptor code, stack;
    bool outer;
};

/* The code segment: no inner ring's, and present. */
static void check_code(struct cpu *c, struct frame *f)
{
    if (is_null(f->cs))
        raise_fault(c, VEC_GP, 0);
    descriptor_fetch(c, f->cs, &f->code);
    const struct descriptor *d = &f->code;
    bool allowed = descriptor_is_conforming(d)
                       ? descriptor_dpl(d) <= rpl(f->cs)
                       : descriptor_dpl(d) == rpl(f->cs);
    if (!descriptor_is_code(d) || rpl(f->cs) < c->cpl || !allowed)
        raise_fault(c, VEC_GP, sel_error(f->cs));
    if (!descriptor_present(d))
        raise_fault(c, VEC_NP, sel_error(f->cs));
    f->outer = rpl(f->cs) > c->cpl;
}

/*
 * The outer ring's stack segment. For one that is not present RET has #SS.
 * For IRET the manual has both: its pseudo-code #SS, its list of exceptions
 * #NP, and #NP is what the other implementations at hand do.
 */
static void check_stack(struct cpu *c, struct frame *f, enum vector absent)
{
    if (is_null(f->ss))
        raise_fault(c, VEC_GP, 0);
    descriptor_fetch(c, f->ss, &f->stack);
    if (rpl(f->ss) != rpl(f->cs) || !descriptor_is_writable_data(&f->stack) ||
        descriptor_dpl(&f->stack) != rpl(f->cs))
        raise_fault(c, VEC_GP, sel_error(f->ss));
    if (!descriptor_present(&f->stack))
        raise_fault(c, absent, sel_error(f->ss));
}

static void check_offset(struct cpu *c, const struct frame *f)
{
    if (f->eip > descriptor_limit(&f->code))
        raise_fault(c, VEC_GP, 0);
}

/* Null the data segments that are the old ring's own. */
static void drop_inner_segments(struct cpu *c)
{
    static const enum seg data[] = {SEG_ES, SEG_DS, SEG_FS, SEG_GS};
    for (unsigned n = 0; n < 4; n++) {
        struct segment *g = &c->seg[data[n]];
        bool conforming = (g->attr & TYPE_CODE) && (g->attr & TYPE_CONFORMING);
        if (SEG_DPL(g->attr) < c->cpl && !conforming)
            *g = (struct segment){.sel = 0};
    }
}

/* All checks are behind us but the accessed bits' own writes. `drop` bytes
 * leave the outer stack, or the same one. */
static void go(struct cpu *c, struct frame *f, uint32_t popped, uint32_t drop)
{
    descriptor_accessed(c, &f->code);
    if (!f->outer) {
        stack_drop(c, popped + drop);
        load_cs(c, &f->code, f->cs, c->cpl);
    } else {
        descriptor_accessed(c, &f->stack);
        c->seg[SEG_SS] = descriptor_segment(&f->stack, f->ss);
        bool wide = c->seg[SEG_SS].attr & SEG_DB;
        reg_write(c, REG_ESP, wide ? 4 : 2, f->esp);
        stack_drop(c, drop);
        load_cs(c, &f->code, f->cs, rpl(f->cs));
        drop_inner_segments(c);
    }
    c->next_eip = f->eip;
}

/* -------------------------------------------------------------------- RET */

void op_retf(struct cpu *c, const struct insn *i)
{
    unsigned size = i->opsize;
    uint32_t drop = i->imm & 0xffff;
    if (!in_protected_mode(c)) {
        real_retf(c, size, drop);
        return;
    }
    struct frame f = {.eip = stack_peek(c, size, 0)};
    f.cs = stack_peek(c, size, size) & 0xffff;
    check_code(c, &f);
    if (f.outer) {
        f.esp = stack_peek(c, size, 2 * size + drop);
        f.ss = stack_peek(c, size, 3 * size + drop) & 0xffff;
        check_stack(c, &f, VEC_SS);
    }
    check_offset(c, &f);
    bool outer = f.outer;
    go(c, &f, 2 * size, drop);
    charge(c, outer ? PRICE_ret_outer : PRICE_far);
}

/* ------------------------------------------------------------------- IRET */

/* RF comes back from a frame of 32 bits, and from nothing else but a TSS. */
static uint32_t flags_returned(const struct cpu *c, unsigned size)
{
    return flags_allowed(c, size) | (size == 4 ? FL_RF : 0);
}

/* Word n of the frame on the stack: `top` is stack_view's. */
static uint32_t frame_word(struct cpu *c, const uint8_t *top, unsigned size,
                           unsigned n)
{
    return top ? host_load(top + n * size, size)
               : stack_peek(c, size, n * size);
}

/* To protected mode's same ring or an outer one. */
static void return_protected(struct cpu *c, const uint8_t *top, unsigned size)
{
    struct frame f; /* esp, ss and stack only if it is `outer` */
    f.eip = frame_word(c, top, size, 0);
    f.cs = frame_word(c, top, size, 1) & 0xffff;
    f.eflags = frame_word(c, top, size, 2);
    check_code(c, &f);
    if (f.outer) {
        f.esp = frame_word(c, top, size, 3);
        f.ss = frame_word(c, top, size, 4) & 0xffff;
        check_stack(c, &f, VEC_NP);
    }
    check_offset(c, &f);
    uint32_t may = flags_returned(c, size);
    if (c->cpl == 0 && size == 4)
        may |= FL_VIF | FL_VIP;
    go(c, &f, 3 * size, 0);
    cpu_set_eflags(c, (c->eflags & ~may) | (f.eflags & may));
    charge(c, f.outer ? PRICE_iret_outer : PRICE_iret_same);
}

static void return_real(struct cpu *c, unsigned size)
{
    uint32_t may = flags_returned(c, size);
    uint32_t eflags = real_iret(c, size);
    cpu_set_eflags(c, (cpu_eflags(c) & ~may) | (eflags & may));
}

/* Does the frame lead from ring 0 to virtual-8086 mode? */
static bool leads_to_vm86(struct cpu *c, const uint8_t *top, unsigned size)
{
    if (size != 4 || c->cpl != 0)
        return false;
    frame_word(c, top, 4, 0); /* EIP is popped first, and faults first */
    return frame_word(c, top, 4, 2) & FL_VM;
}

void op_iret(struct cpu *c, const struct insn *i)
{
    const uint8_t *top = stack_view(c, 5u * i->opsize);
    if (!in_protected_mode(c))
        return_real(c, i->opsize);
    else if (c->eflags & FL_NT)
        task_return(c);
    else if (leads_to_vm86(c, top, i->opsize))
        vm86_enter(c);
    else
        return_protected(c, top, i->opsize);
    c->engine->nmi_blocked = false;
}
