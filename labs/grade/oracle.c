/*
 * oracle.c - the guest on the bare machine: the grader's own expectation.
 *
 * Job:    write down every sensitive instruction that the guest executes,
 *         with the processor's state after it, every exception it takes, what
 *         it prints and how it ends. A monitor that is right makes the guest
 *         see the same.
 *
 * Nothing of this comes from a monitor: no technique's code is used.
 */
#include "grade.h"

#include <stdlib.h>
#include <string.h>

struct watcher {
    struct lab_machine machine;
    struct history *h;
    struct step now; /* the instruction that is being executed */
    bool unfinished; /* the last step: a REP, with iterations to come */
    bool entering;   /* the last exception's handler has not begun yet */
    struct ways *ways;
    struct touched *touched; /* or NULL: nobody asks */
};

bool is_sensitive(uint32_t insn)
{
    return insn > I_INVALID && insn < INSN_COUNT &&
           insn_rows[insn].sens != SENS_INNOCUOUS;
}

/* Room for one more of `size` bytes behind `count`. */
static void *grown(void *list, size_t count, size_t size)
{
    if (count > 0 && (count & (count - 1)) != 0) {
        return list;
    }
    return realloc(list, (count ? 2 * count : 1) * size);
}

bool history_step(struct history *h, const struct step *s)
{
    struct step *list = grown(h->step, h->steps, sizeof *list);
    if (list) {
        h->step = list;
        h->step[h->steps++] = *s;
    }
    return list != NULL;
}

bool history_take(struct history *h, const struct taken *t)
{
    struct taken *list = grown(h->taken, h->takens, sizeof *list);
    if (list) {
        h->taken = list;
        h->taken[h->takens++] = *t;
    }
    return list != NULL;
}

bool history_call(struct history *h, const struct called *c)
{
    struct called *list = grown(h->call, h->calls, sizeof *list);
    if (list) {
        h->call = list;
        h->call[h->calls++] = *c;
    }
    return list != NULL;
}

bool history_page(struct history *h, const struct seen_page *p)
{
    struct seen_page *list = grown(h->page, h->pages, sizeof *list);
    if (list) {
        h->page = list;
        h->page[h->pages++] = *p;
    }
    return list != NULL;
}

bool history_say(struct history *h, const struct said *s)
{
    struct said *list = grown(h->said, h->saids, sizeof *list);
    if (list) {
        h->said = list;
        h->said[h->saids++] = *s;
    }
    return list != NULL;
}

bool history_sum(struct history *h, const struct page_sum *s)
{
    struct page_sum *list = grown(h->sum, h->sums, sizeof *list);
    if (list) {
        h->sum = list;
        h->sum[h->sums++] = *s;
    }
    return list != NULL;
}

void history_free(struct history *h)
{
    free(h->call);
    free(h->step);
    free(h->taken);
    free(h->page);
    free(h->said);
    free(h->sum);
}

/* ------------------------------------------------------------------ hooks */

static void handler_begins(struct watcher *w)
{
    if (w->entering) {
        struct taken *t = &w->h->taken[w->h->takens - 1];
        see_cpu(w->machine.v, &t->after);
        t->entered = true;
        w->entering = false;
    }
}

static void before(void *who, struct cpu *c, const struct insn *in)
{
    struct watcher *w = who;
    handler_begins(w);
    w->now =
        (struct step){.eip = c->eip, .insn = in->id, .ecx = c->reg[REG_ECX]};
    ways_before(w->ways, c, in);
    if (w->touched) {
        touched_fetch(w->touched, c, in);
    }
}

static void after(void *who, struct cpu *c, const struct insn *in)
{
    struct watcher *w = who;
    struct history *h = w->h;
    h->cpuids += in->id == I_CPUID;
    if (!is_sensitive(in->id)) {
        w->unfinished = false;
        return;
    }
    see_cpu(w->machine.v, &w->now.after);
    if (w->unfinished && h->steps > 0) {
        h->steps--; /* iterations of a REP are one step */
    }
    history_step(h, &w->now);
    note_bare_call(h, &w->now);
    w->unfinished = in->rep && c->eip == w->now.eip;
    w->now.insn = I_INVALID;
}

static void event(void *who, struct cpu *c, const struct event *e)
{
    struct watcher *w = who;
    (void)c;
    w->h->interrupts += e->kind == EVENT_INTERRUPT;
    if (e->kind != EVENT_FAULT) {
        return;
    }
    handler_begins(w); /* and faults before it has done anything */
    struct taken t = {.vector = e->vector,
                      .error = e->has_error ? e->error : 0,
                      .address = e->vector == VEC_PF ? e->cr2 : 0};
    w->entering = history_take(w->h, &t);
    if (is_sensitive(w->now.insn)) {
        w->now.faulted = true;
        w->now.vector = t.vector;
        w->now.error = t.error;
        history_step(w->h, &w->now);
    }
    w->now.insn = I_INVALID;
    w->unfinished = false;
}

static void output(void *who, struct vm *v, enum output_channel channel,
                   uint8_t byte)
{
    struct history *h = ((struct watcher *)who)->h;
    (void)v;
    (void)channel;
    if (h->output_size < OUTPUT_MOST) {
        h->output[h->output_size++] = (char)byte;
    }
}

static void port(void *who, struct cpu *c, uint16_t port, unsigned size,
                 bool out, uint32_t value)
{
    struct watcher *w = who;
    (void)c;
    w->now.port = port;
    w->now.size = size;
    if (w->touched) {
        touched_port(w->touched, port, out, value);
    }
}

/* Only where somebody asks: it is called for every access. */
static void memory(void *who, struct cpu *c, gva_t at, unsigned size,
                   bool write, uint32_t value)
{
    struct watcher *w = who;
    (void)write;
    (void)value;
    if (insn_rows[w->now.insn].trap != TRAP_IO) {
        touched_access(w->touched, c, at, size);
    }
}

static void note_space(struct watcher *w)
{
    struct seen_page *page = calloc(SPACE_MOST, sizeof *page);
    size_t count = page ? see_space(&w->machine, page, SPACE_MOST) : 0;
    w->h->markers++;
    for (size_t i = 0; i < count; i++) {
        page[i].moment = w->h->markers;
        history_page(w->h, &page[i]);
    }
    free(page);
}

static void note_walk(struct watcher *w)
{
    const struct cpu *c = monitor_cpu(w->machine.m);
    struct history *h = w->h;
    if (w->touched && h->walks < WALKS_MOST) {
        touched_walk(w->touched, c, (gva_t){c->reg[REG_EBX]},
                     &h->walk[h->walks++]);
    }
}

static void marker(void *who, struct vm *v, uint32_t id)
{
    struct watcher *w = who;
    (void)v;
    if (is_spoil(id)) {
        w->h->spoilt = id;
        w->h->spoilt_at = w->h->output_size;
    } else if (id == MARKER_WALK) {
        note_walk(w);
    } else {
        note_space(w);
    }
}

static void note_memory(struct watcher *w)
{
    struct page_sum *sum = calloc(SUMS_MOST, sizeof *sum);
    size_t count = sum ? lab_memory(&w->machine, sum, SUMS_MOST) : 0;
    for (size_t i = 0; i < count; i++) {
        history_sum(w->h, &sum[i]);
    }
    free(sum);
}

/* What is noted down beside the history. False: no memory. */
static bool open_notes(struct watcher *w, bool touched)
{
    w->ways = ways_new();
    w->touched = touched ? touched_new(w->h) : NULL;
    return w->ways && (w->touched || !touched);
}

static void close_notes(struct watcher *w)
{
    ways_free(w->ways);
    touched_free(w->touched);
}

static bool run_bare(struct watcher *w, const char *image, uint64_t limit,
                     char *err, size_t errsize)
{
    struct history *h = w->h;
    struct monitor_observer watch = {
        .who = w, .output = output, .marker = marker};
    struct cpu_hooks hooks = {.who = w,
                              .before = before,
                              .after = after,
                              .event = event,
                              .memory = w->touched ? memory : NULL,
                              .port = port};
    struct run_until until = {.cycle = limit};
    if (!lab_machine(&w->machine, "bare", image, &watch, err, errsize)) {
        return false;
    }
    monitor_cpu(w->machine.m)->hooks = &hooks;
    monitor_run(w->machine.m, &until);
    note_memory(w);
    h->state = vm_state(w->machine.v);
    h->status = vm_exit_status(w->machine.v);
    ways_end(w->ways, h);
    monitor_free(w->machine.m);
    return true;
}

bool oracle_run(struct history *h, const char *image, uint64_t limit,
                bool touched, char *err, size_t errsize)
{
    struct watcher w = {.h = h};
    memset(h, 0, sizeof *h);
    snprintf(err, errsize, "no memory");
    bool ok =
        open_notes(&w, touched) && run_bare(&w, image, limit, err, errsize);
    close_notes(&w);
    return ok;
}
