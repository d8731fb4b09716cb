/*
 * debug_beside.c - this guest beside itself under another technique: both at
 * the same marker, what each did, and what one did that the other did not.
 *
 * The other one is a run of its own, on a machine of its own. It goes as far
 * as this one has: to as many markers; before the first, to its end.
 *
 * Simplified: of several guests only the first is compared.
 */
#include "debug.h"
#include "guests.h"

#include <string.h>

struct other {
    struct session session;
    struct options options;
    unsigned markers; /* to go to; 0: to the end */
};

static void on_marker(void *who, struct vm *v, uint32_t id)
{
    struct other *o = who;
    (void)v;
    (void)id;
    if (o->session.markers == o->markers) {
        monitor_stop_soon(o->session.monitor);
    }
}

/* ----------------------------------------------------------------- telling */

static void print_row(const struct debug *d, const char *name, uint64_t here,
                      uint64_t there)
{
    char a[GROUPED_SIZE], b[GROUPED_SIZE];
    fprintf(d->out, "  %-12s %16s %16s", name, grouped(here, a),
            grouped(there, b));
    if (here && there) {
        fprintf(d->out, "  %6.2f\n", (double)there / (double)here);
    } else {
        fprintf(d->out, "  %s\n",
                here ? "here alone" : (there ? "there alone" : ""));
    }
}

static void print_both(const struct debug *d, const struct vm *here,
                       const struct vm *there)
{
    const struct books *a = vm_books(here), *b = vm_books(there);
    fprintf(d->out, "  %-12s %16s %16s  there / here\n", "",
            technique_name(vm_technique(here)),
            technique_name(vm_technique(there)));
    print_row(d, "cycles", a->clock - a->since, b->clock - b->since);
    print_row(d, "guest", a->guest, b->guest);
    print_row(d, "interpreted", a->interpreted, b->interpreted);
    print_row(d, "in exits", a->exits, b->exits);
    print_row(d, "instructions", a->instructions, b->instructions);
    print_row(d, "exits", a->count, b->count);
    for (int r = 0; r < EXIT_COUNT; r++) {
        if (a->by_reason[r] || b->by_reason[r]) {
            print_row(d, exit_names[r].name, a->by_reason[r], b->by_reason[r]);
        }
    }
}

/* ----------------------------------------------------------------- running */

static void run_other(struct debug *d, struct other *o)
{
    struct run_until until = {.cycle = debug_limit(d)};
    struct vm *here = monitor_vm(d->session.monitor, 0);
    interrupt_pressed();
    interrupt_watch(o->session.monitor);
    monitor_run(o->session.monitor, &until);
    interrupt_watch(NULL);
    if (interrupt_pressed()) {
        interrupt_note();
        say(d, "stopped by Ctrl-C; this is how far it came");
    }
    interrupt_note();
    struct vm *there = o->session.vm;
    if (o->markers) {
        fprintf(d->out, "both after %u marker%s%s\n", d->session.markers,
                d->session.markers == 1 ? "" : "s",
                o->session.markers < o->markers ? ": the other has fewer" : "");
    } else {
        say(d, "no marker yet: the other one has run to its end");
    }
    print_both(d, here, there);
}

void do_beside(struct debug *d, const struct words *w)
{
    struct other o = {.options = *d->session.o, .markers = d->session.markers};
    char name[GUEST_PATH_MAX];
    const struct technique *t =
        w->count == 2 ? technique_find(w->word[1]) : NULL;
    if (!t) {
        wrong(d, "beside which technique? 'beside para', say; 'ringside "
                 "explain' lists them");
        return;
    }
    session_guest(d->session.o, d->session.o->name[0], name, sizeof name,
                  &o.options.technique);
    o.options.technique = t;
    o.options.name[0] = name;
    o.options.names = 1;
    o.options.trace = NULL;
    o.options.kind_given = false;
    o.session.watch = (struct monitor_observer){.who = &o, .marker = on_marker};
    if (!session_open(&o.session, &o.options, t, name)) {
        wrong(d, "it cannot be run under %s", technique_name(t));
        return;
    }
    run_other(d, &o);
    session_close(&o.session);
}
