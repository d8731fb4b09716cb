/*
 * cmd_reprice.c - ringside reprice: one recorded run, priced for other
 * machines, and how far off that is.
 *
 * Parts:  running; a row; the table; JSON.
 *
 * The model says: the same things happen, and each costs what it costs there.
 * What it cannot know is what would happen otherwise. A timer keeps its pace
 * by the wall while the work between two ticks takes longer or shorter, so
 * more or fewer ticks fall into it; a turn ends elsewhere. A real run at the
 * other prices shows what that comes to.
 */
#include "guests.h"
#include "measure.h"
#include "talk.h"

#include <stdlib.h>
#include <string.h>

/* Under one technique: the recorded run, and one more at each price list. */
struct work {
    const struct options *o;
    const struct costs *to; /* `count` price lists */
    size_t count;
    struct measure recorded, real;
    cJSON *json; /* NULL: a table */
    int status;
};

static double each(uint64_t cycles, uint64_t exits)
{
    return exits ? (double)cycles / (double)exits : 0;
}

/* Modelled over real, less one, in percent. */
static double off_by(uint64_t modelled, uint64_t real)
{
    return real ? 100 * ((double)modelled / (double)real - 1) : 0;
}

static bool measure(struct work *w, struct measure *m, const struct costs *at,
                    const struct technique *t)
{
    struct options mine = *w->o;
    mine.names = 0;
    mine.costs = *at;
    mine.count_charges = m == &w->recorded;
    if (!measure_run(m, &mine, t, w->o->name[0])) {
        w->status = STATUS_USAGE;
        return false;
    }
    if (m->status != STATUS_SUCCESS) {
        complain("%s under %s, at the prices of %s: %s", w->o->name[0],
                 technique_name(t), at->name, m->reason);
        w->status = m->status;
    }
    return m->status == STATUS_SUCCESS;
}

/* ----------------------------------------------------------------- output */

static void print_row(const struct work *w, const struct technique *t,
                      const struct costs *to, uint64_t modelled, uint64_t exits)
{
    char a[GROUPED_SIZE], b[GROUPED_SIZE];
    const struct books *recorded = &w->recorded.work, *real = &w->real.work;
    printf("%-11s %-12s %15s %15s %+7.2f %% %8.0f %8.0f\n", technique_name(t),
           to->name, grouped(modelled, a), grouped(real->clock, b),
           off_by(modelled, real->clock), each(exits, recorded->count),
           each(real->exits, real->count));
}

static void json_row(struct work *w, const struct technique *t,
                     const struct costs *to, uint64_t modelled, uint64_t exits)
{
    const struct books *recorded = &w->recorded.work, *real = &w->real.work;
    cJSON *row = cJSON_CreateObject();
    cJSON_AddStringToObject(row, "workload", w->o->name[0]);
    cJSON_AddStringToObject(row, "technique", technique_name(t));
    cJSON_AddStringToObject(row, "recorded_at", w->o->costs.name);
    cJSON_AddStringToObject(row, "priced_at", to->name);
    json_number(row, "modelled_cycles", modelled);
    json_number(row, "real_cycles", real->clock);
    cJSON_AddNumberToObject(row, "off_by_percent",
                            off_by(modelled, real->clock));
    json_number(row, "modelled_exit_cycles", exits);
    json_number(row, "real_exit_cycles", real->exits);
    json_number(row, "recorded_exits", recorded->count);
    json_number(row, "real_exits", real->count);
    cJSON_AddItemToArray(w->json, row);
}

/* ---------------------------------------------------------------- running */

/* False: the rest need not be run. */
static bool reprice(struct work *w, const struct technique *t)
{
    if (!measure(w, &w->recorded, &w->o->costs, t)) {
        return w->status != STATUS_INTERRUPTED;
    }
    const struct bill *bill = &w->recorded.bill;
    for (size_t i = 0; i < w->count; i++) {
        const struct costs *to = &w->to[i];
        uint64_t modelled =
            bill_reprice(bill, w->recorded.work.idle, &w->o->costs, to);
        uint64_t exits = bill_cycles(bill, ACCOUNT_EXITS, to);
        if (!measure(w, &w->real, to, t)) {
            return false;
        }
        if (w->json) {
            json_row(w, t, to, modelled, exits);
        } else {
            print_row(w, t, to, modelled, exits);
        }
    }
    return true;
}

static void print_head(const struct work *w)
{
    printf("%s, recorded at %s: %s\n", w->o->name[0], w->o->costs.name,
           w->o->costs.title);
    puts("modelled: what happened then, at those prices; real: run anew at "
         "them\n");
    printf("%-11s %-12s %15s %15s %9s %8s %8s\n", "technique", "prices",
           "modelled", "real", "off by", "an exit,", "really");
}

/* The price lists that were named; else all built-in ones, the recorded run's
 * own first: there the model must be right to the cycle. */
static size_t read_prices(const struct options *o, struct costs *to,
                          size_t most)
{
    char err[256];
    size_t n = 0;
    to[n++] = o->costs;
    for (int i = 1; i < o->names && n < most; i++) {
        if (costs_load(&to[n], o->name[i], err, sizeof err)) {
            complain("%s", err);
            suggest(stderr, o->name[i], costs_preset);
            return 0;
        }
        n += strcmp(to[n].name, o->costs.name) != 0;
    }
    for (size_t i = 0; o->names == 1 && costs_preset(i) && n < most; i++) {
        n += strcmp(costs_preset(i), o->costs.name) != 0 &&
             costs_load(&to[n], costs_preset(i), err, sizeof err) == 0;
    }
    return n;
}

static void reprice_all(struct work *w)
{
    const struct options *o = w->o;
    bool go_on = true;
    w->json = o->json ? cJSON_CreateArray() : NULL;
    if (!o->json) {
        print_head(w);
    }
    for (size_t i = 0; go_on && technique_at(i); i++) {
        const struct technique *t = technique_at(i);
        bool wanted =
            o->technique ? o->technique == t : guest_suits(o->name[0], t);
        go_on = !wanted || reprice(w, t);
    }
    if (w->json) {
        json_print(stdout, w->json);
    }
}

int cmd_reprice(const struct options *o)
{
    struct costs to[16];
    struct guest guest;
    struct work *w = calloc(1, sizeof *w);
    int status = STATUS_USAGE;
    if (!w) {
        complain("no memory");
        return STATUS_FAILURE;
    }
    w->o = o;
    w->to = to;
    w->count = read_prices(o, to, sizeof to / sizeof *to);
    if (w->count > 0 && guest_find(o->name[0], default_technique(o), &guest)) {
        reprice_all(w);
        status = w->status;
    }
    free(w);
    return status;
}
