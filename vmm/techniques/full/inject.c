/*
 * inject.c - the virtual interrupt window: when a waiting interrupt goes in.
 *
 * The VM's own 8259 raises v->interrupt_line. The guest takes an interrupt
 * when its virtual IF is set, but not between STI or MOV SS and the next
 * instruction. Everything that sets the virtual IF traps, so it is enough to
 * look each time the guest is about to be entered.
 *
 * The shadow of STI and MOV SS is one instruction long. If it is all that
 * keeps an interrupt out, that instruction is done here, on the virtual
 * processor, and the interrupt follows: STI; HLT wakes at once, and STI; RET
 * has left its function, as on a bare machine. If the guest has come round to
 * that instruction again, it runs once more before the interrupt, and that is
 * only a little later.
 */
#include "full.h"

#include <stdio.h>
#include <string.h>

#define MOST_TRAPS 10000u

/* Is an interrupt waiting that IF lets in? */
static bool wanted(const struct full *f)
{
    /*@lab 2 wanted
     * Is an interrupt waiting (the VM's interrupt_line), the virtual IF set,
     * and the VM alive (vm_ended)? The shadow is not asked here: it holds
     * an interrupt back, but the interrupt is wanted.
     *@stub
     *  (void)f;
     *  lab_todo("wanted");
     */
    return f->vm->interrupt_line && (f->p.cpu->eflags & FL_IF) &&
           !vm_ended(f->vm);
    /*@end*/
}

/* Is it, or a debug trap (a breakpoint that MOV SS itself hit), held back for
 * one more instruction? */
static bool held_back(const struct full *f)
{
    return (wanted(f) || f->p.cpu->debug_traps) && vp_shadowed(&f->p) &&
           !vm_ended(f->vm);
}

/* Run what STI or MOV SS protects; the record stays that of the exit. */
static void run_protected(struct full *f, struct exit *x)
{
    /*@lab 2 run_protected
     * While something is held back by the shadow alone: have the instruction
     * that is protected done. interpret(&f->p) does it if it is sensitive;
     * if that says false, vp_step(&f->p) does. Both write into the exit's
     * record, which shall stay as it was, but for what it has cost (phase):
     * keep a copy of x->r, and put it back, if the VM lives.
     *@stub
     *  (void)f;
     *  (void)x;
     *  (void)held_back;
     *  lab_todo("run_protected");
     */
    struct exit_record first = x->r;
    while (held_back(f)) {
        if (!interpret(&f->p)) {
            vp_step(&f->p);
        }
    }
    memcpy(first.phase, x->r.phase, sizeof first.phase);
    if (!vm_ended(f->vm)) {
        x->r = first;
    }
    /*@end*/
}

/* The frame of a #DB hit a breakpoint: another follows before the handler's
 * first instruction, and perhaps another. Where its handler is a task whose
 * TSS has T set this has no end (SDM 3B 17.3.1.5). */
static void settle_traps(struct full *f)
{
    for (unsigned n = 0; f->p.cpu->debug_traps && !vm_ended(f->vm); n++) {
        if (n == MOST_TRAPS) {
            vm_kill(f->vm, "entering the handler of #DB causes #DB, without "
                           "end: a breakpoint on its stack, or T in its TSS");
        } else {
            vp_step(&f->p);
        }
    }
}

/* Who let it in: the window was opened, or it was open when it came. */
static void record(struct exit *x, unsigned vector)
{
    char before[sizeof x->r.note];
    bool opened = x->r.reason == EXIT_flags || x->r.reason == EXIT_iret;
    if (opened) {
        x->r.reason = EXIT_window;
    }
    if (opened || x->r.reason == EXIT_interrupt) {
        x->r.disposition = DISPOSITION_injected;
        x->r.detail = vector;
    }
    snprintf(before, sizeof before, "%s", x->r.note);
    exit_note(x, "%.48s%svector 0x%x injected", before, *before ? "; " : "",
              vector);
}

bool full_inject(struct full *f, struct exit *x)
{
    /*@lab 2 full_inject
     * The guest is about to be entered. If nothing is wanted, and no debug
     * trap is due (p.cpu->debug_traps), false: the state is as it was. Else
     * let the protected instruction run, settle_traps(), and if an interrupt
     * is wanted still, take its vector from the 8259 by board_acknowledge()
     * (from then on it is in service, and waits no more), record() it and put
     * it in by vp_interrupt(). True if the VM lives: the state is another.
     *@stub
     *  (void)f;
     *  (void)x;
     *  (void)wanted;
     *  (void)run_protected;
     *  (void)settle_traps;
     *  (void)record;
     *  lab_todo("full_inject");
     */
    struct vm *v = f->vm;
    if (!wanted(f) && !f->p.cpu->debug_traps) {
        return false;
    }
    run_protected(f, x);
    settle_traps(f);
    if (wanted(f)) {
        uint8_t vector = board_acknowledge(v->board);
        record(x, vector);
        vp_interrupt(&f->p, vector);
    }
    return !vm_ended(v);
    /*@end*/
}

void full_deliver(struct vm *v, struct exit *x)
{
    if (full_inject(full_of(v), x)) {
        state_out(full_of(v));
    }
}
