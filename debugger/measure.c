/*
 * measure.c - what a guest's work took, between its markers.
 */
#include "measure.h"

#include <string.h>

/* Enough for any workload of ours, a hundred times over. */
#define LIMIT 10000000000u

/* sum += now - before. */
static void add_difference(struct books *sum, const struct books *now,
                           const struct books *before)
{
    sum->guest += now->guest - before->guest;
    sum->interpreted += now->interpreted - before->interpreted;
    sum->exits += now->exits - before->exits;
    sum->idle += now->idle - before->idle;
    sum->clock += now->clock - before->clock;
    sum->instructions += now->instructions - before->instructions;
    sum->interpreted_instructions +=
        now->interpreted_instructions - before->interpreted_instructions;
    sum->count += now->count - before->count;
    for (int r = 0; r < EXIT_COUNT; r++) {
        sum->by_reason[r] += now->by_reason[r] - before->by_reason[r];
        sum->cycles_by_reason[r] +=
            now->cycles_by_reason[r] - before->cycles_by_reason[r];
    }
    for (int p = 0; p < PHASE_COUNT; p++) {
        sum->cycles_by_phase[p] +=
            now->cycles_by_phase[p] - before->cycles_by_phase[p];
    }
}

static struct books books_now(struct measure *m)
{
    struct books b = *vm_books(m->session.vm);
    b.clock = monitor_clock(m->session.monitor);
    return b;
}

static void on_booked(void *who, struct monitor *monitor, enum account a)
{
    struct measure *m = who;
    (void)monitor;
    if (m->biller.monitor) {
        biller_booked(&m->biller, a);
    }
}

/* --------------------------------------------------------------- details */

/* What an exit was about, if its reason has kinds. The note of a hypercall
 * begins with its name. */
static bool describe(const struct exit_record *x, struct detail *out)
{
    *out = (struct detail){.reason = x->reason, .number = x->detail};
    if (x->reason == EXIT_io) {
        out->number = device_at((uint16_t)x->detail);
        snprintf(out->name, sizeof out->name, "%s",
                 device_name((enum device_id)out->number));
        return true;
    }
    size_t n = strcspn(x->note, ": ");
    snprintf(out->name, sizeof out->name, "%.*s", (int)n, x->note);
    return x->reason == EXIT_hypercall && n > 0;
}

static void on_exit_record(void *who, struct monitor *monitor,
                           const struct exit_record *x)
{
    struct measure *m = who;
    struct detail is;
    int i = 0;
    (void)monitor;
    if (!m->in_phase || !describe(x, &is)) {
        return;
    }
    while (i < m->details && (m->detail[i].reason != is.reason ||
                              m->detail[i].number != is.number)) {
        i++;
    }
    if (i == m->details) {
        if (i == DETAILS_MAX) {
            return;
        }
        m->detail[m->details++] = is;
    }
    m->detail[i].count++;
    m->detail[i].cycles += exit_cost(x);
}

const struct detail *measure_detail(const struct measure *m, int reason)
{
    const struct detail *most = NULL;
    for (int i = 0; i < m->details; i++) {
        const struct detail *one = &m->detail[i];
        if ((int)one->reason == reason &&
            (!most || one->cycles > most->cycles)) {
            most = one;
        }
    }
    return most;
}

/* ---------------------------------------------------------------- phases */

static void on_marker(void *who, struct vm *v, uint32_t id)
{
    struct measure *m = who;
    (void)v;
    struct books now = books_now(m);
    if (m->in_phase) {
        add_difference(&m->work, &now, &m->before);
        bill_add_difference(&m->bill, &m->biller.bill, &m->bill_before);
    }
    m->in_phase = id != 0;
    m->any_phase |= m->in_phase;
    m->before = now;
    m->bill_before = m->biller.bill;
}

bool measure_run(struct measure *m, const struct options *o,
                 const struct technique *t, const char *name)
{
    memset(m, 0, sizeof *m);
    m->technique = t;
    m->session.watch = (struct monitor_observer){
        .who = m,
        .exit = on_exit_record,
        .marker = on_marker,
        .booked = o->count_charges ? on_booked : NULL};
    if (!session_open(&m->session, o, t, name)) {
        return false;
    }
    if (o->count_charges) {
        biller_begin(&m->biller, m->session.monitor);
    }
    m->stop = session_run(&m->session, o->limit ? o->limit : LIMIT);
    m->status = session_status(&m->session, m->stop);
    snprintf(m->reason, sizeof m->reason, "%s",
             session_reason(m->session.vm, m->stop));
    if (!m->any_phase) {
        m->work = books_now(m);
        m->bill = m->biller.bill;
    }
    return session_close(&m->session);
}

int measure_top(const struct books *b, int n)
{
    return dearest_reason(b->by_reason, b->cycles_by_reason, n);
}

void json_ticks(cJSON *json, const struct vm *v)
{
    const struct ticks *t = vm_ticks(v);
    json_number(json, "ticks_due", t->due);
    json_number(json, "ticks_late", t->late);
    json_number(json, "ticks_late_cycles", t->delay);
    json_number(json, "ticks_lost", t->lost);
}
