/*
 * task.c - hardware task switches (SDM 3A chapter 7).
 *
 * Job:    save the processor's state in one task-state segment and load it
 *         from another: for a far JMP or CALL, an event through a task gate,
 *         and IRET with NT set.
 * Parts:  what a TSS looks like; finding the new one; leaving the old task;
 *         becoming the new one; who asks for it.
 *
 *             busy bit of          NT of                 back link
 *             old TSS   new TSS    old image  new flags  of the new TSS
 *     JMP     cleared   set        as it is   the TSS's  as it is
 *     CALL    stays     set        as it is   set        the old TSS
 *     event   stays     set        as it is   set        the old TSS
 *     IRET    cleared   stays      cleared    the TSS's  as it is
 *
 * The order is 7.3's. All that can go wrong in the old task is tried first;
 * then it is saved, and from there a fault is the new task's: its registers
 * hold what its TSS said, and segment registers that could not be loaded are
 * left unusable with their selectors.
 *
 * Simplified: the new task's segments are checked one after the other, LDT,
 * SS, CS and then data. Table 7-1, whose order is the Pentium Pro's alone as
 * it says, goes back and forth between the first three.
 */
#include "debug.h"
#include "task.h"

/* ------------------------------------------------- what a TSS looks like */

/* Where things stand in a TSS, SDM 3A figures 7-2 and 7-11. The general
 * registers and segment registers are in the order of their numbers. */
struct layout {
    unsigned size;  /* of a field */
    uint32_t limit; /* the smallest */
    uint32_t eip, eflags, reg, seg, ldt;
    int segments;  /* an 80286 had no FS and GS */
    uint32_t high; /* what general registers get where it had no bits: 7.6
                      leaves it open, this is what other emulators do */
};
static const struct layout layout16 = {2,  43, 14, 16,        18,
                                       34, 42, 4,  0xffff0000};
static const struct layout layout32 = {4, 103, 32, 36, 40, 72, 96, 6, 0};
#define TSS_LINK 0u /* the back link, a word */
#define TSS_CR3 28u
#define TSS_TRAP 100u /* bit 0: T */
#define TSS_BUSY (2u << 8)

static const struct layout *layout_of(unsigned type)
{
    return type & TYPE_32BIT ? &layout32 : &layout16;
}

/* A task as its TSS has it. */
struct task {
    uint32_t sel;
    struct descriptor tss;
    struct segment tr; /* as TR will hold it */
    const struct layout *layout;
    uint32_t cr3, eip, eflags, reg[8], seg[SEG_COUNT], ldt;
    bool trap;
};

static uint32_t tss_read(struct cpu *c, const struct task *t, uint32_t at,
                         unsigned size)
{
    return lin_read(c, (gva_t){t->tr.base + at}, size);
}

static void tss_load(struct cpu *c, struct task *t)
{
    const struct layout *l = t->layout;
    t->eip = tss_read(c, t, l->eip, l->size);
    t->eflags = tss_read(c, t, l->eflags, l->size);
    for (uint32_t n = 0; n < 8; n++)
        t->reg[n] = tss_read(c, t, l->reg + n * l->size, l->size) | l->high;
    for (int s = 0; s < l->segments; s++)
        t->seg[s] = tss_read(c, t, l->seg + (uint32_t)s * l->size, 2);
    t->ldt = tss_read(c, t, l->ldt, 2);
    if (l->size == 4) {
        t->cr3 = tss_read(c, t, TSS_CR3, 4);
        t->trap = tss_read(c, t, TSS_TRAP, 2) & 1;
    }
}

/* ------------------------------------------------------- finding the new */

/* In the GDT, a TSS, and busy if we return to it, or else not. */
static void find_tss(struct cpu *c, struct task *t, enum task_by by)
{
    bool back = by == TASK_BY_RETURN;
    enum vector wrong = back ? VEC_TS : VEC_GP;
    uint32_t error = sel_error(t->sel);
    if ((t->sel & 4) || is_null(t->sel) || !descriptor_read(c, t->sel, &t->tss))
        raise_fault(c, wrong, error);
    unsigned type = descriptor_type(&t->tss) & ~(unsigned)TYPE_32BIT;
    if (descriptor_is_memory(&t->tss) ||
        type != (back ? TYPE_TSS16_BUSY : TYPE_TSS16))
        raise_fault(c, wrong, error);
    if (!descriptor_present(&t->tss))
        raise_fault(c, VEC_NP, error);
    t->layout = layout_of(descriptor_type(&t->tss));
    if (descriptor_segment(&t->tss, t->sel).limit < t->layout->limit)
        raise_fault(c, VEC_TS, error);
    t->tss.high |= TSS_BUSY;
    t->tr = descriptor_segment(&t->tss, t->sel);
}

/* ------------------------------------------------------ leaving the old */

/* TR's descriptor in the GDT, upper half. */
static gva_t tr_descriptor(const struct cpu *c)
{
    return (gva_t){c->gdtr.base + (c->tr.sel & 0xfff8u) + 4};
}

static bool leaves_for_good(enum task_by by)
{
    return by == TASK_BY_JUMP || by == TASK_BY_RETURN;
}

static bool nests(enum task_by by)
{
    return by == TASK_BY_CALL || by == TASK_BY_EVENT;
}

/* Everything that is to be read or written, while nothing has been: the new
 * TSS is read when the old one has been written (they may be one). */
static void check_pages(struct cpu *c, const struct task *t, enum task_by by)
{
    const struct layout *old = layout_of(SEG_TYPE(c->tr.attr));
    if (!(c->tr.attr & SEG_P) || c->tr.limit < old->limit)
        raise_fault(c, VEC_TS, sel_error(c->tr.sel));
    uint32_t size = old->ldt - old->eip;
    lin_check_read(c, (gva_t){t->tr.base}, t->layout->limit + 1, false);
    lin_check_write(c, (gva_t){c->tr.base + old->eip}, size, false);
    if (leaves_for_good(by))
        lin_check_write(c, tr_descriptor(c), 4, false);
    if (by != TASK_BY_RETURN)
        lin_check_write(c, (gva_t){t->tss.at.v + 4}, 4, false);
    if (nests(by))
        lin_check_write(c, (gva_t){t->tr.base + TSS_LINK}, 2, false);
}

static void save(struct cpu *c, uint32_t eip, uint32_t flags)
{
    const struct layout *l = layout_of(SEG_TYPE(c->tr.attr));
    uint32_t at = c->tr.base;
    lin_write(c, (gva_t){at + l->eip}, l->size, eip);
    lin_write(c, (gva_t){at + l->eflags}, l->size, flags);
    for (uint32_t n = 0; n < 8; n++)
        lin_write(c, (gva_t){at + l->reg + n * l->size}, l->size, c->reg[n]);
    for (int s = 0; s < l->segments; s++) {
        uint32_t off = l->seg + (uint32_t)s * l->size;
        lin_write(c, (gva_t){at + off}, 2, c->seg[s].sel);
    }
}

static void mark_busy(struct cpu *c, const struct task *t, enum task_by by)
{
    if (leaves_for_good(by)) {
        uint32_t high = lin_read(c, tr_descriptor(c), 4);
        lin_write(c, tr_descriptor(c), 4, high & ~TSS_BUSY);
    }
    if (by != TASK_BY_RETURN)
        lin_write(c, (gva_t){t->tss.at.v + 4}, 4, t->tss.high);
    if (nests(by))
        lin_write(c, (gva_t){t->tr.base + TSS_LINK}, 2, c->tr.sel);
}

/* --------------------------------------------------- becoming the new one */

/* What cannot fail, but for the page directory. The selectors are there, but
 * name nothing yet. */
static void load_registers(struct cpu *c, const struct task *t)
{
    c->task_switches++;
    c->tr = t->tr;
    c->cr0 |= CR0_TS;
    cpu_set_dr(c, 7, c->dr[7] & ~DR7_LOCAL);
    c->eip = c->next_eip = t->eip;
    cpu_set_eflags(c, t->eflags);
    for (unsigned n = 0; n < 8; n++)
        c->reg[n] = t->reg[n];
    for (int s = 0; s < SEG_COUNT; s++)
        c->seg[s] = (struct segment){.sel = (uint16_t)t->seg[s]};
    c->ldtr = (struct segment){.sel = (uint16_t)t->ldt};
    c->cpl = t->eflags & FL_VM ? 3 : (uint8_t)rpl(t->seg[SEG_CS]);
    c->halted = false;
    c->shadow = SHADOW_NONE;
    if (t->layout->size == 4 && (c->cr0 & CR0_PG) &&
        cpu_set_cr(c, 3, t->cr3) != 0)
        raise_fault(c, VEC_GP, 0);
}

static void load_ldt(struct cpu *c, uint32_t sel)
{
    struct descriptor d;
    if (is_null(sel))
        return;
    if ((sel & 4) || !descriptor_read(c, sel, &d) || descriptor_is_memory(&d) ||
        descriptor_type(&d) != TYPE_LDT || !descriptor_present(&d))
        raise_fault(c, VEC_TS, sel_error(sel));
    c->ldtr = descriptor_segment(&d, sel);
}

static void load_code(struct cpu *c, uint32_t sel)
{
    struct descriptor d;
    if (is_null(sel) || !descriptor_read(c, sel, &d) || !descriptor_is_code(&d))
        raise_fault(c, VEC_TS, sel_error(sel));
    bool allowed = descriptor_is_conforming(&d)
                       ? descriptor_dpl(&d) <= rpl(sel)
                       : descriptor_dpl(&d) == rpl(sel);
    if (!allowed)
        raise_fault(c, VEC_TS, sel_error(sel));
    if (!descriptor_present(&d))
        raise_fault(c, VEC_NP, sel_error(sel));
    descriptor_accessed(c, &d);
    load_cs(c, &d, sel, rpl(sel));
}

static void load_stack(struct cpu *c, uint32_t sel)
{
    struct descriptor d;
    if (is_null(sel) || !descriptor_read(c, sel, &d) ||
        !descriptor_is_writable_data(&d) || rpl(sel) != c->cpl ||
        descriptor_dpl(&d) != c->cpl)
        raise_fault(c, VEC_TS, sel_error(sel));
    if (!descriptor_present(&d))
        raise_fault(c, VEC_SS, sel_error(sel));
    descriptor_accessed(c, &d);
    c->seg[SEG_SS] = descriptor_segment(&d, sel);
}

static void load_data(struct cpu *c, enum seg s, uint32_t sel)
{
    struct descriptor d;
    if (is_null(sel))
        return;
    if (!descriptor_read(c, sel, &d) || !data_allowed(c, sel, &d))
        raise_fault(c, VEC_TS, sel_error(sel));
    if (!descriptor_present(&d))
        raise_fault(c, VEC_NP, sel_error(sel));
    descriptor_accessed(c, &d);
    c->seg[s] = descriptor_segment(&d, sel);
}

static void load_segments(struct cpu *c, const struct task *t)
{
    static const enum seg data[] = {SEG_ES, SEG_DS, SEG_FS, SEG_GS};
    load_ldt(c, t->ldt);
    if (c->eflags & FL_VM) {
        for (int s = 0; s < SEG_COUNT; s++)
            real_load(c, (enum seg)s, t->seg[s]);
        return;
    }
    load_stack(c, t->seg[SEG_SS]);
    load_code(c, t->seg[SEG_CS]);
    for (unsigned n = 0; n < 4; n++)
        load_data(c, data[n], t->seg[data[n]]);
}

/* The new task's stack gets the error code, of the size of its TSS. */
static void push_error(struct cpu *c, const struct task *t)
{
    const struct event *e = &c->last_event;
    if (e->has_error)
        push(c, t->layout->size, e->error);
}

void task_switch(struct cpu *c, uint32_t sel, enum task_by by, uint32_t eip,
                 uint32_t flags)
{
    struct task t = {.sel = sel};
    find_tss(c, &t, by);
    if (is_intercepted(c, VMEXIT_TASK_SWITCH))
        raise_vmexit(c, VMEXIT_TASK_SWITCH, sel, 0);
    charge(c, PRICE_task_switch);
    check_pages(c, &t, by);

    save(c, eip, flags);
    mark_busy(c, &t, by);

    tss_load(c, &t);
    if (nests(by))
        t.eflags |= FL_NT;
    load_registers(c, &t);
    load_segments(c, &t);
    if (by == TASK_BY_EVENT)
        push_error(c, &t);
    if (c->eip > c->seg[SEG_CS].limit)
        raise_fault(c, VEC_GP, 0);
    if (t.trap)
        c->debug_traps |= DR6_BT;
}

/* ------------------------------------------------------ who asks for it */

bool task_transfer(struct cpu *c, uint32_t sel, const struct descriptor *d,
                   enum task_by by)
{
    unsigned type = descriptor_type(d);
    bool gate = type == TYPE_TASK_GATE;
    if (descriptor_is_memory(d) ||
        (!gate && type != TYPE_TSS16 && type != TYPE_TSS32))
        return false;
    if (descriptor_dpl(d) < c->cpl || descriptor_dpl(d) < rpl(sel))
        raise_fault(c, VEC_GP, sel_error(sel));
    if (gate && !descriptor_present(d))
        raise_fault(c, VEC_NP, sel_error(sel));
    task_switch(c, gate ? d->low >> 16 : sel, by, c->next_eip, cpu_eflags(c));
    return true;
}

void task_return(struct cpu *c)
{
    if (!(c->tr.attr & SEG_P))
        raise_fault(c, VEC_TS, sel_error(c->tr.sel));
    uint32_t link = lin_read(c, (gva_t){c->tr.base + TSS_LINK}, 2);
    uint32_t flags = cpu_eflags(c) & ~(uint32_t)FL_NT;
    task_switch(c, link, TASK_BY_RETURN, c->next_eip, flags);
}
