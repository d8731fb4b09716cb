/*
 * virtual.c - moving state between the real processor and the virtual one.
 *
 * Between exits the guest runs on the real registers, and changes some by
 * itself: the general registers, EIP, the flags that no ring guards. At an
 * exit these go to the virtual processor, which is then whole; what the exit
 * made of it goes back before the entry.
 *
 *                       real                      virtual
 *   CPL                 1 or 3                    0 (1, 2) or 3
 *   IF, IOPL            1, 0                      the guest's
 *   CR0, CR3, CR4       the monitor's, a shadow   the guest's
 *   GDTR, IDTR, TR      the monitor's             the guest's
 *   segment registers   shadow descriptors        the guest's descriptors
 *
 * On `classic` a guest can load a segment register, and change its ring,
 * without a trap: then the real registers are asked what happened.
 */
#include "full.h"

#include <string.h>

/* Flags of the guest that are kept apart from the real ones. */
#define FL_GUARDED ((uint32_t)(FL_IF | FL_IOPL | FL_VIF | FL_VIP))
/* Flags that a guest never has. */
#define FL_FOREIGN ((uint32_t)FL_VM)

#define SEG_DPL3 0x60u

static bool is_current(const struct full *f)
{
    return f->vm->monitor->current == f->vm;
}

/* Where the VM's general and data segment registers are now. */
static uint32_t *real_regs(struct full *f)
{
    return is_current(f) ? f->vm->monitor->cpu->reg : f->vm->context.reg;
}

static struct segment *real_segments(struct full *f)
{
    return is_current(f) ? f->vm->monitor->cpu->seg : f->vm->context.seg;
}

/* -------------------------------------------------------------------- in */

/* A selector as the guest would have written it. */
static uint16_t virtual_selector(uint16_t sel)
{
    return (sel & 3) == 1 ? sel & 0xfffc : sel;
}

/* By way of ES, since nothing but a transfer loads CS; so one that cannot be
 * read keeps the old base and limit. */
static void import_code_segment(struct cpu *c, uint16_t sel)
{
    struct segment es = c->seg[SEG_ES];
    uint32_t error;
    if (cpu_load_segment(c, SEG_ES, sel, &error) == 0) {
        c->seg[SEG_CS] = c->seg[SEG_ES];
    }
    c->seg[SEG_CS].sel = sel;
    c->seg[SEG_ES] = es;
}

/* On `classic`: which registers did the guest load, and did it change its
 * ring? What its own table says of the selector is what it believes. */
static void import_segments(struct full *f)
{
    struct cpu *c = f->p.cpu;
    const struct segment *now = real_segments(f);
    unsigned ring = f->vm->regs.cs & 3;
    uint32_t error;
    if (ring != real_ring(c->cpl)) {
        c->cpl = ring == 3 ? 3 : 0;
    }
    for (int s = 0; s < SEG_COUNT; s++) {
        uint16_t sel = (uint16_t)(s == SEG_CS   ? f->vm->regs.cs
                                  : s == SEG_SS ? f->vm->regs.ss
                                                : now[s].sel);
        bool same = s == SEG_CS || s == SEG_SS
                        ? sel == f->real[s].sel
                        : segment_same(&now[s], &f->real[s]);
        if (same) {
            continue;
        }
        sel = virtual_selector(sel);
        if (s == SEG_CS) {
            import_code_segment(c, sel);
        } else {
            cpu_load_segment(c, (enum seg)s, sel, &error);
        }
    }
}

static void import_flags(struct full *f)
{
    struct cpu *c = f->p.cpu;
    uint32_t real = f->vm->regs.eflags & ~(FL_GUARDED | FL_FOREIGN);
    cpu_set_eflags(c, real | (c->eflags & FL_GUARDED));
}

void state_in(struct full *f)
{
    struct vm *v = f->vm;
    struct cpu *c = f->p.cpu;
    const uint32_t *reg = real_regs(f);
    for (int i = 0; i < 8; i++) {
        if (i != REG_ESP) {
            c->reg[i] = reg[i];
        }
    }
    c->reg[REG_ESP] = v->regs.esp;
    c->eip = v->regs.eip;
    import_flags(f);
    if (!v->monitor->cpu->trap_sensitive && is_current(f)) {
        import_segments(f);
    }
}

/* ------------------------------------------------------------------- out */

/* CS and SS, which IRET loads, must be found in the real GDT; the others are
 * put into their registers. DPL 3 keeps an IRET to a program from emptying
 * those, whose own rings were checked when the guest loaded them; and any
 * IRET from making 0 of another null selector. */
static void export_segments(struct full *f)
{
    static const enum seg order[] = {SEG_ES, SEG_DS, SEG_FS,
                                     SEG_GS, SEG_SS, SEG_CS};
    struct segment *real = real_segments(f);
    const uint16_t dpl = f->p.cpu->cpl == 3 ? SEG_DPL3 : 0;
    segments_check(f);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        enum seg s = order[i];
        struct segment g = segment_shadow(f, s);
        bool by_iret = s == SEG_CS || s == SEG_SS;
        if (by_iret || !segment_same(&g, &f->made[s])) {
            f->made[s] = f->real[s] = g;
            f->real[s].sel = segment_install(f, s);
        }
        if (!by_iret) {
            f->real[s].attr |= g.attr & SEG_P ? dpl : SEG_DPL3;
            real[s] = f->real[s];
        }
    }
    f->vm->regs.cs = f->real[SEG_CS].sel;
    f->vm->regs.ss = f->real[SEG_SS].sel;
}

/* The few bits of control registers that the guest's own wish sets. */
static void export_controls(struct full *f)
{
    struct cpu *real = f->vm->monitor->cpu;
    const struct cpu *c = f->p.cpu;
    uint32_t cr4 = CR4_PGE | (c->cr4 & CR4_TSD);
    if (!is_current(f)) {
        return; /* when it becomes current */
    }
    fpu_guard(f->vm, c->cr0);
    uint32_t cr0 = (real->cr0 & ~CR0_AM) | (c->cr0 & CR0_AM);
    if (real->cr0 != cr0) {
        cpu_set_cr(real, 0, cr0);
    }
    if (real->cr4 != cr4) {
        cpu_set_cr(real, 4, cr4);
    }
    real->tsc_offset = c->tsc_offset;
    debug_out(f);
}

/* Real and virtual-8086 mode have no ring that could be made another, and
 * their segments no descriptors that could have shadows. */
static bool has_rings(const struct full *f)
{
    const struct cpu *c = f->p.cpu;
    enum cpu_mode mode = cpu_mode(c->cr0, c->eflags);
    if (mode == MODE_PROTECTED) {
        return true;
    }
    vm_kill(f->vm,
            "the guest entered %s mode, and stands at %04x:%04x: under full it "
            "has protected mode alone; use --technique bare or emulate",
            mode == MODE_REAL ? "real" : "virtual-8086", c->seg[SEG_CS].sel,
            c->eip);
    return false;
}

/* After MOV SS an instruction breakpoint is suppressed (SDM 3A 6.8.3). The
 * real processor did not see it run; RF has the same effect. */
static uint32_t resume_flag(const struct cpu *c)
{
    return c->shadow == SHADOW_SS && c->eip == c->shadow_eip ? FL_RF : 0;
}

void state_out(struct full *f)
{
    struct vm *v = f->vm;
    const struct cpu *c = f->p.cpu;
    uint32_t *reg = real_regs(f);
    if (!has_rings(f)) {
        return;
    }
    for (int i = 0; i < 8; i++) {
        if (i != REG_ESP) {
            reg[i] = c->reg[i];
        }
    }
    v->regs.eip = c->eip;
    v->regs.esp = c->reg[REG_ESP];
    v->regs.eflags = cpu_eflags(c) & ~(FL_FOREIGN | FL_VIF | FL_VIP);
    v->regs.eflags |= resume_flag(c);
    export_segments(f);
    export_controls(f);
    shadow_settle(f);
}

/* --------------------------------------------------------------- looking */

/* Registers as they are at this moment, in the guest or out of it. */
static void look_at_regs(struct full *f, struct virtual_cpu *out)
{
    const struct vm *v = f->vm;
    const struct cpu *real = v->monitor->cpu;
    struct frame_regs r = v->regs;
    memcpy(out->reg, real_regs(f), sizeof out->reg);
    if (is_current(f) && v->monitor->inside && real->cpl != 0) {
        r = (struct frame_regs){.eip = real->eip,
                                .cs = real->seg[SEG_CS].sel,
                                .eflags = cpu_eflags(real),
                                .esp = real->reg[REG_ESP]};
    }
    for (int s = 0; s < SEG_COUNT && r.ss == 0; s++) {
        if (real->seg[s].sel != f->real[s].sel) { /* loaded without a trap */
            out->seg[s].sel = virtual_selector(real->seg[s].sel);
        }
    }
    out->reg[REG_ESP] = r.esp;
    out->eip = r.eip;
    /* RF of a real fault's image says nothing of the guest's. */
    out->eflags = (r.eflags & ~(FL_GUARDED | FL_FOREIGN | (uint32_t)FL_RF)) |
                  (f->p.cpu->eflags & FL_GUARDED);
    if ((r.cs & 3) != real_ring(out->cpl)) {
        out->cpl = (r.cs & 3) == 3 ? 3 : 0;
    }
}

void full_virtual_cpu(struct vm *v, struct virtual_cpu *out)
{
    struct full *f = full_of(v);
    virtual_cpu_of(f->p.cpu, out);
    look_at_regs(f, out);
}

bool full_translate(struct vm *v, gva_t at, gpa_t *out)
{
    return vp_translate(&full_of(v)->p, at, out);
}
