/*
 * cmd_stat.c - ringside stat: where a guest's exits went.
 *
 * Parts:  places (exits by the instruction that caused them); the tables;
 *         JSON. What is counted for --spread: vmm/histogram.c. The whole run is
 * counted, booting included.
 */
#include "measure.h"
#include "talk.h"

#include <stdlib.h>
#include <string.h>

#define SITES_SHOWN 20
#define BAR 12

/* ---------------------------------------------------------------- places */

/* Exits of one reason from one instruction. */
struct site {
    uint32_t eip;
    enum exit_reason reason;
    struct insn insn; /* as the first exit found it */
    uint64_t count, cycles;
};

/* An open-addressed table, of a power of two of sites, half empty. */
struct sites {
    struct site *site;
    size_t size, used;
};

static struct site *slot_of(const struct sites *t, uint32_t eip,
                            enum exit_reason reason)
{
    size_t at = (eip * 2654435761u + (uint32_t)reason * 40503u) & (t->size - 1);
    while (t->site[at].count &&
           (t->site[at].eip != eip || t->site[at].reason != reason)) {
        at = (at + 1) & (t->size - 1);
    }
    return &t->site[at];
}

/* False without memory; what was counted stays. */
static bool make_room(struct sites *t)
{
    if (t->used * 2 < t->size) {
        return true;
    }
    struct sites bigger = {.size = t->size ? t->size * 2 : 1024};
    bigger.site = calloc(bigger.size, sizeof *bigger.site);
    if (!bigger.site) {
        return false;
    }
    for (size_t i = 0; i < t->size; i++) {
        if (t->site[i].count) {
            *slot_of(&bigger, t->site[i].eip, t->site[i].reason) = t->site[i];
        }
    }
    free(t->site);
    t->site = bigger.site;
    t->size = bigger.size;
    return true;
}

static void count_site(struct sites *t, const struct exit_record *x)
{
    if (!make_room(t)) {
        return;
    }
    struct site *s = slot_of(t, x->eip, x->reason);
    if (!s->count++) {
        s->eip = x->eip;
        s->reason = x->reason;
        s->insn = x->insn;
        t->used++;
    }
    s->cycles += exit_cost(x);
}

static int by_cycles(const void *a, const void *b)
{
    const struct site *x = a, *y = b;
    if (x->cycles != y->cycles) {
        return x->cycles < y->cycles ? 1 : -1;
    }
    return x->eip < y->eip ? -1 : x->eip > y->eip;
}

/* What is counted while the guest runs, beside the books. */
struct counting {
    const struct options *o;
    struct sites sites;
    struct histogram spread;
};

static void count_exit(void *who, struct monitor *m,
                       const struct exit_record *x)
{
    struct counting *c = who;
    (void)m;
    if (c->o->sites) {
        count_site(&c->sites, x);
    }
    if (c->o->spread) {
        histogram_exit(&c->spread, x);
    }
}

/* ---------------------------------------------------------------- tables */

static double percent(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void print_reasons(const struct books *b)
{
    if (!b->count) {
        puts("no exits: nothing reached the monitor");
        return;
    }
    printf("%-12s %10s %5s %15s %5s %8s %8s %9s\n", "reason", "count", "%",
           "cycles", "%", "min", "mean", "max");
    for (int k = 0; measure_top(b, k) >= 0; k++) {
        int r = measure_top(b, k);
        char n[GROUPED_SIZE], cycles[GROUPED_SIZE], min[GROUPED_SIZE],
            mean[GROUPED_SIZE], max[GROUPED_SIZE];
        printf("%-12s %10s %5.1f %15s %5.1f %8s %8s %9s\n", exit_names[r].name,
               grouped(b->by_reason[r], n), percent(b->by_reason[r], b->count),
               grouped(b->cycles_by_reason[r], cycles),
               percent(b->cycles_by_reason[r], b->exits),
               grouped(b->min_by_reason[r], min),
               grouped(b->cycles_by_reason[r] / b->by_reason[r], mean),
               grouped(b->max_by_reason[r], max));
    }
}

static void print_phases(const struct books *b)
{
    printf("\n%-12s %15s %5s\n", "phase", "cycles", "%");
    for (int p = 0; p < PHASE_COUNT; p++) {
        char cycles[GROUPED_SIZE];
        printf("%-12s %15s %5.1f  ", phase_names[p].name,
               grouped(b->cycles_by_phase[p], cycles),
               percent(b->cycles_by_phase[p], b->exits));
        print_bar(stdout, b->cycles_by_phase[p], b->exits, COLUMNS - 40);
        putchar('\n');
    }
}

static void print_sites(const struct sites *t, size_t count, const struct vm *v)
{
    printf("\n%-8s %-24s %-12s %9s %9s\n", "eip", "where", "reason", "count",
           "mean");
    for (size_t i = 0; i < count && i < SITES_SHOWN; i++) {
        const struct site *s = &t->site[i];
        char where[64], n[GROUPED_SIZE], mean[GROUPED_SIZE], text[64] = "";
        if (s->insn.id != I_INVALID) {
            cpu_disassemble(&s->insn, s->eip, text, sizeof text);
        }
        printf("%08x %-24.24s %-12s %9s %9s  %.*s\n", s->eip,
               place_name(v, s->eip, where, sizeof where),
               exit_names[s->reason].name, grouped(s->count, n),
               grouped(s->cycles / s->count, mean), COLUMNS - 68, text);
    }
    if (count > SITES_SHOWN) {
        printf("and %zu more places; --json has them all\n",
               count - SITES_SHOWN);
    }
}

/* The bucket's row: its bounds, how many, and the median marked. */
static void print_bucket(const struct histogram *h, enum exit_reason r, int k)
{
    char from[GROUPED_SIZE], to[GROUPED_SIZE], n[GROUPED_SIZE];
    bool last = k + 1 == COST_BUCKETS;
    printf("  %9s %-2s %-10s %9s  ", k ? grouped(UINT64_C(1) << k, from) : "0",
           last ? "up" : "to", last ? "" : grouped((UINT64_C(2) << k) - 1, to),
           grouped(h->spread[r][k], n));
    print_bar(stdout, h->spread[r][k], h->count[r], COLUMNS - 48);
    puts(k == histogram_median(h, r) ? " median" : "");
}

/* For each reason, the dearest first, how often one exit cost how much. */
static void print_spread(const struct histogram *h)
{
    int r;
    puts("\ncost of one exit, in cycles, and how many cost that");
    for (int i = 0; (r = dearest_reason(h->count, h->cycles, i)) >= 0; i++) {
        char n[GROUPED_SIZE], mean[GROUPED_SIZE];
        printf("%s: %s, mean %s\n", exit_names[r].name, grouped(h->count[r], n),
               grouped(h->cycles[r] / h->count[r], mean));
        for (int k = 0; k < COST_BUCKETS; k++) {
            if (h->spread[r][k]) {
                print_bucket(h, (enum exit_reason)r, k);
            }
        }
    }
}

/* All its cycles: what a guest alone on its machine has. */
static uint64_t clock_of(const struct books *b)
{
    return b->guest + b->interpreted + b->exits + b->idle;
}

static void print_part(const char *name, uint64_t part, const struct books *b)
{
    char cycles[GROUPED_SIZE];
    printf("  %-11s %16s  ", name, grouped(part, cycles));
    print_bar(stdout, part, clock_of(b), COLUMNS - 34);
    putchar('\n');
}

static void print_where(const struct books *b)
{
    char clock[GROUPED_SIZE];
    printf("%s cycles:\n", grouped(clock_of(b), clock));
    print_part("guest", b->guest, b);
    if (b->interpreted) {
        print_part("interpreted", b->interpreted, b);
    }
    print_part("exits", b->exits, b);
    print_part("idle", b->idle, b);
    putchar('\n');
}

/* Efficiency, Popek and Goldberg's second property, counted. */
static void print_direct(const struct books *b)
{
    char direct[GROUPED_SIZE], played[GROUPED_SIZE];
    uint64_t all = b->instructions + b->interpreted_instructions;
    printf("%s instructions on the processor itself, %s interpreted: %.1f %% "
           "direct\n\n",
           grouped(b->instructions, direct),
           grouped(b->interpreted_instructions, played),
           percent(b->instructions, all));
}

/* ------------------------------------------------------------------ JSON */

static cJSON *json_reasons(const struct books *b)
{
    cJSON *object = cJSON_CreateObject();
    for (int k = 0; measure_top(b, k) >= 0; k++) {
        int r = measure_top(b, k);
        cJSON *one = cJSON_AddObjectToObject(object, exit_names[r].name);
        json_number(one, "count", b->by_reason[r]);
        json_number(one, "cycles", b->cycles_by_reason[r]);
        json_number(one, "min", b->min_by_reason[r]);
        json_number(one, "max", b->max_by_reason[r]);
    }
    return object;
}

static cJSON *json_sites(const struct sites *t, size_t count)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON *one = cJSON_CreateObject();
        json_number(one, "eip", t->site[i].eip);
        cJSON_AddStringToObject(one, "reason",
                                exit_names[t->site[i].reason].name);
        json_number(one, "count", t->site[i].count);
        json_number(one, "cycles", t->site[i].cycles);
        cJSON_AddItemToArray(array, one);
    }
    return array;
}

static cJSON *json_spread(const struct histogram *h)
{
    cJSON *array = cJSON_CreateArray();
    for (int at = 0; at < EXIT_COUNT * COST_BUCKETS; at++) {
        int r = at / COST_BUCKETS, k = at % COST_BUCKETS;
        if (h->spread[r][k]) {
            cJSON *one = cJSON_CreateObject();
            cJSON_AddStringToObject(one, "reason", exit_names[r].name);
            json_number(one, "at_least", k ? UINT64_C(1) << k : 0);
            json_number(one, "count", h->spread[r][k]);
            cJSON_AddItemToArray(array, one);
        }
    }
    return array;
}

static void print_json(const struct vm *v, const struct counting *counted,
                       size_t places)
{
    const struct books *b = vm_books(v);
    cJSON *json = cJSON_CreateObject();
    json_number(json, "cycles", clock_of(b));
    json_number(json, "guest_cycles", b->guest);
    json_number(json, "interpreted_cycles", b->interpreted);
    json_number(json, "exit_cycles", b->exits);
    json_number(json, "idle_cycles", b->idle);
    json_number(json, "instructions", b->instructions);
    json_number(json, "interpreted_instructions", b->interpreted_instructions);
    json_number(json, "exits", b->count);
    json_ticks(json, v);
    cJSON_AddItemToObject(json, "exits_by_reason", json_reasons(b));
    cJSON *phases = cJSON_AddObjectToObject(json, "cycles_by_phase");
    for (int p = 0; p < PHASE_COUNT; p++) {
        json_number(phases, phase_names[p].name, b->cycles_by_phase[p]);
    }
    if (counted->o->sites) {
        cJSON_AddItemToObject(json, "sites",
                              json_sites(&counted->sites, places));
    }
    if (counted->o->spread) {
        cJSON_AddItemToObject(json, "spread", json_spread(&counted->spread));
    }
    json_print(stdout, json);
}

/* --------------------------------------------------------------- command */

/* Close the gaps and put the dearest first; no more counting after that. */
static size_t sort_sites(struct sites *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->size; i++) {
        if (t->site[i].count) {
            t->site[count++] = t->site[i];
        }
    }
    if (count) {
        qsort(t->site, count, sizeof *t->site, by_cycles);
    }
    return count;
}

static void report(const struct session *s, struct counting *counted)
{
    const struct books *b = vm_books(s->vm);
    size_t places = sort_sites(&counted->sites);
    if (s->o->json) {
        print_json(s->vm, counted, places);
        return;
    }
    printf("%s under %s\n", s->label, technique_name(vm_technique(s->vm)));
    print_where(b);
    print_direct(b);
    print_reasons(b);
    print_phases(b);
    if (s->o->spread && b->count) {
        print_spread(&counted->spread);
    }
    if (s->o->sites) {
        print_sites(&counted->sites, places, s->vm);
    }
}

int cmd_stat(const struct options *o)
{
    struct counting counted = {.o = o};
    bool watches = o->sites || o->spread;
    struct session s = {
        .watch = {.who = &counted, .exit = watches ? count_exit : NULL}};
    if (!session_open(&s, o, default_technique(o), o->name[0])) {
        return STATUS_USAGE;
    }
    enum monitor_stop stop = session_run(&s, o->limit ? o->limit : UINT64_MAX);
    int status = session_status(&s, stop);
    report(&s, &counted);
    if (status != STATUS_SUCCESS && !o->quiet) {
        complain("%s: %s", s.label, session_reason(s.vm, stop));
    }
    free(counted.sites.site);
    return session_close(&s) ? status : STATUS_FAILURE;
}
