/*
 * section.c - the report's sections on overhead: how much, and from what.
 */
#include "../measure.h"
#include "../talk.h"
#include "figure.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

#define CELLS_MOST (SWEEP_NAMES * TECHNIQUES_MOST)

/* Workloads that are not nanobenchmarks: these have a section of their own. */
static size_t workloads(const struct report *r, size_t list[SWEEP_NAMES])
{
    size_t n = 0;
    for (size_t w = 0; w < r->sweep->workloads; w++) {
        if (!report_is_nano(r, w)) {
            list[n++] = w;
        }
    }
    return n;
}

/* ---------------------------------------------------------------- overview */

static void overview_table(struct report *r, const size_t *list, size_t n)
{
    const struct sweep *s = r->sweep;
    const char *head[TECHNIQUES_MOST + 1] = {"workload", "bare, cycles"};
    int columns = 2;
    for (size_t t = 1; t < s->techniques; t++) {
        head[columns++] = technique_name(s->technique[t]);
    }
    document_table(&r->d, columns, head);
    for (size_t i = 0; i < n; i++) {
        char cycles[GROUPED_SIZE] = "-";
        const struct books *bare = report_books(r, list[i], s->technique[0], 0);
        document_cell(&r->d, 0, "%s", s->workload[list[i]]);
        document_cell(&r->d, 1, "%s",
                      bare ? grouped(bare->clock, cycles) : "-");
        for (size_t t = 1; t < s->techniques; t++) {
            double times = report_times(r, list[i], s->technique[t], 0);
            document_cell(&r->d, (int)t + 1, times > 0 ? "%.2f" : "-", times);
        }
    }
    document_table_end(&r->d);
}

void section_overview(struct report *r)
{
    static double value[CELLS_MOST];
    const struct sweep *s = r->sweep;
    const char *row[SWEEP_NAMES], *column[TECHNIQUES_MOST];
    size_t list[SWEEP_NAMES], n = workloads(r, list);
    if (n == 0) {
        return;
    }
    document_heading(&r->d, "Overhead: times bare");
    document_text(&r->d, "What each workload takes under each technique, over "
                         "what it takes on the bare machine: 1 is free.");
    overview_table(r, list, n);
    size_t columns = s->techniques - 1;
    for (size_t i = 0; i < n; i++) {
        row[i] = s->workload[list[i]];
        for (size_t t = 0; t < columns; t++) {
            double times = report_times(r, list[i], s->technique[t + 1], 0);
            column[t] = technique_name(s->technique[t + 1]);
            value[i * columns + t] = times > 0 ? times : -1;
        }
    }
    struct figure f = {.name = "overhead",
                       .y_axis = "times bare (logarithmic)",
                       .logarithmic = true,
                       .rows = n,
                       .columns = columns,
                       .row = row,
                       .column = column,
                       .value = value};
    report_figure(r, &f,
                  "Each workload's time under each technique, as a "
                  "multiple of its time on the bare machine.");
}

/* ------------------------------------------------------------------- sizes */

/* A workload may be a file's path. */
static const char *file_name(const char *workload)
{
    const char *slash = strrchr(workload, '/');
    return slash ? slash + 1 : workload;
}

static void sizes_row(struct report *r, size_t w, uint32_t size)
{
    const struct sweep *s = r->sweep;
    const struct books *bare = report_books_of(r, w, s->technique[0], 0, size);
    char cycles[GROUPED_SIZE];
    document_cell(&r->d, 0, "%s, n=%u", s->workload[w], size);
    document_cell(&r->d, 1, "%s", bare ? grouped(bare->clock, cycles) : "-");
    for (size_t t = 1; t < s->techniques; t++) {
        const struct books *b = report_books_of(r, w, s->technique[t], 0, size);
        document_cell(&r->d, (int)t + 1, b && bare ? "%.2f" : "-",
                      b && bare ? (double)b->clock / (double)bare->clock : 0);
    }
}

/* A workload's ratios over its sizes, as lines. */
static void sizes_figure(struct report *r, size_t w)
{
    const struct sweep *s = r->sweep;
    const char *column[TECHNIQUES_MOST];
    double value[SWEEP_SIZES * TECHNIQUES_MOST], x[SWEEP_SIZES];
    char name[80], caption[300];
    size_t rows = 0, columns = s->techniques - 1;
    for (; rows < SWEEP_SIZES && s->size[w][rows]; rows++) {
        uint32_t size = s->size[w][rows];
        const struct books *bare =
            report_books_of(r, w, s->technique[0], 0, size);
        x[rows] = size;
        for (size_t t = 0; t < columns; t++) {
            const struct books *b =
                report_books_of(r, w, s->technique[t + 1], 0, size);
            column[t] = technique_name(s->technique[t + 1]);
            value[rows * columns + t] =
                b && bare && bare->clock
                    ? (double)b->clock / (double)bare->clock
                    : -1;
        }
    }
    snprintf(name, sizeof name, "sizes-%s", file_name(s->workload[w]));
    snprintf(caption, sizeof caption,
             "%s: its time under each technique, as a multiple of its time on "
             "the bare machine, over its size n.",
             s->workload[w]);
    struct figure f = {.name = name,
                       .y_axis = "times bare (logarithmic)",
                       .logarithmic = true,
                       .x = x,
                       .x_axis = "n",
                       .x_logarithmic = true,
                       .rows = rows,
                       .columns = columns,
                       .column = column,
                       .value = value};
    report_figure(r, &f, caption);
}

static void sizes_table(struct report *r)
{
    const struct sweep *s = r->sweep;
    const char *head[TECHNIQUES_MOST + 1] = {"workload, size", "bare, cycles"};
    for (size_t t = 1; t < s->techniques; t++) {
        head[t + 1] = technique_name(s->technique[t]);
    }
    document_table(&r->d, (int)s->techniques + 1, head);
    for (size_t w = 0; w < s->workloads; w++) {
        for (size_t k = 0; s->size[w][1] && s->size[w][k]; k++) {
            sizes_row(r, w, s->size[w][k]);
        }
    }
    document_table_end(&r->d);
}

void section_sizes(struct report *r)
{
    const struct sweep *s = r->sweep;
    size_t had = 0;
    for (size_t w = 0; w < s->workloads; w++) {
        if (s->size[w][1] && had++ == 0) {
            document_heading(&r->d, "Small and large: times bare");
            document_text(&r->d, "What is done once, a translation or a first "
                                 "fill, weighs less the more there is to do; "
                                 "what is done for each page, a TLB miss, "
                                 "weighs more.");
            sizes_table(r);
        }
        if (s->size[w][1]) {
            sizes_figure(r, w);
        }
    }
}

/* ------------------------------------------------------------------ phases */

/* "pt-write 64 %, iret 12 %": the dearest reasons' shares of the clock. */
static void reasons_text(const struct books *b, char *buf, size_t size)
{
    size_t n = 0;
    buf[0] = 0;
    for (int k = 0; k < 3; k++) {
        int reason = measure_top(b, k);
        double share = reason < 0 ? 0
                                  : 100 * (double)b->cycles_by_reason[reason] /
                                        (double)b->clock;
        if (share >= 1 && n < size) {
            n +=
                (size_t)snprintf(buf + n, size - n, "%s%s %.0f %%",
                                 n ? ", " : "", exit_names[reason].name, share);
        }
    }
}

static void phases_table(struct report *r, const struct technique *t,
                         const size_t *list, size_t n)
{
    static const char *const head[] = {
        "workload",    "exits",    "cycles each",  "in the guest",
        "interpreted", "in exits", "dearest exits"};
    document_table(&r->d, 7, head);
    for (size_t i = 0; i < n; i++) {
        char text[120], count[GROUPED_SIZE];
        const struct books *b = report_books(r, list[i], t, 0);
        if (!b || !b->clock) {
            continue;
        }
        double whole = (double)b->clock / 100;
        reasons_text(b, text, sizeof text);
        document_cell(&r->d, 0, "%s", r->sweep->workload[list[i]]);
        document_cell(&r->d, 1, "%s", grouped(b->count, count));
        document_cell(&r->d, 2, "%.0f",
                      b->count ? (double)b->exits / (double)b->count : 0);
        document_cell(&r->d, 3, "%.0f %%", (double)b->guest / whole);
        document_cell(&r->d, 4, "%.0f %%", (double)b->interpreted / whole);
        document_cell(&r->d, 5, "%.0f %%", (double)b->exits / whole);
        document_cell(&r->d, 6, "%s", text);
    }
    document_table_end(&r->d);
}

static void phases_figure(struct report *r, const struct technique *t,
                          const size_t *list, size_t n)
{
    static double value[SWEEP_NAMES * (PHASE_COUNT + 2)];
    const char *row[SWEEP_NAMES], *column[PHASE_COUNT + 2];
    char name[64], caption[200];
    size_t rows = 0, columns = 0;
    column[columns++] = "guest";
    column[columns++] = "interpreted";
    for (int p = 0; p < PHASE_COUNT; p++) {
        column[columns++] = phase_names[p].name;
    }
    for (size_t i = 0; i < n; i++) {
        const struct books *b = report_books(r, list[i], t, 0);
        if (!b || !b->clock) {
            continue;
        }
        double *v = &value[rows * columns], whole = (double)b->clock / 100;
        row[rows++] = r->sweep->workload[list[i]];
        v[0] = (double)b->guest / whole;
        v[1] = (double)b->interpreted / whole;
        for (int p = 0; p < PHASE_COUNT; p++) {
            v[p + 2] = (double)b->cycles_by_phase[p] / whole;
        }
    }
    snprintf(name, sizeof name, "phases-%s", technique_name(t));
    snprintf(caption, sizeof caption,
             "Under %s: each workload's cycles, in the guest itself and by "
             "what the monitor did in its exits.",
             technique_name(t));
    struct figure f = {.name = name,
                       .y_axis = "percent of all cycles",
                       .stacked = true,
                       .rows = rows,
                       .columns = columns,
                       .row = row,
                       .column = column,
                       .value = value};
    if (rows) {
        report_figure(r, &f, caption);
    }
}

/* Did it exit at all, under any workload? */
static bool exits(const struct report *r, const struct technique *t)
{
    for (size_t w = 0; w < r->sweep->workloads; w++) {
        const struct books *b = report_books(r, w, t, 0);
        if (b && b->count && !report_is_nano(r, w)) {
            return true;
        }
    }
    return false;
}

void section_phases(struct report *r)
{
    size_t list[SWEEP_NAMES], n = workloads(r, list);
    for (size_t t = 1; n && t < r->sweep->techniques; t++) {
        const struct technique *technique = r->sweep->technique[t];
        char heading[80];
        snprintf(heading, sizeof heading, "Where the cycles go: %s",
                 technique_name(technique));
        document_heading(&r->d, heading);
        document_text(&r->d, "%s: %s.", technique_name(technique),
                      technique_text(technique));
        if (exits(r, technique)) {
            phases_table(r, technique, list, n);
            phases_figure(r, technique, list, n);
        } else {
            document_text(&r->d, "No workload has an exit.");
        }
    }
}

/* -------------------------------------------------------------------- para */

/* What para has not, of the exits that cost full most: in words. */
static void avoided_text(const struct books *full, const struct books *para,
                         char *buf, size_t size)
{
    size_t n = 0;
    buf[0] = 0;
    for (int k = 0; k < 3; k++) {
        int reason = measure_top(full, k);
        char before[GROUPED_SIZE], after[GROUPED_SIZE];
        if (reason < 0 || n >= size ||
            full->cycles_by_reason[reason] * 20 < full->clock) {
            break;
        }
        n += (size_t)snprintf(buf + n, size - n, "%s%s %s to %s", n ? ", " : "",
                              exit_names[reason].name,
                              grouped(full->by_reason[reason], before),
                              grouped(para->by_reason[reason], after));
    }
}

void section_para(struct report *r)
{
    static const char *const head[] = {
        "workload",     "full",         "para",
        "full's exits", "para's exits", "of full's dearest exits"};
    const struct technique *full = technique_find("full");
    const struct technique *para = technique_find("para");
    size_t list[SWEEP_NAMES], n = workloads(r, list), had = 0;
    for (size_t i = 0; i < n; i++) {
        char text[200], count[GROUPED_SIZE];
        const struct books *f = report_books(r, list[i], full, 0);
        const struct books *p = report_books(r, list[i], para, 0);
        if (!f || !p) {
            continue;
        }
        if (had++ == 0) {
            document_heading(&r->d, "What paravirtualization avoids");
            document_text(&r->d,
                          "Full and para run the same kernel but for one "
                          "small file; times bare, and how the exits that "
                          "are dearest under full have fared.");
            document_table(&r->d, 6, head);
        }
        avoided_text(f, p, text, sizeof text);
        document_cell(&r->d, 0, "%s", r->sweep->workload[list[i]]);
        document_cell(&r->d, 1, "%.2f", report_times(r, list[i], full, 0));
        document_cell(&r->d, 2, "%.2f", report_times(r, list[i], para, 0));
        document_cell(&r->d, 3, "%s", grouped(f->count, count));
        document_cell(&r->d, 4, "%s", grouped(p->count, count));
        document_cell(&r->d, 5, "%s", text);
    }
    if (had) {
        document_table_end(&r->d);
    }
}
