/*
 * monitor.c - the monitor's main loop, Popek and Goldberg's dispatcher.
 *
 * Job:    enter a guest, take its exit, dispatch it, charge for it; and stop
 *         where the caller asked.
 * Parts:  sleeping; an exit's beginning and end; the loop.
 *
 * monitor_run()'s loop is the whole monitor: everything else is called from
 * it. It emulates nothing: technique.handle does, for each technique.
 */
#include "scheduler.h"
#include "silent.h"

#include <stdio.h>
#include <stdlib.h>

/* -------------------------------------------------------------- sleeping */

/* All wait for ever: with no limit to wait for, that is their end. */
static void end_all_sleepers(struct monitor *m)
{
    for (size_t i = 0; i < m->vm_count; i++) {
        vm_kill(m->vms[i], "halted: no timer or event is due that would "
                           "wake it");
        m->vms[i]->closed = true;
    }
}

/* Nobody can run: sleep to the next event, but at most to the limit. */
static void sleep_until(struct monitor *m, uint64_t limit)
{
    uint64_t next = schedule_wakes(m);
    uint64_t until = next < limit ? next : limit;
    if (until == UINT64_MAX) {
        end_all_sleepers(m);
        return;
    }
    m->cpu->cycles = until;
    book_idle(m, until);
    if (next <= until) {
        world_sleep(m);
        m->woken = true;
    }
}

/* ------------------------------------------- an exit's beginning and end */

/* The trap that left the guest: read its frame, charge the way in. */
static struct exit *open_trap(struct vm *v)
{
    struct monitor *m = v->monitor;
    struct event e = m->cpu->last_event;
    /* IRET itself faulted: v->regs stand. */
    bool entering = !m->inside && !v->vmcb.v;
    if (entering) {
        e.cs = (uint16_t)v->regs.cs;
        e.eip = v->regs.eip;
        e.cpl = v->regs.cs & 3;
    } else {
        world_leave(v, &e);
    }
    m->inside = m->trapped = false;
    m->cpu->interrupt_line = false; /* any exit serves the timer, too */
    struct exit *x = exit_open(v, &e, e.cycle);
    x->entering = entering;
    charge_cycles(v, PHASE_exit, m->cpu->cycles - m->booked);
    return x;
}

/* v did not run: it has its turn now, or an event ends its sleep. */
static struct exit *open_turn(struct vm *v)
{
    struct monitor *m = v->monitor;
    struct event e = {.cycle = m->booked};
    if (v->state == VM_BLOCKED) {
        e.kind = EVENT_INTERRUPT;
        e.vector = MONITOR_TIMER;
    }
    struct exit *x = exit_open(v, &e, e.cycle);
    charge_cycles(v, PHASE_exit, m->cpu->cycles - m->booked);
    m->woken = false;
    charge_exit(v, PHASE_restore, PRICE_vmm_schedule, 1);
    charge_host(v); /* its scheduler */
    if (m->current != v) {
        schedule_switch(v, x->r.start);
        world_switch(v);
    }
    x->r.cs = (uint16_t)v->regs.cs;
    x->r.eip = v->regs.eip;
    if (v->interpreted) { /* v->regs are the monitor's affair */
        struct virtual_cpu now;
        vm_virtual_cpu(v, &now);
        x->r.eip = now.eip;
    }
    x->r.real_ring = v->regs.cs & 3;
    x->r.virtual_ring = x->r.real_ring == 3 ? 3 : 0;
    schedule_begin(v);
    return x;
}

/* Popek and Goldberg's D: decide, and let the technique do it. */
static void dispatch(struct vm *v, struct exit *x)
{
    x->r.reason = EXIT_schedule;
    x->r.disposition = DISPOSITION_scheduled;
    if (x->event.kind == EVENT_NONE) {
        return; /* its turn has come, and that is all */
    }
    charge_exit(v, PHASE_save, PRICE_vmm_save, 1);
    charge_exit(v, PHASE_save, PRICE_vmm_dispatch, 1);
    if (v->board) {
        board_advance(v->board);
    }
    if (x->event.kind == EVENT_INTERRUPT) {
        x->r.reason = EXIT_interrupt;
        charge_host(v); /* its timer */
    }
    v->technique->handle(v, x);
}

static void enter(struct vm *v)
{
    struct monitor *m = v->monitor;
    uint64_t at;
    if (v->interpreted) {
        m->inside = true;
        m->trapped = false;
        return; /* there is nowhere to go */
    }
    charge_exit(v, PHASE_restore, PRICE_vmm_restore, 1);
    m->inside = world_enter(v, &at);
    m->trapped = !m->inside;
    m->instructions = m->cpu->instructions;
    charge_cycles(v, PHASE_entry, at - m->booked);
}

/* The exit ends: back into the guest, if it goes on at once. */
static void finish(struct vm *v, struct exit *x)
{
    if (v->state == VM_RUNNING && schedule_keeps(v)) {
        if (v->technique->deliver) {
            v->technique->deliver(v, x);
        }
        if (v->state == VM_RUNNING) {
            enter(v);
        }
    }
    exit_close(v);
}

/* -------------------------------------------------------------- the loop */

/* The cycle at which the caller wants it back while a guest runs. */
static uint64_t come_back(const struct run_until *u)
{
    return u->look && u->look < u->cycle ? u->look : u->cycle;
}

/*
 * The monitor plays the guest's processor. It is in ring 0 all the while, so
 * nothing traps; its devices' timers it looks after by itself. When the guest
 * can be left to the real processor, that is entered.
 */
static void play_guest(struct vm *v, const struct run_until *u)
{
    struct monitor *m = v->monitor;
    uint64_t due = schedule_look(v);
    m->playing = v;
    if (m->cpu->cycles >= due) {
        board_advance(v->board);
        due = m->turn_ends;
    }
    uint64_t back = come_back(u);
    v->technique->interpret(v, due < back ? due : back, u->one_step);
    if (v->state != VM_RUNNING || !schedule_keeps(v)) {
        m->inside = false;
    } else if (!v->interpreted) {
        enter(v);
    }
    m->playing = NULL;
    v->closed = vm_ended(v);
}

/* Run the guest; true if it trapped, false at the caller's limit or wish. */
static bool run_guest(struct vm *v, const struct run_until *u)
{
    struct monitor *m = v->monitor;
    struct cpu *c = m->cpu;
    uint64_t due = schedule_look(v);
    if (v->interpreted) {
        play_guest(v, u);
        return false;
    }
    if (c->cycles >= due) {
        c->interrupt_line = true;
        due = UINT64_MAX;
    }
    uint64_t back = come_back(u);
    enum world_left left = world_run(v, due < back ? due : back, u->one_step);
    m->trapped = left == WORLD_TRAP;
    uint64_t count = c->instructions - m->instructions;
    if (m->trapped) {
        book_guest(v, c->last_event.cycle, count - world_stub_length(v));
    } else {
        book_guest(v, c->cycles, count);
    }
    m->instructions = c->instructions;
    return m->trapped;
}

/* Did the guest get an instruction further by this exit? Not if it will try
 * the same again, nor if the exit had nothing to do with it. */
static bool is_a_step(const struct exit_record *r)
{
    bool waited = r->reason == EXIT_interrupt || r->reason == EXIT_schedule;
    return r->disposition != DISPOSITION_shadow_fill &&
           r->disposition != DISPOSITION_switched &&
           !(waited && r->disposition == DISPOSITION_scheduled);
}

/* In debug builds, after every exit: the books, and all that the processor can
 * walk; what it could walk later, if the exit was charged for work on it. */
static void audit(struct vm *v)
{
#ifdef RINGSIDE_AUDIT
    char err[200];
    if (!books_audit(v->monitor, err, sizeof err) ||
        !walk_audit(v, err, sizeof err) ||
        (v->exit.mapped && !vm_audit(v, err, sizeof err))) {
        fprintf(stderr, "ringside: audit: %s\n", err);
        abort();
    }
#else
    (void)v;
#endif
}

/* One exit, from the trap to the guest's next instruction. */
static const struct exit_record *take_exit(struct vm *v)
{
    struct exit *x = v->monitor->trapped ? open_trap(v) : open_turn(v);
    dispatch(v, x);
    finish(v, x);
    audit(v);
    return &x->r;
}

static bool all_ended(const struct monitor *m)
{
    for (size_t i = 0; i < m->vm_count; i++) {
        if (!vm_ended(m->vms[i])) {
            return false;
        }
    }
    return true;
}

static bool must_stop(struct monitor *m, const struct run_until *u,
                      enum monitor_stop *why)
{
    if (m->asked) {
        m->asked = 0;
        m->cpu->stop_soon = false;
        *why = STOP_ASKED;
    } else if (all_ended(m)) {
        *why = STOP_ALL_ENDED;
    } else if (m->cpu->cycles >= come_back(u)) {
        *why = STOP_LIMIT;
    } else {
        return false;
    }
    return true;
}

static enum monitor_stop run(struct monitor *m, const struct run_until *u)
{
    enum monitor_stop why;
    while (!must_stop(m, u, &why)) {
        struct vm *v = m->inside || m->trapped ? m->current : schedule_next(m);
        if (!v) {
            sleep_until(m, u->cycle);
        } else if (v->technique->run) {
            return v->technique->run(v, u); /* it owns the machine */
        } else if (m->inside && !run_guest(v, u)) {
            if (u->one_step) {
                return STOP_STEP;
            }
        } else {
            const struct exit_record *r = take_exit(v);
            if (u->one_exit) {
                return STOP_EXIT;
            }
            if (u->one_step && is_a_step(r)) {
                return STOP_STEP;
            }
        }
    }
    return why;
}

enum monitor_stop monitor_run(struct monitor *m, const struct run_until *u)
{
    silent_watch(m);
    enum monitor_stop stop = run(m, u);
    silent_unwatch(m);
    return stop;
}

void monitor_stop_soon(struct monitor *m)
{
    m->asked = 1;
    cpu_stop_soon(m->runs);
}
