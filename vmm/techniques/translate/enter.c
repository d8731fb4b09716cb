/*
 * enter.c - back to the guest: which code, and where in it.
 *
 * At the end of each exit the virtual processor says where the guest goes on.
 * In ring 3 that is where the real one goes, too. In ring 0 it goes to the
 * translation of that address, in ring 1, with CS the cache, GS the state
 * page, and in the other segment registers the guest's shadows.
 *
 * What is not translated is interpreted: then the real processor is sent to
 * an INT at the cache's beginning, and comes back at once. Meanwhile the
 * guest's state is the virtual processor's alone. So it is with modes that
 * have no rings, with single steps, and where the guest's kernel has armed
 * breakpoints: its code is not at the addresses that it believes; and with the
 * VIF and VIP of virtual-8086 mode, which PUSHF would have to show.
 */
#include "translate.h"

#define DR7_ARMED 0xffu /* L and G of four breakpoints */
#define TRIES 4 /* faults of a fetch, one after the other, in one exit */

bool runs_directly(const struct cpu *c)
{
    return c->cpl == 3 && (c->cr0 & CR0_PE) && !(c->eflags & FL_VM);
}

bool translates(const struct cpu *c)
{
    const struct segment *cs = &c->seg[SEG_CS];
    return c->cpl == 0 && (c->cr0 & CR0_PE) && !(c->eflags & (FL_VM | FL_TF)) &&
           !(c->eflags & (FL_VIF | FL_VIP)) && !(c->dr[7] & DR7_ARMED) &&
           !c->debug_traps && cs->base == 0 && cs->limit == UINT32_MAX &&
           (cs->attr & SEG_DB) && (c->seg[SEG_SS].attr & SEG_DB);
}

/* Which flags images may POPF and IRET load? No TF, which would have it all
 * interpreted, and the IOPL that is. */
static void fill_flags(struct translator *t, uint32_t iopl)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t image = i << 8;
        bool ok = !(image & FL_TF) && (image & FL_IOPL) == iopl;
        t->state->flags_ok[i] = ok ? 1 | (image & FL_IF) : 0;
    }
    t->iopl = iopl;
}

/* What translated code may look at. */
static void fill_state(struct translator *t)
{
    const struct cpu *c = t->f.p.cpu;
    struct state_page *s = t->state;
    if (t->iopl != (c->eflags & FL_IOPL)) {
        fill_flags(t, c->eflags & FL_IOPL);
    }
    s->vif = c->eflags & FL_IF;
    s->flags_bias = (c->eflags & FL_IOPL) - FL_IF;
    s->pending = t->f.vm->interrupt_line;
    s->cr[0] = c->cr0;
    s->cr[2] = c->cr2;
    s->cr[3] = c->cr3;
    s->cr[4] = c->cr4;
    s->tr = c->tr.sel;
    s->ldtr = c->ldtr.sel;
    for (int i = 0; i < SEG_COUNT; i++) {
        s->sel[i] = c->seg[i].sel;
    }
}

static void stand_in_cache(struct translator *t, uint32_t at)
{
    struct vm *v = t->f.vm;
    t->running = RUN_TRANSLATED;
    selectors_learn(t);
    fill_state(t);
    v->regs.eip = at;
    v->regs.cs = CACHE_CS;
    v->monitor->cpu->seg[SEG_GS] = world_segment(STATE_DS);
}

/* The real registers have nothing of the guest's, but what is left in them. */
static void stand_on_stub(struct translator *t)
{
    t->running = RUN_INTERPRETED;
    t->f.vm->regs = (struct frame_regs){
        .cs = CACHE_CS, .eflags = FL_ONE, .ss = FLAT_RING1_DS};
}

void guest_out(struct translator *t)
{
    const struct cpu *c = t->f.p.cpu;
    if (translates(c) || runs_directly(c)) {
        t->running = RUN_DIRECT; /* until enter_guest() has a better place */
        state_out(&t->f);
    } else {
        stand_on_stub(t);
    }
}

/* The branch that was left learns where it leads. */
static void learn(struct translator *t, struct exit *x, uint32_t at)
{
    if (t->chain) {
        x->r.reason = t->made ? EXIT_translate : EXIT_chain;
        unit_chain(t, at);
    }
    if (t->remember) {
        targets_put(t, t->f.p.cpu->eip, at);
    }
}

/* The instruction there cannot even be fetched: the fault is the guest's. */
static void fetch_fault(struct translator *t)
{
    if (!vp_step(&t->f.p)) {
        vp_reflected(&t->f.p);
    }
    if (!vm_ended(t->f.vm)) {
        guest_out(t);
    }
    t->chain = NULL;
    t->remember = false;
}

static void choose(struct translator *t, struct exit *x)
{
    const struct cpu *c = t->f.p.cpu;
    uint32_t at;
    for (int i = 0; i < TRIES && translates(c); i++) {
        if (unit_place(t, c->eip, &at)) {
            learn(t, x, at);
            stand_in_cache(t, at);
            return;
        }
        if (!vm_ended(t->f.vm)) {
            fetch_fault(t);
        }
        if (t->f.vm->state != VM_RUNNING) {
            return;
        }
    }
    if (runs_directly(c)) {
        t->running = RUN_DIRECT;
        selectors_program(t);
    } else {
        stand_on_stub(t);
    }
}

void enter_guest(struct translator *t, struct exit *x)
{
    t->made = false;
    choose(t, x);
    t->chain = NULL;
    t->remember = false;
    if (!vm_ended(t->f.vm)) {
        shadow_settle(&t->f);
    }
}
