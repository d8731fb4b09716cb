/*
 * section_reprice.c - the report's section on processor generations: what was
 * run at the sweep's first prices, priced for other machines.
 *
 * Parts:  the machines; an exit's cost, modelled and real; how far off.
 *
 * Machines that the sweep ran for real stand beside the model, which is how
 * far it can be trusted for those that it did not run.
 */
#include "../talk.h"
#include "figure.h"
#include "report.h"

#include <math.h>
#include <string.h>

/* -------------------------------------------------------------- the machines
 */

struct generation {
    struct costs costs;
    size_t preset; /* the sweep's, or PRESETS_MOST: it did not run there */
};
struct generations {
    struct generation at[PRESETS_MOST];
    size_t count;
};

/* The built-in ones by age. `unit` is no machine. */
static const char *const by_age[] = {"pentium", "p4-vt", "core2-vt",
                                     "haswell-ept"};
#define BY_AGE (sizeof by_age / sizeof *by_age)

static size_t preset_called(const struct sweep *s, const char *name)
{
    size_t p = 0;
    while (p < s->presets && strcmp(s->costs[p].name, name) != 0) {
        p++;
    }
    return p < s->presets ? p : PRESETS_MOST;
}

/* Those, and then whatever else the sweep names. */
static void list_machines(const struct sweep *s, struct generations *m)
{
    char err[256];
    for (size_t i = 0; i < BY_AGE; i++) {
        struct generation *one = &m->at[m->count];
        if (costs_load(&one->costs, by_age[i], err, sizeof err) == 0) {
            one->preset = preset_called(s, by_age[i]);
            m->count++;
        }
    }
    for (size_t p = 0; p < s->presets && m->count < PRESETS_MOST; p++) {
        size_t i = 0;
        while (i < m->count && m->at[i].preset != p) {
            i++;
        }
        if (i == m->count) {
            m->at[m->count++] = (struct generation){s->costs[p], p};
        }
    }
}

/* ------------------------------------------- an exit's cost, there and here */

/* Mean cycles of an exit under t over all workloads; -1: it has none. */
static double modelled_exit(const struct report *r, const struct technique *t,
                            const struct costs *to)
{
    uint64_t count = 0, cycles = 0;
    for (size_t w = 0; w < r->sweep->workloads; w++) {
        const struct result *x = report_result(r, w, t, 0);
        if (x && !report_is_nano(r, w)) {
            count += x->books.count;
            cycles += bill_cycles(&x->bill, ACCOUNT_EXITS, to);
        }
    }
    return count ? (double)cycles / (double)count : -1;
}

static double real_exit(const struct report *r, const struct technique *t,
                        size_t preset)
{
    uint64_t count = 0, cycles = 0;
    for (size_t w = 0; w < r->sweep->workloads; w++) {
        const struct result *x = report_result(r, w, t, preset);
        if (x && !report_is_nano(r, w)) {
            count += x->books.count;
            cycles += x->books.exits;
        }
    }
    return count ? (double)cycles / (double)count : -1;
}

/* Which techniques exit at all. */
static size_t exiting(const struct report *r, const struct technique **list)
{
    size_t n = 0;
    for (size_t t = 1; t < r->sweep->techniques; t++) {
        if (real_exit(r, r->sweep->technique[t], 0) >= 0) {
            list[n++] = r->sweep->technique[t];
        }
    }
    return n;
}

static void exit_cell(struct report *r, int column, double cycles)
{
    document_cell(&r->d, column, cycles < 0 ? "-" : "%.0f", cycles);
}

/* A row of the model; and one of real runs, where the sweep made them. */
static void machine_rows(struct report *r, const struct generation *m,
                         const struct technique *const *list, size_t n,
                         double *value)
{
    const struct sweep *s = r->sweep;
    document_cell(&r->d, 0, "%s", m->costs.name);
    document_cell(&r->d, 1, "%s", m->preset == 0 ? "recorded" : "modelled");
    for (size_t t = 0; t < n; t++) {
        value[t] = modelled_exit(r, list[t], &m->costs);
        exit_cell(r, (int)t + 2, value[t]);
    }
    if (m->preset == 0 || m->preset >= s->presets) {
        return;
    }
    document_cell(&r->d, 0, "%s", m->costs.name);
    document_cell(&r->d, 1, "real");
    for (size_t t = 0; t < n; t++) {
        exit_cell(r, (int)t + 2, real_exit(r, list[t], m->preset));
    }
}

static void exits_table(struct report *r, const struct generations *m,
                        const struct technique *const *list, size_t n)
{
    static double value[PRESETS_MOST * TECHNIQUES_MOST];
    const char *head[TECHNIQUES_MOST + 2] = {"prices", "how"};
    const char *row[PRESETS_MOST];
    for (size_t t = 0; t < n; t++) {
        head[t + 2] = technique_name(list[t]);
    }
    document_table(&r->d, (int)n + 2, head);
    for (size_t i = 0; i < m->count; i++) {
        row[i] = m->at[i].costs.name;
        machine_rows(r, &m->at[i], list, n, &value[i * n]);
    }
    document_table_end(&r->d);
    struct figure f = {.name = "machines",
                       .y_axis = "cycles an exit, modelled",
                       .rows = m->count,
                       .columns = n,
                       .row = row,
                       .column = head + 2,
                       .value = value};
    report_figure(r, &f,
                  "What an exit costs on each machine, by technique: the mean "
                  "over all workloads, modelled from one recorded run.");
}

/* ------------------------------------------------------------- how far off */

/* Of one technique on one machine: modelled over real, less one, in percent. */
struct error {
    double mean, worst; /* of the absolute values; and with its sign */
    const char *workload;
};

static struct error error_of(const struct report *r, const struct technique *t,
                             const struct generation *m)
{
    const struct sweep *s = r->sweep;
    struct error e = {0, 0, "-"};
    size_t n = 0;
    for (size_t w = 0; w < s->workloads; w++) {
        const struct result *from = report_result(r, w, t, 0);
        const struct result *real = report_result(r, w, t, m->preset);
        if (!from || !real || !real->books.clock || report_is_nano(r, w)) {
            continue;
        }
        uint64_t modelled = bill_reprice(&from->bill, from->books.idle,
                                         &s->costs[0], &m->costs);
        double off = 100 * ((double)modelled / (double)real->books.clock - 1);
        e.mean += fabs(off);
        n++;
        if (n == 1 || fabs(off) > fabs(e.worst)) {
            e.worst = off;
            e.workload = s->workload[w];
        }
    }
    e.mean = n ? e.mean / (double)n : -1;
    return e;
}

static void errors_table(struct report *r, const struct generations *m)
{
    static const char *const head[] = {"prices", "technique", "mean error",
                                       "worst", "by which workload"};
    size_t had = 0;
    for (size_t i = 0; i < m->count; i++) {
        const struct generation *one = &m->at[i];
        bool real = one->preset > 0 && one->preset < r->sweep->presets;
        for (size_t t = 0; real && t < r->sweep->techniques; t++) {
            struct error e = error_of(r, r->sweep->technique[t], one);
            if (e.mean < 0) {
                continue;
            }
            if (had++ == 0) {
                document_text(
                    &r->d, "How far off the model is: each workload's cycles, "
                           "modelled, against a real run at those prices.");
                document_table(&r->d, 5, head);
            }
            document_cell(&r->d, 0, "%s", one->costs.name);
            document_cell(&r->d, 1, "%s",
                          technique_name(r->sweep->technique[t]));
            document_cell(&r->d, 2, "%.2f %%", e.mean);
            document_cell(&r->d, 3, "%+.2f %%", e.worst);
            document_cell(&r->d, 4, "%s", e.workload);
        }
    }
    if (had) {
        document_table_end(&r->d);
    } else {
        document_text(&r->d,
                      "This sweep has run at one price list, so nothing here "
                      "checks the model. 'ringside reprice WORKLOAD' does, or "
                      "a sweep with more presets.");
    }
}

void section_machines(struct report *r)
{
    struct generations m = {.count = 0};
    const struct technique *list[TECHNIQUES_MOST];
    size_t n = exiting(r, list);
    if (n == 0) {
        return;
    }
    list_machines(r->sweep, &m);
    document_heading(&r->d, "An exit over generations of processors");
    document_text(
        &r->d,
        "Mean cycles of an exit, the monitor's own software included, over "
        "all workloads. Modelled: the runs at %s were kept as counts of what "
        "was charged, and are priced for the other machines; the same things "
        "happen, each at another price, and sleep lasts as long by the wall. "
        "What differs in a real run is the timer: it keeps its pace while "
        "work takes more or fewer cycles, so more or fewer ticks fall into "
        "it.",
        r->sweep->costs[0].name);
    exits_table(r, &m, list, n);
    errors_table(r, &m);
}
