/*
 * check_interrupt.c - lab 2: when interrupts were taken, and how many.
 *
 *   closed   none was taken from the 8259 while the virtual IF was clear
 *   prompt   none waited on while the guest ran with its window open
 *   ticks    the 8254's ticks: raised = delivered + coalesced, and perhaps
 *            one that waits; =N: delivered are N
 *   byhand   none was left to the virtual processor
 */
#include "grade.h"

#include <inttypes.h>
#include <stdlib.h>

#define SAY(where, ...) snprintf(where, sizeof where, __VA_ARGS__)
#define TIMER 32u    /* where the guests have their IRQ 0 */
#define SPURIOUS 39u /* and IRQ 7, which none of them has */

void note_vector(struct interrupts *i, const struct told_taking *t,
                 uint64_t exit)
{
    i->taken[t->vector & 0xff]++;
    if (!(t->eflags & FL_IF) && !i->closed_exit) {
        i->closed = *t;
        i->closed_exit = exit;
    }
}

/* The guest went on, or there would be no other exit. */
void note_waiting(struct interrupts *i, const struct told_exit *x)
{
    if (i->last_late && !i->late_exit) {
        i->late_exit = i->last_late;
    }
    bool late = x->waiting && (x->after.eflags & FL_IF);
    i->last_late = late ? x->number : 0;
}

bool check_closed(const struct trial *t, struct finding *f)
{
    const struct interrupts *i = &t->run->irq;
    if (!i->closed_exit) {
        return true;
    }
    f->exit = i->closed_exit;
    f->eip = i->closed.eip;
    SAY(f->rationale, "vector %u was taken from the 8259 while IF was clear",
        i->closed.vector & 0xff);
    SAY(f->expected, "it waits until the guest sets IF");
    SAY(f->got, "board_acknowledge() with EFLAGS = %08x", i->closed.eflags);
    return false;
}

bool check_prompt(const struct trial *t, struct finding *f)
{
    const struct interrupts *i = &t->run->irq;
    if (!i->late_exit) {
        return true;
    }
    f->exit = i->late_exit;
    SAY(f->rationale, "an interrupt waited, IF was set, and the guest went on "
                      "without it");
    SAY(f->expected, "it goes in before the guest's next instruction");
    SAY(f->got, "none was put in by exit %" PRIu64, i->late_exit);
    return false;
}

bool check_ticks(const struct trial *t, struct finding *f)
{
    const struct run *r = t->run;
    uint64_t taken = r->irq.taken[TIMER], sum = taken + r->end.lost;
    uint64_t exactly = strtoull(t->argument, NULL, 10);
    if (r->irq.taken[SPURIOUS]) {
        SAY(f->rationale, "the 8259 was asked for a vector when it had none");
        SAY(f->expected, "one board_acknowledge() for one interrupt");
        SAY(f->got, "%" PRIu64 " times the vector of IRQ 7, which is spurious",
            r->irq.taken[SPURIOUS]);
        return false;
    }
    if (*t->argument && taken != exactly) {
        SAY(f->rationale, "the timer's interrupts that reached the guest");
        SAY(f->expected, "%" PRIu64, exactly);
        SAY(f->got, "%" PRIu64, taken);
        return false;
    }
    if (sum == r->end.ticks || sum + 1 == r->end.ticks) {
        return true;
    }
    SAY(f->rationale, "ticks raised are not those delivered and those that "
                      "became one with another");
    SAY(f->expected, "%u raised = delivered + %u coalesced", r->end.ticks,
        r->end.lost);
    SAY(f->got, "%" PRIu64 " delivered", taken);
    return false;
}

bool check_byhand(const struct trial *t, struct finding *f)
{
    if (t->run->end.by_processor == 0) {
        return true;
    }
    SAY(f->rationale, "vp_enter_handler() said false where the guest's tables "
                      "are plain");
    SAY(f->expected, "every interrupt goes in by hand");
    SAY(f->got, "%u were left to the virtual processor",
        t->run->end.by_processor);
    return false;
}
