/*
 * debug_stops.c - noticing that a stop is met: breakpoints, watches, and what
 * else a motion may end at.
 *
 * Job:    at each instruction, event, port access, exit and marker, ask each
 *         stop that could be met there.
 * Parts:  conditions; places; changes; hooks; exits and markers; here.
 *
 * Nothing of it is in the guest's memory or in its debug registers: the
 * processor's hooks look after each instruction and each event, or where
 * debug_watch.c says that this is enough, and are off while there is nothing to
 * look for. A guest cannot see them. What the monitor changes for a guest shows
 * when that exit is over.
 */
#include "debug.h"

#include <string.h>

/* ------------------------------------------------------------- conditions */

static bool holds(struct debug *d, const struct expr *e)
{
    struct expr_world w = names_world(d);
    int64_t value;
    return expr_value(e, &w, &value) && value;
}

/* The event is there; it is a stop if the condition holds. */
static bool met(struct debug *d, struct stop *s)
{
    const struct stop *before = d->hit;
    s->hits++;
    d->hit = s; /* `hits` means its own */
    if (s->conditional && !holds(d, &s->condition)) {
        d->hit = before;
        return false;
    }
    return true;
}

/* ----------------------------------------------------------------- places */

/* Is the guest's instruction at linear `at` the one of stop s? */
static bool is_place(struct debug *d, const struct stop *s, uint32_t at)
{
    gpa_t physical;
    mpa_t machine;
    if (s->space == 'v') {
        return s->at == at;
    }
    if (((s->at ^ at) & PAGE_MASK) != 0 ||
        !vm_translate(d->vm, (gva_t){at}, &physical)) {
        return false;
    }
    if (s->space == 'p') {
        return physical.v == s->at;
    }
    return vm_machine(d->vm, physical, &machine) && machine.v == s->at;
}

/* Translated code stands elsewhere than what it was made of: then only the
 * technique knows where the guest is. */
static uint32_t place_of(struct debug *d, const struct cpu *c)
{
    struct virtual_cpu now;
    if (!technique_moves_code(vm_technique(d->vm))) {
        return c->seg[SEG_CS].base + c->eip;
    }
    vm_virtual_cpu(d->vm, &now);
    return now.seg[SEG_CS].base + now.eip;
}

/* ---------------------------------------------------------------- changes */

/* Of memory at guest virtual: the same place in another address space is
 * another place. True, and noted, if it is looked at from one. */
static bool elsewhere(struct debug *d, struct stop *s)
{
    struct virtual_cpu c;
    uint32_t vm = s->vm, cr3 = s->cr3;
    if (!expr_is_virtual(&s->of)) {
        return false;
    }
    vm_virtual_cpu(d->vm, &c);
    s->vm = vm_id(d->vm);
    s->cr3 = c.cr3;
    return vm != s->vm || cr3 != s->cr3;
}

static bool has_changed(struct debug *d, struct stop *s)
{
    struct expr_world w = names_world(d);
    int64_t now, was = s->value;
    bool known = !elsewhere(d, s) && s->known;
    s->known = known;
    if (!expr_value(&s->of, &w, &now)) {
        return false; /* what cannot be read is as it was */
    }
    s->known = true;
    s->value = now;
    if (!known || now == was) {
        return false;
    }
    d->hit_was = was;
    d->hit_now = now;
    return true;
}

/* From false to true. */
static bool has_become(struct debug *d, struct stop *s)
{
    bool was = s->value;
    s->value = holds(d, &s->of);
    return s->value && !was;
}

void stops_look(struct debug *d)
{
    for (int i = 0; i < d->stops; i++) {
        struct stop *s = &d->stop[i];
        s->known = false;
        if (s->kind == ON_CHANGE) {
            has_changed(d, s);
        } else if (s->kind == ON_TRUE) {
            s->value = holds(d, &s->of);
        }
    }
}

/* Does a source line begin at `at`? */
static bool is_line(struct debug *d, uint32_t at)
{
    struct source_line l;
    return debug_line_at(d, at, &l) && l.from == at;
}

/* By what the guest's state is now. */
static bool state_meets(struct debug *d, struct stop *s, uint32_t at)
{
    switch (s->kind) {
    case ON_PLACE:
        return is_place(d, s, at) && met(d, s);
    case ON_CHANGE:
        return has_changed(d, s) && met(d, s);
    case ON_TRUE:
        return has_become(d, s) && met(d, s);
    case ON_LINE:
        return is_line(d, at) && met(d, s);
    default:
        return false;
    }
}

/* ------------------------------------------------------------------ hooks */

static bool is_msr(const struct insn *in)
{
    return in->id == I_RDMSR || in->id == I_WRMSR;
}

static bool is_return(const struct insn *in)
{
    return strncmp(insn_rows[in->id].mnemonic, "RET", 3) == 0;
}

static bool instruction_meets(struct debug *d, struct stop *s,
                              const struct cpu *c, const struct insn *in)
{
    if (s->kind == ON_MSR) {
        return is_msr(in) && (s->any || c->reg[REG_ECX] == s->at) && met(d, s);
    }
    if (s->kind == ON_RETURN) {
        return is_return(in) && c->reg[REG_ESP] > s->at && met(d, s);
    }
    return false;
}

/* The guest's own instruction that is done now; NULL: it is not, yet. */
static const struct insn *done(struct debug *d, const struct insn *in,
                               bool moved, uint32_t from, struct insn *own)
{
    if (!d->stays) {
        return in;
    }
    return moved && debug_decode(d, from, own) ? own : NULL;
}

/* `in` is NULL where only places and stores are looked at. */
static void after_instruction(void *who, struct cpu *c, const struct insn *in)
{
    struct debug *d = who;
    struct insn own;
    uint32_t at = place_of(d, c), from = d->place;
    bool moved = at != from;
    d->place = at;
    in = done(d, in, moved, from, &own);
    for (int i = 0; i < d->stops && !d->hit; i++) {
        struct stop *s = &d->stop[i];
        if (!moved &&
            (s->kind == ON_LINE || (s->kind == ON_PLACE && d->stays))) {
            continue; /* a further piece of the same instruction */
        }
        if (state_meets(d, s, at) || (in && instruction_meets(d, s, c, in))) {
            d->hit = s;
        }
    }
    if (watch_again(d) || d->hit) {
        cpu_stop_soon(c);
    }
}

/* A guest's own processor, real or played, takes an interrupt. */
static bool is_injection(const struct debug *d, const struct cpu *c,
                         const struct event *e)
{
    bool own = c != monitor_cpu(d->session.monitor) ||
               technique_is_bare(vm_technique(d->vm));
    return own && e->kind == EVENT_INTERRUPT;
}

/* Where an event leads is known once it is delivered: have a look then. */
static void at_event(void *who, struct cpu *c, const struct event *e)
{
    struct debug *d = who;
    for (int i = 0; i < d->stops && !d->hit; i++) {
        struct stop *s = &d->stop[i];
        if (s->kind == ON_INJECTION && is_injection(d, c, e) && met(d, s)) {
            d->hit = s;
        }
    }
    cpu_stop_soon(c);
}

static void at_port(void *who, struct cpu *c, uint16_t port, unsigned size,
                    bool out, uint32_t value)
{
    struct debug *d = who;
    (void)out;
    (void)value;
    for (int i = 0; i < d->stops && !d->hit; i++) {
        struct stop *s = &d->stop[i];
        if (s->kind == ON_PORT && (s->any || s->at - port < size) &&
            met(d, s)) {
            d->hit = s;
            cpu_stop_soon(c);
        }
    }
}

void stops_set(struct debug *d)
{
    unsigned kinds = 0;
    for (int i = 0; i < d->stops; i++) {
        kinds |= 1u << d->stop[i].kind;
    }
    bool state = kinds & (1u << ON_PLACE | 1u << ON_CHANGE | 1u << ON_TRUE |
                          1u << ON_LINE);
    bool insns = kinds & (1u << ON_MSR | 1u << ON_RETURN);
    bool events = kinds & 1u << ON_INJECTION, ports = kinds & 1u << ON_PORT;
    bool any = state || insns || events || ports;
    d->hooks =
        (struct cpu_hooks){.who = d,
                           .after = state || insns ? after_instruction : NULL,
                           .event = state || events ? at_event : NULL,
                           .port = ports ? at_port : NULL};
    watch_set(d);
    monitor_cpu(d->session.monitor)->hooks = any ? &d->hooks : NULL;
    d->looking = true;
}

/* ------------------------------------------------------ exits and markers */

static bool exit_meets(struct debug *d, struct stop *s,
                       const struct exit_record *x)
{
    bool bare = false;
    switch (s->kind) {
    case ON_EXIT:
        return (s->reason < 0 || s->reason == (int)x->reason) && met(d, s);
    case ON_PORT:
        return x->reason == EXIT_io && (s->any || s->at == x->detail) &&
               met(d, s);
    case ON_MSR:
        return x->reason == EXIT_msr && (s->any || s->at == x->detail) &&
               met(d, s);
    case ON_INJECTION:
        bare = x->disposition == DISPOSITION_injected;
        return (bare || x->phase[PHASE_inject]) && met(d, s);
    case ON_CHANGE:
        return has_changed(d, s) && met(d, s);
    case ON_TRUE:
        return has_become(d, s) && met(d, s);
    default:
        return false;
    }
}

void stops_exit(struct debug *d, const struct exit_record *x)
{
    for (int i = 0; d->looking && i < d->stops && !d->hit; i++) {
        if (exit_meets(d, &d->stop[i], x)) {
            d->hit = &d->stop[i];
        }
    }
    watch_again(d);
    if (d->looking && d->hit) {
        monitor_stop_soon(d->session.monitor);
    }
}

void stops_marker(struct debug *d, uint32_t id)
{
    for (int i = 0; d->looking && i < d->stops && !d->hit; i++) {
        struct stop *s = &d->stop[i];
        if (s->kind == ON_MARKER && (s->any ? id != 0 : s->at == id) &&
            met(d, s)) {
            d->hit = s;
            monitor_stop_soon(d->session.monitor);
        }
    }
}

/* ------------------------------------------------------------------- here */

void stops_here(struct debug *d)
{
    struct virtual_cpu now;
    if (!monitor_cpu(d->session.monitor)->hooks) {
        return;
    }
    vm_virtual_cpu(d->vm, &now);
    d->place = now.seg[SEG_CS].base + now.eip;
    for (int i = 0; i < d->stops && !d->hit; i++) {
        if (state_meets(d, &d->stop[i], d->place)) {
            d->hit = &d->stop[i];
        }
    }
    watch_again(d);
}

/* --------------------------------------------------------- the list of them */

struct stop *stop_new(struct debug *d, enum stop_kind kind)
{
    if (d->stops == STOPS_MAX) {
        wrong(d, "%d stops are all there can be; delete one", STOPS_MAX);
        return NULL;
    }
    struct stop *s = &d->stop[d->stops++];
    *s = (struct stop){.kind = kind, .space = 'v', .reason = -1};
    return s;
}

void stop_drop(struct debug *d, struct stop *s)
{
    size_t behind = (size_t)(&d->stop[d->stops] - (s + 1));
    if (d->hit == s) {
        d->hit = NULL;
    } else if (d->hit > s) {
        d->hit--;
    }
    memmove(s, s + 1, behind * sizeof *s);
    d->stops--;
}
