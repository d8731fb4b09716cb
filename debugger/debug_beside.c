/*
 * debug_beside.c - side by side: two machines in one program, which advance
 * together.
 *
 * Job:    one guest under two techniques, or two builds of one kernel, at the
 *         same marker, exit or phase; what each did up to there.
 * Parts:  opening; meeting at a marker; commands for both; how they stand;
 *         the commands.
 *
 * The second machine is a struct debug of its own, with its own past, so it
 * goes back as the first does. A motion is done on each in turn, and neither
 * knows of the other. What places them in the same phase are the markers,
 * which every build of a guest passes in the same order.
 */
#include "debug.h"
#include "guests.h"

#include <stdlib.h>
#include <string.h>

struct twin {
    struct debug debug; /* first: beside_close finds the rest by it */
    struct options options;
    char name[GUEST_PATH_MAX];
    char what[GUEST_PATH_MAX]; /* as it was asked for */
};

struct debug *debug_looked_at(struct debug *d)
{
    return d->beside && d->turned ? d->beside : d;
}

const char *beside_name(const struct debug *d)
{
    return technique_name(vm_technique(d->session.vm));
}

/* --------------------------------------------------- meeting at a marker */

/* Run on to its marker number n, or its end. */
static void run_to_markers(struct debug *d, unsigned n)
{
    struct run_until until = {.cycle = debug_limit(d)};
    d->looking = false;
    monitor_cpu(d->session.monitor)->hooks = NULL;
    interrupt_watch(d->session.monitor);
    d->markers_wanted = n;
    past_run(d, &until);
    d->markers_wanted = 0;
}

/* `other` comes to the last marker that `d` has passed. */
static void meet(struct debug *d, struct debug *other)
{
    unsigned n = d->session.markers;
    interrupt_pressed();
    debug_leave(other);
    if (debug_ended(d)) {
        run_to_markers(other, 0);
    } else if (n > other->past.markers) {
        run_to_markers(other, n);
    } else {
        other->looking = false;
        past_seek(other, n ? other->past.marker[n - 1].clock : 0);
    }
    other->interrupted = interrupt_pressed();
    interrupt_note();
    stops_set(other);
    for (int i = 0; i < GUESTS_MAX; i++) {
        other->console[i].shown = other->console[i].size;
    }
    debug_arrive(other);
    if (other->interrupted) {
        say(d, "stopped by Ctrl-C; this is how far it came");
    }
}

/* ---------------------------------------------------------------- opening */

const char *beside_what(const struct debug *d)
{
    return ((const struct twin *)(const void *)d->beside)->what;
}

/* What `what` names, by the options of the first. */
static const struct technique *
read_what(const struct debug *d, const char *what, char *name, size_t size)
{
    const struct options *o = d->session.o;
    const struct technique *t = technique_find(what);
    if (t) {
        const struct technique *firsts;
        session_guest(o, o->name[0], name, size, &firsts);
    } else {
        session_guest(o, what, name, size, &t);
    }
    return t;
}

static struct twin *make_twin(struct debug *d, const char *what)
{
    struct twin *twin = calloc(1, sizeof *twin);
    if (!twin) {
        wrong(d, "no memory for a second machine");
        return NULL;
    }
    const struct technique *t =
        read_what(d, what, twin->name, sizeof twin->name);
    snprintf(twin->what, sizeof twin->what, "%s", what);
    twin->options = *d->session.o;
    twin->options.technique = t;
    twin->options.name[0] = twin->name;
    twin->options.names = 1;
    twin->options.trace = NULL;
    twin->options.kind_given = false;
    twin->debug.out = d->out;
    twin->debug.numbers = d->numbers;
    twin->debug.second = true;
    if (!debug_open(&twin->debug, &twin->options, t, twin->name)) {
        wrong(d,
              "'%s' cannot be run beside this: 'beside para', say; "
              "'ringside explain' lists the techniques",
              what);
        free(twin);
        return NULL;
    }
    return twin;
}

bool beside_open(struct debug *d, const char *what)
{
    if (monitor_vm_count(d->session.monitor) > 1) {
        wrong(d, "side by side are two machines with a guest each; this one "
                 "has several");
        return false;
    }
    if (d->second) {
        wrong(d, "beside two machines there is no room for a third");
        return false;
    }
    struct twin *twin = make_twin(d, what);
    if (!twin) {
        return false;
    }
    beside_close(d);
    if (d->screen && !screen_beside(d->screen, &twin->debug)) {
        wrong(d, "no memory for a second machine");
        debug_close(&twin->debug);
        free(twin);
        return false;
    }
    twin->debug.screen = d->screen;
    d->beside = &twin->debug;
    meet(d, d->beside);
    return true;
}

void beside_close(struct debug *d)
{
    if (d->beside) {
        struct twin *twin = (struct twin *)(void *)d->beside;
        if (d->screen) {
            screen_beside(d->screen, NULL);
        }
        d->beside = NULL;
        d->turned = false;
        debug_close(&twin->debug);
        free(twin);
    }
}

/* ------------------------------------------------------ how they stand */

char *beside_markers(const struct debug *d, char *buf, size_t size)
{
    const struct debug *b = d->beside;
    unsigned here = d->session.markers, there = b->session.markers;
    if (debug_ended(d) && debug_ended(b)) {
        snprintf(buf, size, "both have ended");
    } else if (here != there) {
        snprintf(buf, size, "1 after %u marker%s, 2 after %u", here,
                 here == 1 ? "" : "s", there);
    } else if (here == 0) {
        snprintf(buf, size, "no marker yet");
    } else {
        snprintf(buf, size, "both after %u marker%s", here,
                 here == 1 ? "" : "s");
    }
    return buf;
}

static const char *ratio(uint64_t here, uint64_t there, char *buf, size_t size)
{
    buf[0] = 0;
    if (here && there) {
        snprintf(buf, size, " x%.2f", (double)there / (double)here);
    }
    return buf;
}

/* "1,234", or "123.45 M" where that would be long. */
static const char *brief(uint64_t n, char buf[GROUPED_SIZE])
{
    if (n < 100000000) {
        return grouped(n, buf);
    }
    snprintf(buf, GROUPED_SIZE, "%.2f M", (double)n / 1e6);
    return buf;
}

char *beside_totals(const struct debug *d, char *buf, size_t size)
{
    const struct books *a = vm_books(d->session.vm);
    const struct books *b = vm_books(d->beside->session.vm);
    uint64_t here = a->clock - a->since, there = b->clock - b->since;
    char n[4][GROUPED_SIZE], x[2][16];
    snprintf(buf, size, "exits %s / %s%s | cycles %s / %s%s",
             brief(a->count, n[0]), brief(b->count, n[1]),
             ratio(a->count, b->count, x[0], sizeof x[0]), brief(here, n[2]),
             brief(there, n[3]), ratio(here, there, x[1], sizeof x[1]));
    return buf;
}

static uint64_t cycles_of(const struct debug *d, int r)
{
    return vm_books(d->session.vm)->cycles_by_reason[r] +
           vm_books(d->beside->session.vm)->cycles_by_reason[r];
}

/* Reasons that took as much are in their own order. */
int beside_top(const struct debug *d, int k)
{
    for (int r = 0; r < EXIT_COUNT; r++) {
        uint64_t its = cycles_of(d, r);
        int before = 0;
        for (int o = 0; o < EXIT_COUNT; o++) {
            uint64_t other = cycles_of(d, o);
            before += other > its || (other == its && o < r);
        }
        if (before == k) {
            return its ? r : -1;
        }
    }
    return -1;
}

static void tell_pair(const struct debug *d)
{
    char where[64], totals[128];
    fprintf(d->out, "%s-- %s | %s%s\n", paint(d->out, STYLE_BOLD),
            beside_markers(d, where, sizeof where),
            beside_totals(d, totals, sizeof totals), paint(d->out, STYLE_NONE));
    if (d->session.markers != d->beside->session.markers) {
        say(d, "   not in the same phase: 'meet' brings them together");
    }
}

/* ------------------------------------------------------ commands for both */

static void run_on(struct debug *d, struct debug *its,
                   const struct debug_command *c, const struct words *w)
{
    its->out = d->out;
    its->screen = d->screen;
    its->line = d->line;
    its->locked = d->locked;
    its->interrupted = false;
    unsigned errors = its->errors;
    c->run(its, w);
    if (its != d) {
        d->errors += its->errors - errors;
    }
}

static void tell_whose(const struct debug *d, const struct debug *its)
{
    fprintf(d->out, "%s-- %d: %s under %s%s\n", paint(d->out, STYLE_BOLD),
            its == d ? 1 : 2, vm_name(its->session.vm), beside_name(its),
            paint(d->out, STYLE_NONE));
}

void beside_run(struct debug *d, const struct debug_command *c,
                const struct words *w)
{
    struct debug *b = d->beside;
    uint64_t here = debug_clock(d), there = debug_clock(b);
    if (d->alone) {
        run_on(d, debug_looked_at(d), c, w);
    } else {
        tell_whose(d, d);
        run_on(d, d, c, w);
        tell_whose(d, b);
        if (d->interrupted) {
            say(d, "not moved; 'meet' brings it there");
        } else {
            run_on(d, b, c, w);
        }
        /* What one refused the other may have taken: numbers stay alike. */
        d->numbers = b->numbers =
            d->numbers > b->numbers ? d->numbers : b->numbers;
    }
    if (debug_clock(d) != here || debug_clock(b) != there) {
        tell_pair(d);
    }
}

/* ------------------------------------------------------------ the commands */

static void print_row(const struct debug *d, const char *name, uint64_t here,
                      uint64_t there)
{
    char a[GROUPED_SIZE], b[GROUPED_SIZE];
    fprintf(d->out, "  %-12s %16s %16s", name, grouped(here, a),
            grouped(there, b));
    if (here && there) {
        fprintf(d->out, "  %6.2f\n", (double)there / (double)here);
    } else {
        fprintf(d->out, "  %s\n", here ? "1 alone" : (there ? "2 alone" : ""));
    }
}

static void print_both(const struct debug *d)
{
    const struct books *a = vm_books(d->session.vm);
    const struct books *b = vm_books(d->beside->session.vm);
    fprintf(d->out, "  %-12s %13s: 1 %13s: 2  2 / 1\n", "", beside_name(d),
            beside_name(d->beside));
    print_row(d, "cycles", a->clock - a->since, b->clock - b->since);
    print_row(d, "guest", a->guest, b->guest);
    print_row(d, "interpreted", a->interpreted, b->interpreted);
    print_row(d, "in exits", a->exits, b->exits);
    print_row(d, "instructions", a->instructions, b->instructions);
    print_row(d, "exits", a->count, b->count);
    for (int k = 0; beside_top(d, k) >= 0; k++) {
        int r = beside_top(d, k);
        print_row(d, exit_names[r].name, a->by_reason[r], b->by_reason[r]);
    }
}

static bool is_pair(struct debug *d)
{
    if (!d->beside) {
        wrong(d, "there is nothing beside this: 'beside para' runs the guest "
                 "under para, too");
    }
    return d->beside != NULL;
}

void do_beside(struct debug *d, const struct words *w)
{
    if (w->count < 2) {
        if (is_pair(d)) {
            print_both(d);
            tell_pair(d);
        }
    } else if (strcmp(w->word[1], "off") == 0) {
        if (is_pair(d)) {
            beside_close(d);
        }
    } else if (beside_open(d, w->word[1])) {
        tell_whose(d, d->beside);
        print_both(d);
        tell_pair(d);
        if (d->stops) {
            say(d, "   the stops so far are the first's alone");
        }
    }
}

void do_side(struct debug *d, const struct words *w)
{
    bool given = w->count > 1, second = given && strcmp(w->word[1], "2") == 0;
    if (!is_pair(d)) {
        return;
    }
    if (given && !second && strcmp(w->word[1], "1") != 0) {
        wrong(d, "which side? 'side 1' or 'side 2'; 'side' turns to the other");
        return;
    }
    bool turned = d->turned, alone = d->alone;
    d->turned = given ? second : !turned;
    if (w->count < 3) {
        tell_whose(d, debug_looked_at(d));
        tell_place(debug_looked_at(d));
        return;
    }
    d->alone = true;
    debug_execute_one(d, w->rest[2]);
    d->alone = alone;
    d->turned = d->beside && turned;
}

void do_meet(struct debug *d, const struct words *w)
{
    (void)w;
    if (is_pair(d)) {
        struct debug *b = d->beside;
        b->out = d->out;
        d->turned ? meet(b, d) : meet(d, b);
        tell_pair(d);
    }
}
