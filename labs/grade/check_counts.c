/*
 * check_counts.c - lab 0: the student's table, and what the exits come to.
 *
 *   counts   how many exits of each reason
 *   cycles   what they cost together
 *   spread   in which bucket each of them is
 *   medians  the bucket of the median exit of each reason
 *   order    the reasons, the dearest first
 *
 * In this lab the monitor is the house's, and so the trusted half can run the
 * guest under the lab's technique, too: nothing that is compared with comes
 * from the student's process, or from vmm/histogram.c.
 */
#include "grade.h"

#include <inttypes.h>

#define SAY(where, ...) snprintf(where, sizeof where, __VA_ARGS__)

/* ------------------------------------------------------------- the oracle */

static unsigned bucket_of(uint64_t cost)
{
    for (unsigned k = COST_BUCKETS - 1; k > 0; k--) {
        if (cost >= UINT64_C(1) << k) {
            return k;
        }
    }
    return 0;
}

static void note_exit(void *who, struct monitor *m, const struct exit_record *x)
{
    struct tally *t = who;
    uint64_t cost = 0;
    (void)m;
    for (int ph = 0; ph < PHASE_COUNT; ph++) {
        cost += x->phase[ph];
    }
    unsigned k = bucket_of(cost);
    t->h.count[x->reason]++;
    t->h.cycles[x->reason] += cost;
    if (t->h.spread[x->reason][k]++ == 0) {
        t->first[x->reason][k] = x->number;
    }
}

bool oracle_counts(struct tally *t, const char *technique, const char *image,
                   uint64_t limit, char *err, size_t errsize)
{
    struct monitor_observer watch = {.who = t, .exit = note_exit};
    struct run_until until = {.cycle = limit};
    struct lab_machine l;
    *t = (struct tally){.h = {.count = {0}}};
    if (!lab_machine(&l, technique, image, &watch, err, errsize)) {
        return false;
    }
    monitor_run(l.m, &until);
    monitor_free(l.m);
    return true;
}

/* ------------------------------------------------------------- the checks */

/* Where to look: the first exit of that reason, or of that bucket. */
static uint64_t first_of(const struct tally *t, int r, int bucket)
{
    uint64_t first = 0;
    for (int k = 0; k < COST_BUCKETS; k++) {
        uint64_t n = t->first[r][k];
        if ((bucket < 0 || k == bucket) && n && (!first || n < first)) {
            first = n;
        }
    }
    return first;
}

static bool differs(const struct trial *t, struct finding *f, int r,
                    const char *what, uint64_t want, uint64_t got)
{
    if (want == got) {
        return false;
    }
    f->exit = first_of(t->under, r, -1);
    SAY(f->rationale, "%s of reason \"%s\" (EXIT_%s)", what, exit_names[r].name,
        exit_names[r].name);
    SAY(f->expected, "%" PRIu64, want);
    SAY(f->got, "%" PRIu64, got);
    return true;
}

bool check_counts(const struct trial *t, struct finding *f)
{
    for (int r = 0; r < EXIT_COUNT; r++) {
        if (differs(t, f, r, "the count", t->under->h.count[r],
                    t->run->row[r].count)) {
            return false;
        }
    }
    return true;
}

bool check_cycles(const struct trial *t, struct finding *f)
{
    for (int r = 0; r < EXIT_COUNT; r++) {
        if (differs(t, f, r, "the cycles", t->under->h.cycles[r],
                    t->run->row[r].cycles)) {
            return false;
        }
    }
    return true;
}

/* "bucket 12, 4096 to 8191 cycles" */
static void bucket_text(char *to, size_t size, int k)
{
    if (k < 0 || k >= COST_BUCKETS) {
        snprintf(to, size, "%d: no bucket", k);
    } else {
        snprintf(to, size, "bucket %d, %u to %u cycles", k, k ? 1u << k : 0,
                 (2u << k) - 1);
    }
}

bool check_spread(const struct trial *t, struct finding *f)
{
    for (int at = 0; at < EXIT_COUNT * COST_BUCKETS; at++) {
        int r = at / COST_BUCKETS, k = at % COST_BUCKETS;
        uint64_t want = t->under->h.spread[r][k];
        if (want != t->run->row[r].spread[k]) {
            char text[64];
            bucket_text(text, sizeof text, k);
            f->exit = first_of(t->under, r, want ? k : -1);
            SAY(f->rationale, "exits of reason \"%s\" in %s",
                exit_names[r].name, text);
            SAY(f->expected, "%" PRIu64, want);
            SAY(f->got, "%u", t->run->row[r].spread[k]);
            return false;
        }
    }
    return true;
}

/* Of the costs in their order, number (n + 1) / 2. */
static int median_of(const struct histogram *h, int r)
{
    uint64_t left = (h->count[r] + 1) / 2;
    int k = -1;
    while (left > 0) {
        k++;
        left -= left < h->spread[r][k] ? left : h->spread[r][k];
    }
    return k;
}

bool check_medians(const struct trial *t, struct finding *f)
{
    for (int r = 0; r < EXIT_COUNT; r++) {
        int want = median_of(&t->under->h, r), got = t->run->row[r].median;
        if (want != got) {
            f->exit = first_of(t->under, r, want);
            SAY(f->rationale,
                "the median exit of reason \"%s\", of which there are %" PRIu64,
                exit_names[r].name, t->under->h.count[r]);
            bucket_text(f->expected, sizeof f->expected, want);
            bucket_text(f->got, sizeof f->got, got);
            return false;
        }
    }
    return true;
}

static void reason_text(char *to, size_t size, const struct tally *t, int r)
{
    if (r < 0 || r >= EXIT_COUNT) {
        snprintf(to, size, "%d: no reason", r);
    } else {
        snprintf(to, size, "%s, of %" PRIu64 " cycles (reason %d)",
                 exit_names[r].name, t->h.cycles[r], r);
    }
}

bool check_order(const struct trial *t, struct finding *f)
{
    struct histogram left = t->under->h;
    for (int n = 0; n < EXIT_COUNT; n++) {
        int want = -1, got = t->run->row[n].dearest;
        for (int r = 0; r < EXIT_COUNT; r++) {
            bool more = want < 0 || left.cycles[r] > left.cycles[want];
            want = left.count[r] && more ? r : want;
        }
        if (want != got) {
            f->exit = want < 0 ? 0 : first_of(t->under, want, -1);
            SAY(f->rationale, "dearest_reason(count, cycles, %d)", n);
            reason_text(f->expected, sizeof f->expected, t->under, want);
            reason_text(f->got, sizeof f->got, t->under, got);
            return false;
        }
        if (want >= 0) {
            left.count[want] = 0;
        }
    }
    return true;
}
