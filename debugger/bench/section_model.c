/*
 * section_model.c - the report's sections on what decides: the points where
 * one technique overtakes another, and how the model fares beside published
 * figures.
 */
#include "../guests.h"
#include "../talk.h"
#include "figure.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------- what if */

static void what_if_row(struct report *r, size_t w)
{
    const struct sweep *s = r->sweep;
    const struct books *bare = report_books(r, w, s->technique[0], 0);
    document_slider_cell(&r->d, 0, s->workload[w], 0, 0, 1);
    for (size_t t = 1; t < s->techniques; t++) {
        const struct books *b = report_books(r, w, s->technique[t], 0);
        if (!b || !bare || !bare->clock) {
            document_slider_cell(&r->d, (int)t, "-", 0, 0, 1);
            continue;
        }
        uint64_t hardware =
            b->cycles_by_phase[PHASE_exit] + b->cycles_by_phase[PHASE_entry];
        document_slider_cell(&r->d, (int)t, NULL, (double)(b->clock - hardware),
                             (double)hardware, (double)bare->clock);
    }
}

void section_what_if(struct report *r)
{
    const struct sweep *s = r->sweep;
    const char *head[TECHNIQUES_MOST] = {"workload"};
    document_heading(&r->d, "What if an exit were cheaper?");
    document_text(&r->d,
                  "Times bare, when the processor's own part of each exit, "
                  "out of the guest and into it again, costs a part of what "
                  "it does. Modelled from this run, not run anew: timer ticks "
                  "stay where they were. (The slider is in report.html.)");
    for (size_t t = 1; t < s->techniques; t++) {
        head[t] = technique_name(s->technique[t]);
    }
    document_slider(&r->d, "The processor's part:", (int)s->techniques, head);
    for (size_t w = 0; w < s->workloads; w++) {
        if (!report_is_nano(r, w)) {
            what_if_row(r, w);
        }
    }
    document_slider_end(&r->d);
}

/* -------------------------------------------------------------- break-even */

static void exit_row(struct report *r, size_t w, const struct books *hardware,
                     const struct books *software)
{
    uint64_t round = hardware->cycles_by_phase[PHASE_exit] +
                     hardware->cycles_by_phase[PHASE_entry];
    double each = hardware->count ? (double)round / (double)hardware->count : 0;
    double rest = (double)(hardware->clock - round);
    double even = ((double)software->clock - rest) / (double)hardware->count;
    document_cell(&r->d, 0, "%s", r->sweep->workload[w]);
    document_cell(&r->d, 1, "%.2f",
                  (double)hardware->clock / (double)software->clock);
    document_cell(&r->d, 2, "%.0f", each);
    if (even <= 0) {
        document_cell(&r->d, 3, "not even if it were free");
    } else {
        document_cell(&r->d, 3, "%.0f", even);
    }
}

/* Where there are fewer, exits decide nothing. */
#define EXITS_LEAST 100u

/* What an exit of hvm-shadow might cost, from nothing to a Pentium 4's. */
#define POINTS 13
#define POINT_STEP 500

/* hvm-shadow's time over translate's, were the processor's part of an exit so
 * many cycles. */
static double times_at(const struct books *hardware,
                       const struct books *software, double cycles)
{
    uint64_t round = hardware->cycles_by_phase[PHASE_exit] +
                     hardware->cycles_by_phase[PHASE_entry];
    return ((double)(hardware->clock - round) +
            cycles * (double)hardware->count) /
           (double)software->clock;
}

/* The books of workload w under the two, where exits decide something. */
static bool two_books(const struct report *r, size_t w, const struct books **h,
                      const struct books **s)
{
    *h = report_books(r, w, technique_find("hvm-shadow"), 0);
    *s = report_books(r, w, technique_find("translate"), 0);
    return *h && *s && (*h)->count >= EXITS_LEAST && !report_is_nano(r, w);
}

static void exit_figure(struct report *r)
{
    static double value[POINTS * SWEEP_NAMES];
    const char *column[SWEEP_NAMES];
    const struct books *h, *s;
    double x[POINTS];
    size_t columns = 0;
    for (size_t w = 0; w < r->sweep->workloads; w++) {
        if (two_books(r, w, &h, &s)) {
            column[columns++] = r->sweep->workload[w];
        }
    }
    for (size_t w = 0, c = 0; w < r->sweep->workloads; w++) {
        if (!two_books(r, w, &h, &s)) {
            continue;
        }
        for (size_t i = 0; i < POINTS; i++) {
            x[i] = (double)(i * POINT_STEP);
            value[i * columns + c] = times_at(h, s, x[i]);
        }
        c++;
    }
    struct figure f = {.name = "break-even",
                       .y_axis = "hvm-shadow over translate (logarithmic)",
                       .logarithmic = true,
                       .x = x,
                       .x_axis = "cycles of an exit and its entry",
                       .rows = POINTS,
                       .columns = columns,
                       .column = column,
                       .value = value};
    report_figure(r, &f,
                  "Hardware assist with shadow page tables against a "
                  "translator, were an exit dearer or cheaper: below 1 the "
                  "hardware wins. Modelled from this run.");
}

/* How cheap must an exit get before hvm-shadow beats translate? */
static void exit_break_even(struct report *r)
{
    static const char *const head[] = {"workload", "hvm-shadow over translate",
                                       "exit and entry now, cycles",
                                       "equal at, cycles"};
    const struct books *h, *s;
    size_t had = 0;
    for (size_t w = 0; w < r->sweep->workloads; w++) {
        if (!two_books(r, w, &h, &s)) {
            continue;
        }
        if (had++ == 0) {
            document_heading(&r->d, "How cheap must an exit get?");
            document_text(&r->d,
                          "Hardware assist with shadow page tables exits more "
                          "often than a translator; it wins as soon as the "
                          "processor's part of an exit, out and in again, "
                          "costs less than the last column says.");
            document_table(&r->d, 4, head);
        }
        exit_row(r, w, h, s);
    }
    if (had) {
        document_table_end(&r->d);
        exit_figure(r);
    }
}

static size_t workload_called(const struct report *r, const char *name)
{
    size_t w = 0;
    while (w < r->sweep->workloads &&
           strcmp(r->sweep->workload[w], name) != 0) {
        w++;
    }
    return w;
}

/* Of a row behind its workload: what nesting saved, and how many TLB misses,
 * of so many instructions, eat it up. */
static void miss_row(struct report *r, double saved, double misses,
                     double instructions)
{
    char text[GROUPED_SIZE];
    if (saved <= 0) {
        document_cell(&r->d, 1, "-%s", grouped((uint64_t)-saved, text));
        document_cell(&r->d, 2, "it is slower already");
        document_cell(&r->d, 3, "-");
        return;
    }
    document_cell(&r->d, 1, "%s", grouped((uint64_t)saved, text));
    document_cell(&r->d, 2, "%s", grouped((uint64_t)misses, text));
    if (instructions < misses) {
        document_cell(&r->d, 3, "more than one in each");
    } else {
        document_cell(&r->d, 3, "%.1f", instructions / misses);
    }
}

/* How often must the TLB miss before nested paging loses to shadows? */
static void miss_break_even(struct report *r)
{
    static const char *const head[] = {"workload", "saved by nesting, cycles",
                                       "TLB misses that would eat it up",
                                       "one in so many instructions"};
    const struct technique *shadow = technique_find("hvm-shadow");
    const struct technique *nested = technique_find("hvm");
    size_t miss = workload_called(r, "nano-tlbmiss"), had = 0;
    if (miss == r->sweep->workloads) {
        return;
    }
    double more = report_operation(r, miss, nested, 0) -
                  report_operation(r, miss, shadow, 0);
    for (size_t w = 0; more > 0 && w < r->sweep->workloads; w++) {
        const struct books *s = report_books(r, w, shadow, 0);
        const struct books *n = report_books(r, w, nested, 0);
        if (!s || !n || s->count < EXITS_LEAST || report_is_nano(r, w)) {
            continue;
        }
        if (had++ == 0) {
            document_heading(&r->d, "How often must the TLB miss?");
            document_text(&r->d,
                          "Nested paging saves the exits that keep shadow "
                          "tables true, and pays %.0f cycles more for each "
                          "TLB miss. So many misses more than it had would "
                          "make it the slower one.",
                          more);
            document_table(&r->d, 4, head);
        }
        double saved = (double)s->clock - (double)n->clock;
        document_cell(&r->d, 0, "%s", r->sweep->workload[w]);
        miss_row(r, saved, saved / more, (double)n->instructions);
    }
    if (had) {
        document_table_end(&r->d);
    }
}

void section_break_even(struct report *r)
{
    exit_break_even(r);
    miss_break_even(r);
}

/* --------------------------------------------------------------- published */

static const struct {
    const char *workload, *technique, *whose;
    double theirs, native;
    const char *source;
} published[] = {
#define PUBLISHED(workload, technique, whose, theirs, native, source) \
    {workload, technique, whose, theirs, native, source},
#define NANO_PUBLISHED(name, native, software, hardware)
#define WHY(technique, text)
#include "../../bench/published.def"
#undef PUBLISHED
#undef NANO_PUBLISHED
#undef WHY
};

static const struct {
    const char *technique, *text;
} whys[] = {
#define PUBLISHED(workload, technique, whose, theirs, native, source)
#define NANO_PUBLISHED(name, native, software, hardware)
#define WHY(technique, text) {technique, text},
#include "../../bench/published.def"
#undef PUBLISHED
#undef NANO_PUBLISHED
#undef WHY
};

/* Of the techniques that the sweep has. */
static void say_why(struct report *r)
{
    for (size_t i = 0; i < sizeof whys / sizeof *whys; i++) {
        for (size_t t = 0; t < r->sweep->techniques; t++) {
            if (r->sweep->technique[t] == technique_find(whys[i].technique)) {
                document_text(&r->d, "Why %s differs: %s", whys[i].technique,
                              whys[i].text);
            }
        }
    }
}

void section_published(struct report *r)
{
    static const char *const head[] = {"workload", "theirs",     "times native",
                                       "ours",     "times bare", "source"};
    size_t had = 0;
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        size_t w = workload_called(r, published[i].workload);
        const struct technique *t = technique_find(published[i].technique);
        double ours = w < r->sweep->workloads ? report_times(r, w, t, 0) : 0;
        if (ours <= 0) {
            continue;
        }
        if (had++ == 0) {
            document_heading(&r->d, "Beside published slowdowns");
            document_text(&r->d,
                          "Each a ratio over the same system's own native "
                          "run. None of them was used to fit a price.");
            document_table(&r->d, 6, head);
        }
        document_cell(&r->d, 0, "%s", published[i].workload);
        document_cell(&r->d, 1, "%s", published[i].whose);
        document_cell(&r->d, 2, "%.2f",
                      published[i].theirs / published[i].native);
        document_cell(&r->d, 3, "%s", published[i].technique);
        document_cell(&r->d, 4, "%.2f", ours);
        if (published[i].native == 1) {
            document_cell(&r->d, 5, "%s", published[i].source);
        } else {
            document_cell(&r->d, 5, "%g / %g: %s", published[i].theirs,
                          published[i].native, published[i].source);
        }
    }
    if (had) {
        document_table_end(&r->d);
        say_why(r);
    }
}

/* --------------------------------------------------------- nanobenchmarks */

static const struct {
    const char *name;
    double native, software, hardware; /* 0: not published */
} nano_published[] = {
#define PUBLISHED(...)
#define WHY(...)
#define NANO_PUBLISHED(name, native, software, hardware) \
    {name, native, software, hardware},
#include "../../bench/published.def"
#undef PUBLISHED
#undef WHY
#undef NANO_PUBLISHED
};

/* "240, 2260, 240", with - for what was not published. */
static void theirs_text(const char *name, char *buf, size_t size)
{
    size_t n = 0;
    snprintf(buf, size, "-");
    for (size_t i = 0; i < sizeof nano_published / sizeof *nano_published;
         i++) {
        const double three[] = {nano_published[i].native,
                                nano_published[i].software,
                                nano_published[i].hardware};
        for (int k = 0; strcmp(nano_published[i].name, name) == 0 && k < 3;
             k++) {
            n += (size_t)snprintf(buf + n, size - n,
                                  three[k] > 0 ? "%s%.0f" : "%s-",
                                  k ? ", " : "", three[k]);
        }
    }
}

static void nano_row(struct report *r, size_t w, const char *text)
{
    char theirs[60];
    const char *name = r->sweep->workload[w];
    theirs_text(name, theirs, sizeof theirs);
    document_cell(&r->d, 0, "%s: %s", name, text);
    document_cell(&r->d, 1, "%s", theirs);
    for (size_t t = 0; t < r->sweep->techniques; t++) {
        double cycles = report_operation(r, w, r->sweep->technique[t], 0);
        document_cell(&r->d, (int)t + 2, cycles < 0 ? "-" : "%.0f", cycles);
    }
}

void section_nano(struct report *r)
{
    const struct sweep *s = r->sweep;
    const char *head[TECHNIQUES_MOST + 2] = {"operation",
                                             "native, software, hardware"};
    size_t had = 0;
    for (size_t t = 0; t < s->techniques; t++) {
        head[t + 2] = technique_name(s->technique[t]);
    }
    for (size_t i = 1; nanobenchmark_at(i); i++) {
        const struct nanobenchmark *n = nanobenchmark_at(i);
        size_t w = workload_called(r, n->name);
        if (w == s->workloads) {
            continue;
        }
        if (had++ == 0) {
            document_heading(&r->d, "Single operations, in cycles");
            document_text(&r->d,
                          "Beside Adams and Agesen's on a Pentium 4: native, "
                          "by binary translation (software), and by VT with "
                          "shadow paging (hardware).");
            document_table(&r->d, (int)s->techniques + 2, head);
        }
        nano_row(r, w, n->text);
    }
    if (had) {
        document_table_end(&r->d);
    }
}
