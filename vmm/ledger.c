/*
 * ledger.c - every cycle booked once, every exit priced.
 *
 * Job:    keep the books, the machine's and each VM's, so that they balance
 *         to the cycle; and hold the one way to spend time in the monitor.
 * Parts:  booking; charging; the exit's record; the audit.
 *
 * The clock is the processor's cycle counter. m->booked is the cycle up to
 * which all time is accounted for, and every booking moves it on:
 *
 *     the guest ran to cycle T           book_guest    T - booked
 *     the monitor ran it, in software    book_interpreted  T - booked
 *     the processor entered the monitor  charge_cycles, phase exit
 *     the monitor's software worked      charge_exit, by its price
 *     IRET took the processor back       charge_cycles, phase entry
 *     nobody had work until cycle T      book_idle     T - booked
 */
#include "monitor.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --------------------------------------------------------------- booking */

static void book(struct books *b, enum account a, uint64_t cycles)
{
    switch (a) {
    case ACCOUNT_GUEST:
        b->guest += cycles;
        break;
    case ACCOUNT_INTERPRETED:
        b->interpreted += cycles;
        break;
    case ACCOUNT_EXITS:
        b->exits += cycles;
        break;
    case ACCOUNT_IDLE:
    default:
        b->idle += cycles;
        break;
    }
}

/* `cycles` have passed for v's sake; v is NULL when all slept. */
static void pass(struct monitor *m, struct vm *v, enum account a,
                 uint64_t cycles)
{
    m->booked += cycles;
    m->books.clock = m->booked;
    book(&m->books, a, cycles);
    for (size_t i = 0; i < m->vm_count; i++) {
        struct vm *w = m->vms[i];
        if (w->closed) {
            continue;
        }
        w->books.clock = m->booked;
        if (w == v || !v) {
            book(&w->books, a, cycles);
        } else {
            w->books.others += cycles;
        }
    }
    if (m->config.observer.booked) {
        m->config.observer.booked(m->config.observer.who, m, a);
    }
}

void book_guest(struct vm *v, uint64_t until, uint64_t instructions)
{
    v->books.instructions += instructions;
    v->monitor->books.instructions += instructions;
    pass(v->monitor, v, ACCOUNT_GUEST, until - v->monitor->booked);
}

void book_interpreted(struct vm *v, uint64_t until, uint64_t instructions)
{
    v->books.interpreted_instructions += instructions;
    v->monitor->books.interpreted_instructions += instructions;
    pass(v->monitor, v, ACCOUNT_INTERPRETED, until - v->monitor->booked);
}

void book_idle(struct monitor *m, uint64_t until)
{
    pass(m, NULL, ACCOUNT_IDLE, until - m->booked);
}

/* -------------------------------------------------------------- charging */

void charge_cycles(struct vm *v, enum phase ph, uint64_t cycles)
{
    if (!v->exit.open) {
        pass(v->monitor, v, ACCOUNT_INTERPRETED, cycles);
        return;
    }
    v->exit.r.phase[ph] += cycles;
    pass(v->monitor, v, ACCOUNT_EXITS, cycles);
}

/* What is charged for entries that the processor may walk. */
static bool changes_tables(enum price p)
{
    return p == PRICE_vmm_shadow_write || p == PRICE_vmm_shadow_page ||
           p == PRICE_vmm_validate || p == PRICE_vmm_descriptor ||
           p == PRICE_vmm_flush || p == PRICE_cr3;
}

static void spend(struct vm *v, enum phase ph, enum price p, unsigned n)
{
    cpu_charge(v->monitor->cpu, p, n);
    v->exit.mapped |= changes_tables(p);
    charge_cycles(v, ph, (uint64_t)v->monitor->costs->price[p] * n);
}

void charge_exit(struct vm *v, enum phase ph, enum price p, unsigned n)
{
    struct monitor *m = v->monitor;
    if (v->exit.open) {
        spend(v, ph, p, n);
    } else if (m->playing == v) {
        if (m->runs != m->cpu) { /* the played one's clock goes on, too */
            m->runs->cycles += (uint64_t)m->costs->price[p] * n;
        }
        spend(v, ph, p, n);
    }
}

/* While it is interpreted there is no exit: each time is a switch. */
void charge_host(struct vm *v)
{
    struct exit *x = &v->exit;
    if (v->monitor->config.hosting == HOSTING_TYPE2 &&
        !(x->open && x->hosted)) {
        x->hosted = x->open;
        charge_exit(v, PHASE_host, PRICE_vmm_host, 1);
    }
}

void charge_device(struct vm *v)
{
    charge_exit(v, PHASE_device, PRICE_vmm_device, 1);
    charge_host(v);
}

/* ------------------------------------------------------ the exit's record */

uint64_t exit_cost(const struct exit_record *x)
{
    uint64_t sum = 0;
    for (int ph = 0; ph < PHASE_COUNT; ph++) {
        sum += x->phase[ph];
    }
    return sum;
}

void exit_note(struct exit *x, const char *fmt, ...)
{
    va_list args;
    if (!x->told) {
        return;
    }
    va_start(args, fmt);
    vsnprintf(x->r.note, sizeof x->r.note, fmt, args);
    va_end(args);
}

struct exit *exit_open(struct vm *v, const struct event *e, uint64_t start)
{
    struct exit *x = &v->exit;
    *x = (struct exit){.event = *e, .open = true};
    x->told = v->monitor->config.observer.exit != NULL;
    x->r.number = ++v->monitor->exit_number;
    x->r.vm = v->id;
    x->r.start = start;
    x->r.vector = e->vector;
    x->r.has_error = e->has_error;
    x->r.error = e->error;
    x->r.address = e->vector == VEC_PF ? e->cr2 : 0;
    x->r.cs = e->cs;
    x->r.eip = e->eip;
    x->r.real_ring = e->cpl;
    x->r.virtual_ring = e->cpl == 3 ? 3 : 0;
    return x;
}

static void count(struct books *b, const struct exit_record *r)
{
    uint64_t cost = exit_cost(r);
    enum exit_reason why = r->reason;
    if (b->by_reason[why] == 0 || cost < b->min_by_reason[why]) {
        b->min_by_reason[why] = cost;
    }
    if (cost > b->max_by_reason[why]) {
        b->max_by_reason[why] = cost;
    }
    b->count++;
    b->by_reason[why]++;
    b->cycles_by_reason[why] += cost;
    for (int ph = 0; ph < PHASE_COUNT; ph++) {
        b->cycles_by_phase[ph] += r->phase[ph];
    }
}

void exit_close(struct vm *v)
{
    struct monitor *m = v->monitor;
    const struct monitor_observer *o = &m->config.observer;
    if (v->state == VM_KILLED) {
        v->exit.r.disposition = DISPOSITION_killed;
    }
    v->exit.open = false;
    v->closed = vm_ended(v);
    count(&v->books, &v->exit.r);
    count(&m->books, &v->exit.r);
    if (o->exit) {
        o->exit(o->who, m, &v->exit.r);
    }
}

void exit_count_silent(struct vm *v)
{
    static const struct exit_record none = {.reason = EXIT_silent};
    count(&v->books, &none);
    count(&v->monitor->books, &none);
}

/* ------------------------------------------------------------- the audit */

static bool unbalanced(const char *whose, const char *what, uint64_t sum,
                       uint64_t expected, char *err, size_t errsize)
{
    if (sum == expected) {
        return false;
    }
    snprintf(err, errsize,
             "%s books do not balance: %s come to %" PRIu64 ", not %" PRIu64,
             whose, what, sum, expected);
    return true;
}

/* `open` is the cost so far of an exit that is not yet counted. */
static bool books_hold(const struct books *b, const char *whose, uint64_t open,
                       char *err, size_t errsize)
{
    uint64_t all = b->guest + b->interpreted + b->exits + b->idle + b->others;
    uint64_t n = 0, reasons = open, phases = open;
    for (int i = 0; i < EXIT_COUNT; i++) {
        n += b->by_reason[i];
        reasons += b->cycles_by_reason[i];
    }
    for (int i = 0; i < PHASE_COUNT; i++) {
        phases += b->cycles_by_phase[i];
    }
    return !unbalanced(whose, "guest, interpreted, exits, idle and others", all,
                       b->clock - b->since, err, errsize) &&
           !unbalanced(whose, "exits by reason", n, b->count, err, errsize) &&
           !unbalanced(whose, "cycles by reason", reasons, b->exits, err,
                       errsize) &&
           !unbalanced(whose, "cycles by phase", phases, b->exits, err,
                       errsize);
}

bool books_audit(const struct monitor *m, char *err, size_t errsize)
{
    uint64_t open = 0;
    for (size_t i = 0; i < m->vm_count; i++) {
        const struct vm *v = m->vms[i];
        uint64_t its = v->exit.open ? exit_cost(&v->exit.r) : 0;
        open += its;
        if (!v->closed && unbalanced(v->name, "all its cycles so far",
                                     v->books.clock, m->booked, err, errsize)) {
            return false;
        }
        if (!books_hold(&v->books, v->name, its, err, errsize)) {
            return false;
        }
    }
    /* A fault of IRET or the interrupt that ended a sleep has happened, and
     * the record that will pay for it is not open yet. */
    bool pending = m->trapped || m->woken;
    uint64_t last = pending ? m->cpu->last_event.cycle : m->cpu->cycles;
    return !unbalanced("the machine's", "all booked cycles", m->booked, last,
                       err, errsize) &&
           books_hold(&m->books, "the machine's", open, err, errsize);
}
