/*
 * translate.c - the translate technique: its table, and where each trap goes.
 *
 * An exit from ring 3 is full's. One from ring 1 comes out of translated
 * code: recover.c makes of it the guest's state, as if the guest's own code
 * had run there directly, and then it is one of
 *
 *   an INT of the translator's     a call-out for one instruction; a branch
 *                                  that leads to no translation yet
 *   a fault, the machine's timer   full's, with the guest's own address
 *
 * In the end the guest is entered anew (enter.c), wherever it now is.
 *
 * What a program in ring 3 finds out by SGDT, SIDT, SLDT, STR, SMSW, PUSHF
 * or LAR, it finds out here as under any technique that runs user code
 * directly on `classic`: Adams and Agesen's translator left that, too.
 */
#include "translate.h"

#include <stdio.h>

#define FIRST_FREE_VECTOR 32u /* behind the processor's own */
#define BURST 32 /* instructions interpreted in one exit, at most */

/* ------------------------------------------------- out of translated code */

/* A traced write need not be of a page table. */
static void name_write(const struct translator *t, struct exit *x)
{
    if (x->r.reason == EXIT_pt_write && t->gdt_written) {
        x->r.reason = EXIT_gdt_write;
    } else if (x->r.reason == EXIT_pt_write && t->code_written) {
        x->r.reason = EXIT_code_write;
    }
}

/* The monitor does one instruction in its place. */
static void call_out(struct translator *t, struct exit *x,
                     const struct insn *in)
{
    struct full *f = &t->f;
    uint32_t eip = f->p.cpu->eip, writes = f->sh.traced_writes;
    uint32_t missed = f->p.missed;
    if (interpret_decoded(&f->p, in)) {
        if (f->p.cpu->last_event.kind == EVENT_NONE) {
            t->selectors.loaded = loaded_segment(in);
        }
        return;
    }
    x->r.reason = EXIT_callout;
    x->r.disposition = DISPOSITION_emulated;
    bool done = vp_step(&f->p);
    bool needed = f->sh.traced_writes != writes || f->p.missed != missed;
    if (f->sh.traced_writes != writes) {
        x->r.reason = EXIT_pt_write;
        x->r.disposition = DISPOSITION_traced_write;
        name_write(t, x);
    }
    if (!done) {
        vp_reflected(&f->p);
    }
    adapt_called(t, eip, needed);
}

/* The branch goes where the guest's memory or registers say. */
static void call_indirect(struct translator *t, struct exit *x,
                          const struct insn *in)
{
    x->r.reason = EXIT_indirect;
    x->r.disposition = DISPOSITION_translated;
    x->r.insn = *in;
    t->remember = vp_step(&t->f.p);
    if (!t->remember) {
        vp_reflected(&t->f.p);
    } else {
        exit_note(x, "to %08x", t->f.p.cpu->eip);
    }
}

static void translated_int(struct translator *t, struct exit *x)
{
    struct unit *u = t->here;
    const struct mark *m = recover_mark(u, x->event.eip);
    struct insn in;
    if (m->kind == MARK_LINK) {
        x->r.reason = EXIT_chain;
        x->r.disposition = DISPOSITION_translated;
        exit_note(x, "to %08x", m->eip);
        t->chain = &u->link[m->number];
        return;
    }
    in = u->insn[m->number];
    if (m->kind == MARK_INDIRECT) {
        call_indirect(t, x, &in);
    } else {
        call_out(t, x, &in);
    }
}

/* ------------------------------------------------------------- programs */

/*
 * INT n of a program traps by its gate's DPL the first time, which is 0, and
 * has to be decoded. If the guest's own gate let it in, ours does from then
 * on. (The guest's is asked anew each time.)
 */
static void open_gate(struct translator *t, const struct insn *in)
{
    const struct cpu *c = t->f.p.cpu;
    unsigned vector = in->imm & 0xff;
    if (in->id == I_INT_Ib && vector >= FIRST_FREE_VECTOR &&
        vector != CALLOUT_VECTOR && vector != MONITOR_TIMER &&
        c->last_event.kind == EVENT_SOFTWARE) {
        t->gate[vector] = true;
        world_open_gate(t->f.vm->monitor, vector, 3);
    }
}

/* It came by its own gate. */
static void program_int(struct translator *t, struct exit *x)
{
    struct full *f = &t->f;
    unsigned length = f->vm->regs.eip - x->event.eip;
    x->r.reason = EXIT_int;
    x->r.insn = (struct insn){
        .id = I_INT_Ib, .len = (uint8_t)length, .imm = x->event.vector};
    f->vm->regs.eip = x->event.eip;
    state_in(f);
    vp_step(&f->p);
    vp_reflected(&f->p);
}

/* ------------------------------------------------------- not translated */

/* Does a breakpoint of the guest's stop it here? The interpreters' routines
 * do not look; a step of the virtual processor does (SDM 3B 17.3.1.1). */
static bool breaks_here(const struct cpu *c)
{
    uint32_t at = c->seg[SEG_CS].base + c->eip;
    for (unsigned n = 0; n < 4 && !(c->eflags & FL_RF); n++) {
        bool armed = c->dr[7] >> 2 * n & 3,
             fetch = !(c->dr[7] >> (16 + 4 * n) & 15);
        if (armed && fetch && c->dr[n] == at) {
            return true;
        }
    }
    return false;
}

static void interpret_some(struct translator *t, struct exit *x)
{
    struct full *f = &t->f;
    const struct cpu *c = f->p.cpu;
    x->r.eip = c->eip;
    int n = 0;
    do {
        /* Virtual-8086 mode has rules of its own for all that traps. */
        if ((c->eflags & FL_VM) || breaks_here(c) || !interpret(&f->p)) {
            vp_step(&f->p);
        }
        n++;
    } while (n < BURST && f->vm->state == VM_RUNNING && !translates(c) &&
             !runs_directly(c) && !(f->vm->interrupt_line && vp_open(&f->p)));
    if (!vm_ended(f->vm)) {
        x->r.reason = EXIT_interpret;
        x->r.disposition = DISPOSITION_emulated;
        exit_note(x, "%d instruction%s interpreted", n, n == 1 ? "" : "s");
    }
}

/* ------------------------------------------------------------ any exit */

static bool is_timer(const struct exit *x)
{
    return x->event.kind == EVENT_INTERRUPT;
}

static void take(struct translator *t, struct exit *x)
{
    struct full *f = &t->f;
    if (t->running == RUN_INTERPRETED && !is_timer(x)) {
        interpret_some(t, x);
    } else if (t->here && x->event.kind == EVENT_SOFTWARE && !x->entering) {
        state_in(f);
        translated_int(t, x);
    } else if (x->event.kind == EVENT_SOFTWARE && !x->entering) {
        program_int(t, x);
    } else if (t->running == RUN_INTERPRETED) {
        vp_raise(&f->p);
    } else {
        full_take(f, x);
        name_write(t, x);
        if (x->r.reason == EXIT_pt_write || x->r.reason == EXIT_gdt_write ||
            x->r.reason == EXIT_mmio) {
            adapt_trapped(t);
        }
        if (x->r.reason == EXIT_int && !t->here) {
            open_gate(t, &x->r.insn);
        }
    }
}

static void translate_handle(struct vm *v, struct exit *x)
{
    struct translator *t = translator_of(v);
    struct cpu *c = t->f.p.cpu;
    t->code_written = t->gdt_written = false;
    t->chain = NULL;
    t->remember = false;
    t->selectors.loaded = SEG_COUNT;
    recover(t);
    x->r.virtual_ring = c->cpl;
    if (t->here) {
        x->r.eip = v->regs.eip;
        x->r.cs = c->seg[SEG_CS].sel;
    }
    take(t, x);
    if (!vm_ended(v)) {
        guest_out(t);
    }
}

static void translate_deliver(struct vm *v, struct exit *x)
{
    struct translator *t = translator_of(v);
    uint32_t eip = t->f.p.cpu->eip;
    if (full_inject(&t->f, x)) {
        guest_out(t);
    }
    if (t->f.p.cpu->eip != eip) {
        t->chain = NULL; /* an interrupt went elsewhere */
        t->remember = false;
    }
    if (!vm_ended(v)) {
        enter_guest(t, x);
    }
}

static void translate_enter(struct vm *v)
{
    struct translator *t = translator_of(v);
    segments_enter(&t->f);
    world_open_gate(v->monitor, CALLOUT_VECTOR, 1);
    for (unsigned n = FIRST_FREE_VECTOR; n < 256; n++) {
        if (t->gate[n]) {
            world_open_gate(v->monitor, n, 3);
        }
    }
    cache_show(t);
    guest_out(t);
}

/* ---------------------------------------- what interpreters tell of it */

static struct translator *translator_of_vp(struct vp *p)
{
    return (struct translator *)(void *)p;
}

static void space_changed(struct vp *p)
{
    full_operations.space_changed(p);
    space_check(translator_of_vp(p));
}

static void invalidated(struct vp *p, gva_t at)
{
    full_operations.invalidated(p, at);
    space_check_page(translator_of_vp(p), at.v);
}

/* LGDT: no translation depends on descriptors, but what it may load does. */
static void gdt_changed(struct vp *p)
{
    full_operations.gdt_changed(p);
    selectors_forget(translator_of_vp(p));
}

static void a20_changed(struct vp *p)
{
    full_operations.a20_changed(p);
    space_check(translator_of_vp(p));
}

static void written(struct vp *p, gpa_t at, unsigned size, uint32_t old)
{
    struct translator *t = translator_of_vp(p);
    if (t->f.sh.page[at.v >> PAGE_SHIFT].watched) {
        t->code_written = true;
        unit_written(t, at, size);
        selectors_written(t, at, size);
    }
    full_operations.written(p, at, size, old);
}

static const struct vp_ops operations = {.space_changed = space_changed,
                                         .invalidated = invalidated,
                                         .gdt_changed = gdt_changed,
                                         .a20_changed = a20_changed,
                                         .written = written};

/* -------------------------------------------------------- birth and death */

static bool translate_create(struct vm *v, const struct image *im, char *err,
                             size_t errsize)
{
    static const struct full_config config = {.size = sizeof(struct translator),
                                              .ops = &operations};
    if (!full_build(v, &config, im, err, errsize)) {
        return false;
    }
    struct translator *t = translator_of(v);
    if (!cache_init(t) || !unit_init(t)) {
        snprintf(err, errsize, "%s: no memory for translations", v->name);
        return false;
    }
    t->running = RUN_INTERPRETED; /* until it is entered, it is looked at so */
    return true;
}

static void translate_destroy(struct vm *v)
{
    struct translator *t = translator_of(v);
    unit_free_all(t);
    cache_free(t);
    full_destroy(v);
}

const struct technique technique_translate = {
    .name = "translate",
    .text = "the guest's kernel is unmodified and never runs: its code is "
            "translated, piece by piece, and that runs in ring 1; its programs "
            "run directly; shadow page tables",
    .kind = CPU_CLASSIC,
    .real_mode = true,
    .moves_code = true,
    .create = translate_create,
    .destroy = translate_destroy,
    .handle = translate_handle,
    .enter = translate_enter,
    .deliver = translate_deliver,
    .virtual_cpu = translate_virtual_cpu,
    .translate = full_translate,
    .translated = translate_translated,
    .audit = translate_audit,
};
