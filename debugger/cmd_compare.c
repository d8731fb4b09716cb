/*
 * cmd_compare.c - ringside compare: the same work under every technique.
 *
 * Parts:  running; the sentence that says why; the table; JSON.
 *
 * The sentence is computed from the exits that dominate, never written for a
 * workload: a student's own guest is explained as well as ours.
 */
#include "guests.h"
#include "measure.h"
#include "talk.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TECHNIQUES_MAX 16
#define BAR 20

/* One piece of work, under each technique. */
struct row {
    const char *name, *text;
    struct measure run[TECHNIQUES_MAX];
    size_t count;
};

static double ratio(uint64_t a, uint64_t b)
{
    return b ? (double)a / (double)b : 0;
}

static int percent(uint64_t part, uint64_t whole)
{
    return (int)(100 * ratio(part, whole) + 0.5);
}

/* --------------------------------------------------------------- running */

/*
 * Run one piece of work under each technique, the baseline first. False when
 * the rest need not be run: there is no baseline, or Ctrl-C was pressed.
 */
static bool run_row(const struct options *o, struct row *r, int *status)
{
    for (size_t i = 0; technique_at(i) && i < TECHNIQUES_MAX; i++) {
        const struct technique *t = technique_at(i);
        struct measure *m = &r->run[r->count];
        if (o->technique && o->technique != t && i > 0) {
            continue;
        }
        if (!measure_run(m, o, t, r->name)) {
            *status = STATUS_USAGE; /* said already; others may do */
            if (i == 0) {
                return false;
            }
            continue;
        }
        r->count++;
        if (m->status != STATUS_SUCCESS) {
            *status = m->status;
            complain("%s under %s: %s", r->name, technique_name(t), m->reason);
        }
        if (m->status == STATUS_INTERRUPTED) {
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------- why */

/* A sentence that grows; what does not fit is cut. */
struct sentence {
    char text[800];
    size_t n;
};

static void say(struct sentence *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void say(struct sentence *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(s->text + s->n, sizeof s->text - s->n, fmt, ap);
    va_end(ap);
    if (n > 0 && s->n + (size_t)n < sizeof s->text) {
        s->n += (size_t)n;
    }
}

/* "64 % are pt-write exits (3,412 at 3,210 cycles)". */
static void say_reason(struct sentence *s, const struct measure *m, int r)
{
    const struct books *b = &m->work;
    const struct detail *mostly = measure_detail(m, r);
    char count[GROUPED_SIZE], each[GROUPED_SIZE];
    say(s, "%d %% are %s exits (%s at %s",
        percent(b->cycles_by_reason[r], b->clock), exit_names[r].name,
        grouped(b->by_reason[r], count),
        grouped(b->cycles_by_reason[r] / b->by_reason[r], each));
    if (mostly) {
        say(s, ", most for %s", mostly->name);
    }
    say(s, ")");
}

/*
 * What has become here of the dearest exit of the technique before: the
 * reason why one is cheaper than the other.
 */
static void say_saving(struct sentence *s, const struct books *b,
                       const struct measure *other)
{
    int r = measure_top(&other->work, 0);
    char here[GROUPED_SIZE] = "none", there[GROUPED_SIZE];
    if (r >= 0 && b->by_reason[r] * 2 <= other->work.by_reason[r]) {
        if (b->by_reason[r]) {
            grouped(b->by_reason[r], here);
        }
        say(s, " Of the dearest under %s, %s %s exits, it has %s.",
            technique_name(other->technique),
            grouped(other->work.by_reason[r], there), exit_names[r].name, here);
    }
}

/* What exits do not explain is in the guest's own cycles. */
static void say_guest(struct sentence *s, const struct books *b,
                      const struct books *bare)
{
    char here[GROUPED_SIZE], there[GROUPED_SIZE];
    if (b->clock + bare->clock / 20 < bare->clock) {
        say(s, " Cheaper than bare: the guest's own cycles fall from %s to %s.",
            grouped(bare->guest, there), grouped(b->guest, here));
    } else if (b->clock > bare->clock + bare->clock / 20 &&
               (b->exits + b->interpreted) * 2 < b->clock - bare->clock) {
        say(s,
            " Exits are only %d %% of the excess: the guest's own work took "
            "%.2f times its bare cycles.",
            percent(b->exits, b->clock - bare->clock),
            ratio(b->guest, bare->guest));
    }
}

/* What the monitor did itself, instruction by instruction. */
static void say_interpreted(struct sentence *s, const struct books *b)
{
    char count[GROUPED_SIZE];
    uint64_t n = b->interpreted_instructions;
    if (n) {
        say(s,
            "%d %% of its cycles went into interpreting %s instructions, %d %% "
            "of them all, %.0f each. ",
            percent(b->interpreted, b->clock), grouped(n, count),
            percent(n, n + b->instructions), ratio(b->interpreted, n));
    }
}

static void say_exits(struct sentence *s, const struct measure *m)
{
    const struct books *b = &m->work;
    int first = measure_top(b, 0), second = measure_top(b, 1);
    char count[GROUPED_SIZE];
    if (b->interpreted > b->exits * 20) {
        return; /* so much for exits */
    }
    if (b->exits * 100 < b->clock) {
        say(s,
            "Its %s exits take less than 1 %% of its cycles: it runs as if "
            "bare.",
            grouped(b->count, count));
        return;
    }
    say(s, "Of its cycles ");
    say_reason(s, m, first);
    if (second >= 0 &&
        b->cycles_by_reason[second] * 5 > b->cycles_by_reason[first]) {
        say(s, ", ");
        say_reason(s, m, second);
    }
    say(s, ". %s", exit_names[first].text);
}

static struct sentence explain_run(const struct row *row, size_t i)
{
    const struct measure *m = &row->run[i];
    struct sentence s = {.n = 0};
    if (m->status != STATUS_SUCCESS) {
        say(&s, "It did not finish, and is no measure: %s.", m->reason);
    } else if (i == 0) {
        say(&s, "The baseline: the guest takes its own traps, and no exit "
                "occurs.");
    } else if (!m->work.count && !m->work.interpreted) {
        say(&s, "No exit occurred: it ran as if bare.");
    } else {
        say_interpreted(&s, &m->work);
        say_exits(&s, m);
        say_guest(&s, &m->work, &row->run[0].work);
        if (i > 1 && m->work.count) {
            say_saving(&s, &m->work, &row->run[i - 1]);
        }
    }
    return s;
}

/* ------------------------------------------------------------- the table */

static uint64_t dearest(const struct row *r)
{
    uint64_t most = 0;
    for (size_t i = 0; i < r->count; i++) {
        most = r->run[i].work.clock > most ? r->run[i].work.clock : most;
    }
    return most;
}

/* "pt-write 3,412  cr3 200 ...", the dearest first. */
static void print_reasons(const struct books *b)
{
    char line[400], count[GROUPED_SIZE];
    size_t n = 0;
    line[0] = 0;
    for (int k = 0; measure_top(b, k) >= 0 && n + 40 < sizeof line; k++) {
        int r = measure_top(b, k);
        n += (size_t)snprintf(line + n, sizeof line - n, "%s%s %s",
                              k ? ", " : "exits: ", exit_names[r].name,
                              grouped(b->by_reason[r], count));
    }
    if (n) {
        print_wrapped(stdout, 12, line);
    }
}

static void print_run(const struct row *row, size_t i)
{
    const struct measure *m = &row->run[i];
    const struct books *b = &m->work;
    char cycles[GROUPED_SIZE], exits[GROUPED_SIZE], each[GROUPED_SIZE] = "-";
    if (b->count) {
        grouped(b->exits / b->count, each);
    }
    printf("  %s%-10s%s %14s %7.2f %10s %8s  ", paint(stdout, STYLE_BOLD),
           technique_name(m->technique), paint(stdout, STYLE_NONE),
           grouped(b->clock, cycles), ratio(b->clock, row->run[0].work.clock),
           grouped(b->count, exits), each);
    print_bar(stdout, b->clock, dearest(row), BAR);
    putchar('\n');
    print_reasons(b);
    struct sentence why = explain_run(row, i);
    print_wrapped(stdout, 12, why.text);
}

static void print_row(const struct row *r)
{
    printf("%s%s%s: %s\n", paint(stdout, STYLE_BOLD), r->name,
           paint(stdout, STYLE_NONE), r->text);
    printf("  %-10s %14s %7s %10s %8s\n", "", "cycles", "x bare", "exits",
           "each");
    for (size_t i = 0; i < r->count; i++) {
        print_run(r, i);
    }
    putchar('\n');
    fflush(stdout);
}

/* What a row's run under technique t took of the bare one; 0: it has none. */
static double times_bare(const struct row *r, const struct technique *t)
{
    for (size_t k = 1; k < r->count; k++) {
        if (r->run[k].technique == t) {
            return ratio(r->run[k].work.clock, r->run[0].work.clock);
        }
    }
    return 0;
}

/* How wide the technique's column of the overview is. */
static int column_width(const struct technique *t)
{
    int n = (int)strlen(technique_name(t));
    return n < 7 ? 7 : n;
}

/* A row of the overview: the cheapest technique stands out. */
static void print_times(const struct row *r, const struct row *as)
{
    double least = 0;
    for (size_t k = 1; k < as->count; k++) {
        double times = times_bare(r, as->run[k].technique);
        least = times > 0 && (least == 0 || times < least) ? times : least;
    }
    printf("  %-12s", r->name);
    for (size_t k = 1; k < as->count; k++) {
        double times = times_bare(r, as->run[k].technique);
        bool best = times == least;
        printf(" %s%*.2f%s", paint(stdout, best ? STYLE_GOOD : STYLE_NONE),
               column_width(as->run[k].technique), times,
               paint(stdout, STYLE_NONE));
    }
    putchar('\n');
}

/* At the end of many rows: times bare, all in one place. */
static void print_overview(const struct row *rows, size_t count)
{
    const struct row *as = &rows[0]; /* the one with the most techniques */
    for (size_t i = 1; i < count; i++) {
        as = rows[i].count > as->count ? &rows[i] : as;
    }
    printf("%stimes bare%s, by workload and technique\n  %-12s",
           paint(stdout, STYLE_BOLD), paint(stdout, STYLE_NONE), "");
    for (size_t k = 1; k < as->count; k++) {
        const struct technique *t = as->run[k].technique;
        printf(" %*s", column_width(t), technique_name(t));
    }
    putchar('\n');
    for (size_t i = 0; i < count; i++) {
        print_times(&rows[i], as);
    }
}

/* ------------------------------------------------------------------ JSON */

static cJSON *json_run(const struct row *r, size_t i)
{
    const struct books *b = &r->run[i].work;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "workload", r->name);
    cJSON_AddStringToObject(json, "technique",
                            technique_name(r->run[i].technique));
    cJSON_AddNumberToObject(json, "status", r->run[i].status);
    json_number(json, "cycles", b->clock);
    json_number(json, "instructions", b->instructions);
    cJSON_AddNumberToObject(json, "times_bare",
                            ratio(b->clock, r->run[0].work.clock));
    json_number(json, "interpreted", b->interpreted_instructions);
    json_number(json, "exits", b->count);
    cJSON *reasons = cJSON_AddObjectToObject(json, "exits_by_reason");
    for (int k = 0; measure_top(b, k) >= 0; k++) {
        int reason = measure_top(b, k);
        cJSON *one = cJSON_AddObjectToObject(reasons, exit_names[reason].name);
        json_number(one, "count", b->by_reason[reason]);
        json_number(one, "cycles", b->cycles_by_reason[reason]);
    }
    return json;
}

static void print_json(const struct row *rows, size_t count)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < rows[i].count; k++) {
            cJSON_AddItemToArray(array, json_run(&rows[i], k));
        }
    }
    json_print(stdout, array);
}

/* --------------------------------------------------------------- command */

/* What to compare: the one that was named, or every workload. */
static size_t choose(const struct options *o, struct row **rows)
{
    size_t count = 1;
    while (!o->names && workload_at(count)) {
        count++;
    }
    *rows = calloc(count, sizeof **rows);
    for (size_t i = 0; *rows && i < count; i++) {
        const struct workload *w =
            o->names ? workload_find(o->name[0]) : workload_at(i);
        (*rows)[i].name = w ? w->name : o->name[0];
        (*rows)[i].text = w ? w->text : "a guest of your own";
    }
    return *rows ? count : 0;
}

static void print_heading(const struct options *o, bool *told)
{
    if (!*told) {
        printf("%s%s\ncycles between each workload's markers; booting is not "
               "counted\n\n",
               o->costs.title,
               o->hosting == HOSTING_TYPE2 ? ", hosted (type 2)" : "");
    }
    *told = true;
}

int cmd_compare(const struct options *o)
{
    struct row *rows;
    size_t count = choose(o, &rows), done = 0;
    int status = STATUS_SUCCESS;
    bool go_on = true, told = false;
    while (done < count && go_on) {
        go_on = run_row(o, &rows[done], &status);
        if (rows[done].count && !o->json) {
            print_heading(o, &told);
            print_row(&rows[done]);
        }
        done++;
    }
    if (o->json) {
        print_json(rows, done);
    } else if (done > 1) {
        print_overview(rows, done);
    }
    free(rows);
    return status;
}
