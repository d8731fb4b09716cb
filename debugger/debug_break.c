/*
 * debug_break.c - breakpoints and watches.
 *
 * Job:    stop before an instruction, and after something has changed.
 * Parts:  breakpoints; watches; hooks; the commands.
 *
 * Neither is in the guest's memory or in its debug registers: the processor's
 * hooks look after each instruction and each event, and are off while there
 * is nothing to look for. A guest cannot see them. What the monitor changes
 * for a guest shows when that exit is over.
 */
#include "debug.h"

#include <string.h>

/* ----------------------------------------------------------- breakpoints */

static bool at_breakpoint(const struct debug *d, uint32_t at)
{
    for (int i = 0; i < d->breakpoints; i++) {
        if (d->breakpoint[i] == at) {
            return true;
        }
    }
    return false;
}

bool stops_here(struct debug *d)
{
    struct virtual_cpu now;
    if (!d->breakpoints) {
        return false;
    }
    vm_virtual_cpu(d->vm, &now);
    return at_breakpoint(d, now.seg[SEG_CS].base + now.eip);
}

/* --------------------------------------------------------------- watches */

static bool value_of(struct debug *d, const struct watch *w, uint32_t *out)
{
    if (w->reg >= 0) {
        struct virtual_cpu now;
        vm_virtual_cpu(d->vm, &now);
        *out = now.reg[w->reg];
        return true;
    }
    return vm_peek(d->vm, (gva_t){w->at}, out, sizeof *out) == sizeof *out;
}

void stops_look(struct debug *d)
{
    for (int i = 0; i < d->watches; i++) {
        value_of(d, &d->watch[i], &d->watch[i].value);
    }
}

/* The first that is not what it was; memory that cannot be read is as it
 * was. */
static bool any_changed(struct debug *d)
{
    for (int i = 0; i < d->watches && !d->changed; i++) {
        struct watch *w = &d->watch[i];
        uint32_t now;
        if (value_of(d, w, &now) && now != w->value) {
            d->changed = w;
            d->was_value = w->value;
            w->value = now;
        }
    }
    return d->changed != NULL;
}

void stops_exit(struct debug *d)
{
    if (d->looking && any_changed(d)) {
        monitor_stop_soon(d->session.monitor);
    }
}

bool watch_add(struct debug *d, const char *word)
{
    struct watch w = {.reg = -1};
    if (d->watches == WATCHES_MAX) {
        fprintf(d->out, "%d watches are all there can be; delete one\n",
                WATCHES_MAX);
        return false;
    }
    for (int i = 0; i < 8; i++) {
        if (strcmp(word, debug_register_name((size_t)i)) == 0) {
            w.reg = i;
        }
    }
    if (w.reg < 0 && !debug_address(d, word, &w.at)) {
        return false;
    }
    if (!value_of(d, &w, &w.value)) {
        fprintf(d->out, "%s: the guest's page tables map nothing at %08x\n",
                word, w.at);
        return false;
    }
    snprintf(w.name, sizeof w.name, "%s", word);
    d->watch[d->watches++] = w;
    return true;
}

/* ----------------------------------------------------------------- hooks */

static void after_instruction(void *who, struct cpu *c, const struct insn *in)
{
    struct debug *d = who;
    (void)in;
    if (at_breakpoint(d, c->seg[SEG_CS].base + c->eip) || any_changed(d)) {
        d->hit = true;
        cpu_stop_soon(c);
    }
}

/* Where an event leads is known once it is delivered: have a look then. */
static void at_event(void *who, struct cpu *c, const struct event *e)
{
    (void)who;
    (void)e;
    cpu_stop_soon(c);
}

void stops_set(struct debug *d)
{
    bool any = d->breakpoints + d->watches > 0;
    d->hooks = (struct cpu_hooks){
        .who = d, .after = after_instruction, .event = at_event};
    monitor_cpu(d->session.monitor)->hooks = any ? &d->hooks : NULL;
    d->looking = any;
}

/* ---------------------------------------------------------- the commands */

static void list(const struct debug *d)
{
    for (int i = 0; i < d->breakpoints; i++) {
        char where[64];
        fprintf(d->out, "  %d  %08x %s\n", i + 1, d->breakpoint[i],
                place_name(d->vm, d->breakpoint[i], where, sizeof where));
    }
    for (int i = 0; i < d->watches; i++) {
        fprintf(d->out, "  %d  watch %s, now %08x\n", d->breakpoints + i + 1,
                d->watch[i].name, d->watch[i].value);
    }
    if (d->breakpoints + d->watches == 0) {
        say(d, "  no breakpoints");
    }
}

void debug_break(struct debug *d, const struct words *w)
{
    uint32_t at;
    if (w->count < 2) {
        list(d);
        return;
    }
    if (!debug_address(d, w->word[1], &at)) {
        return;
    }
    if (d->breakpoints == BREAKPOINTS_MAX) {
        fprintf(d->out, "%d breakpoints are all there can be; delete one\n",
                BREAKPOINTS_MAX);
    } else if (!at_breakpoint(d, at)) {
        d->breakpoint[d->breakpoints++] = at;
        stops_set(d);
    }
    list(d);
}

void debug_watch(struct debug *d, const struct words *w)
{
    if (w->count > 1 && !watch_add(d, w->word[1])) {
        return;
    }
    stops_set(d);
    list(d);
}

/* Number n of the list: breakpoints first, then watches. */
static void delete_one(struct debug *d, int n)
{
    if (n < d->breakpoints) {
        d->breakpoints--;
        memmove(&d->breakpoint[n], &d->breakpoint[n + 1],
                (size_t)(d->breakpoints - n) * sizeof d->breakpoint[0]);
        return;
    }
    n -= d->breakpoints;
    d->watches--;
    memmove(&d->watch[n], &d->watch[n + 1],
            (size_t)(d->watches - n) * sizeof d->watch[0]);
}

void debug_delete(struct debug *d, const struct words *w)
{
    uint64_t n;
    if (w->count < 2) {
        d->breakpoints = d->watches = 0;
    } else if (!debug_count(d, w, 1, 1, &n)) {
        return;
    } else if (n > (uint64_t)d->breakpoints + (uint64_t)d->watches) {
        fprintf(d->out, "there is no breakpoint %s\n", w->word[1]);
    } else {
        delete_one(d, (int)n - 1);
    }
    stops_set(d);
    list(d);
}

void debug_info(struct debug *d, const struct words *w)
{
    if (w->count > 1 &&
        strncmp(w->word[1], "breakpoints", strlen(w->word[1])) != 0) {
        fprintf(d->out, "info tells of breakpoints alone, not of '%s'\n",
                w->word[1]);
        return;
    }
    list(d);
}
