/*
 * recover.c - from a place in translated code to the guest's state there.
 *
 * A translation is left anywhere: by a fault of its own, by an INT, by the
 * machine's timer. What the guest may then see of itself is its state at one
 * of its own instructions. The marks that the translator left say which, and
 * what must be undone: registers that are in the state page, bytes that are
 * on the stack too early. The instruction then begins anew, or the fault is
 * delivered as its own, and no interrupt has to wait for a safe place: every
 * place is one.
 */
#include "translate.h"

const struct mark *recover_mark(const struct unit *u, uint32_t at)
{
    /*@lab 5 recover_mark
     * The mark that holds at place `at` of the cache: the last of u->mark[0 ..
     * u->marks-1] whose offset is not behind it. They are in order; of two at
     * one offset the later holds.
     *@stub
     *  (void)u;
     *  (void)at;
     *  lab_todo("recover_mark");
     */
    const struct mark *m = u->mark;
    uint32_t offset = at - u->at;
    for (unsigned i = 1; i < u->marks && u->mark[i].at <= offset; i++) {
        m = &u->mark[i];
    }
    return m;
    /*@end*/
}

/* The instruction at the mark comes behind an STI, which protects it. (That
 * is never a unit's last that was done in line.) */
static bool behind_sti(const struct unit *u, const struct mark *m)
{
    return m->kind != MARK_LINK && m->number > 0 &&
           m->eip == unit_eip(u, m->number) &&
           u->insn[m->number - 1].id == I_STI;
}

void recover_registers(const struct translator *t, const struct mark *m,
                       uint32_t reg[8])
{
    /*@lab 5 recover_registers
     * Where bit r of m->saved is set, reg[r] is the translator's just now, and
     * the guest's is in the state page: t->state->save[r].
     *@stub
     *  (void)t;
     *  (void)m;
     *  (void)reg;
     *  lab_todo("recover_registers");
     */
    for (int r = 0; r < 8; r++) {
        if (m->saved & 1u << r) {
            reg[r] = t->state->save[r];
        }
    }
    /*@end*/
}

/* As if the guest's own code ran directly. */
static void go_back(struct translator *t, uint32_t eip)
{
    struct vm *v = t->f.vm;
    v->regs.eip = eip;
    v->regs.cs = t->f.real[SEG_CS].sel;
    v->monitor->cpu->seg[SEG_GS] = t->f.real[SEG_GS];
}

/* The kernel's translation has gone on to a program, by IRET. */
static void left_by_iret(struct translator *t)
{
    struct full *f = &t->f;
    struct cpu *c = f->p.cpu;
    uint32_t error;
    t->running = RUN_DIRECT;
    c->cpl = 3;
    c->seg[SEG_CS] = t->selectors.user_cs;
    c->eflags = (c->eflags & ~(uint32_t)FL_IF) | t->state->user_if;
    f->real[SEG_CS].sel = c->seg[SEG_CS].sel;
    if (f->vm->regs.ss != f->real[SEG_SS].sel) {
        cpu_load_segment(c, SEG_SS, (uint16_t)f->vm->regs.ss, &error);
        f->real[SEG_SS].sel = (uint16_t)f->vm->regs.ss;
    }
}

void recover(struct translator *t)
{
    /*@lab 5 recover
     * Called first of all at every exit. Make the real state the one the
     * guest's own code would have had; t->here and t->here_insn say where that
     * was.
     *
     * t->here is NULL unless a translation was left. If t->running is not
     * RUN_TRANSLATED, that is all. Else the virtual CR2 is what translated
     * code has made of s->cr[2], and selectors_recover(t). If v->regs.cs is
     * not CACHE_CS, IRET has gone on to a program by itself: left_by_iret(t),
     * and that is all.
     *
     * The place is v->regs.eip; but an INT's exit (v->exit.event.kind is
     * EVENT_SOFTWARE) comes from behind it, and v->exit.event.eip is its own.
     * Find the unit and the mark. Registers: v->monitor->cpu->reg. ESP:
     * v->regs.esp, by m->esp. Then go_back(t, m->eip). The virtual EFLAGS have
     * the virtual IF: c->eflags. If that is set and the mark is behind an STI
     * (behind_sti()), no interrupt comes yet: c->shadow = SHADOW_STI, and
     * c->shadow_eip = m->eip. m->number is the instruction's.
     *@stub
     *  (void)t;
     *  (void)behind_sti;
     *  (void)go_back;
     *  (void)left_by_iret;
     *  lab_todo("recover");
     */
    struct vm *v = t->f.vm;
    struct cpu *c = t->f.p.cpu;
    t->here = NULL;
    if (t->running != RUN_TRANSLATED) {
        return;
    }
    c->cr2 = t->state->cr[2];
    selectors_recover(t);
    if (v->regs.cs != CACHE_CS) {
        left_by_iret(t);
        return;
    }
    uint32_t at = v->regs.eip;
    if (v->exit.event.kind == EVENT_SOFTWARE) {
        at = v->exit.event.eip; /* the INT's own */
    }
    struct unit *u = unit_at(t, at);
    const struct mark *m = recover_mark(u, at);
    recover_registers(t, m, v->monitor->cpu->reg);
    v->regs.esp += (uint32_t)m->esp;
    go_back(t, m->eip);
    c->eflags = (c->eflags & ~(uint32_t)FL_IF) | t->state->vif;
    if (behind_sti(u, m) && t->state->vif) {
        c->shadow = SHADOW_STI;
        c->shadow_eip = m->eip;
    }
    t->here = u;
    t->here_insn = m->number;
    /*@end*/
}
