/*
 * grade.c - the grader's command: tests in, verdicts out.
 *
 *   grade --dir labs/N --guests DIR --child PROGRAM [--answers FILE]
 *         [--only NAME] [--seed N] [--hidden] [--json FILE] [--quiet]
 *         [--diff] [--budgets]
 *
 * A guest is run once with each seed, bare and by the child, however many
 * tests ask. No clock on the wall has a say in any verdict.
 *
 * Status: 0 all points, 1 some were lost, 3 the grader could not do its work,
 * which is never a zero for a student.
 */
#include "confine.h"
#include "grade.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define RUNS_MOST 128
#define BARE_LIMIT 2000000000u
#define SPENT_MOST 3u
#define DEAREST 20u /* times the budget: a run stops there */

struct pair {
    char guest[32], seed[12];
    bool tried;
    char err[256]; /* of the lab itself; "": none */
    struct history bare;
    struct tally under;
    struct run run;
};
struct grader {
    const char *dir, *guests, *child, *answers, *only, *seed, *json;
    bool hidden, quiet, diff, budgets;
    struct lab lab;
    struct report report;
    unsigned pairs;
    struct pair *pair;
    enum status verdict[TESTS_MOST]; /* of those before */
    unsigned gained;                 /* tests, so far, with any points */
    unsigned spent;   /* runs that used up the host's processor time */
    const char *foul; /* what some run tried that no honest file does */
    bool broken;
};

/* ------------------------------------------------------------------- runs */

static struct pair *find_pair(struct grader *g, const char *guest,
                              const char *seed)
{
    for (unsigned i = 0; i < g->pairs; i++) {
        if (strcmp(g->pair[i].guest, guest) == 0 &&
            strcmp(g->pair[i].seed, seed) == 0) {
            return &g->pair[i];
        }
    }
    if (g->pairs == RUNS_MOST) {
        return NULL;
    }
    struct pair *p = &g->pair[g->pairs++];
    snprintf(p->guest, sizeof p->guest, "%s", guest);
    snprintf(p->seed, sizeof p->seed, "%s", seed);
    return p;
}

static void image_of(const struct grader *g, const struct pair *p, char *to,
                     size_t size)
{
    snprintf(to, size, "%s/%s-%s.elf", g->guests, p->guest, p->seed);
}

/* Both runs of a guest; NULL, and the grader is broken, if the lab is. */
static struct pair *run_pair(struct grader *g, const char *guest,
                             const char *seed)
{
    struct pair *p = find_pair(g, guest, seed);
    char image[512], err[256];
    if (!p || p->tried) {
        return p;
    }
    p->tried = true;
    image_of(g, p, image, sizeof image);
    if (!oracle_run(&p->bare, image, BARE_LIMIT, g->lab.touched, err,
                    sizeof err) ||
        (g->lab.counts && !oracle_counts(&p->under, g->lab.technique, image,
                                         BARE_LIMIT, err, sizeof err))) {
        snprintf(p->err, sizeof p->err, "%s", err);
        p->run.ending = UNSTARTED;
        return p;
    }
    uint64_t budget = budget_of(g->dir, guest, seed).cycles;
    struct limits most = {.cycles = budget ? budget * DEAREST : BARE_LIMIT,
                          .exits = EXITS_MOST};
    if (g->spent == SPENT_MOST) {
        p->run.ending = SPENT;
        snprintf(p->run.why, sizeof p->run.why,
                 "not run: %u runs before it used up their processor time",
                 SPENT_MOST);
        return p;
    }
    run_child(&p->run, g->child, g->lab.technique, image, &most, g->lab.counts);
    g->spent += p->run.ending == SPENT;
    if (p->run.ending == FORBIDDEN || p->run.ending == FORGED) {
        g->foul = p->run.why;
    }
    if (p->run.ending == UNSTARTED) {
        snprintf(p->err, sizeof p->err, "%s", p->run.why);
    }
    return p;
}

/* ------------------------------------------------------------ predictions */

static uint64_t count_steps(const struct history *h, const char *mnemonic)
{
    uint64_t n = 0;
    for (size_t i = 0; i < h->steps; i++) {
        n += !mnemonic ||
             strcmp(insn_rows[h->step[i].insn].mnemonic, mnemonic) == 0;
    }
    return n;
}

/* What the bare machine says to the question; or, in lab 0, the house's
 * monitor, if `what` is an exit reason. */
static uint64_t truth(const struct pair *p, const char *what)
{
    const struct history *h = &p->bare;
    uint64_t n;
    for (int r = 0; r < EXIT_COUNT; r++) {
        if (strcmp(what, exit_names[r].name) == 0) {
            return p->under.h.count[r];
        }
    }
    if (strcmp(what, "exits") == 0) {
        return count_steps(h, NULL);
    }
    if (nested_truth(h, what, &n) || count_calls(h, what, &n) ||
        count_pages(h, what, &n)) {
        return n;
    }
    if (strcmp(what, "hardware") == 0) {
        return hardware_exits(h);
    }
    if (strcmp(what, "interrupts") == 0) {
        return h->interrupts;
    }
    if (strcmp(what, "links") == 0) {
        return h->links;
    }
    if (strcmp(what, "targets") == 0) {
        return h->targets;
    }
    return strcmp(what, "faults") == 0 ? h->takens : count_steps(h, what);
}

static struct finding predict(struct grader *g, const char *name)
{
    struct finding f = {.share = 1};
    struct question q;
    uint64_t said = 0, is;
    struct pair *p =
        question_of(g->dir, name, &q) ? run_pair(g, q.guest, q.seed) : NULL;
    if (!p || (p->err[0] && p->run.ending == UNSTARTED)) {
        g->broken = true;
        snprintf(f.rationale, sizeof f.rationale, "question %s: %.100s", name,
                 p ? p->err : "not in questions.txt");
        return f;
    }
    is = truth(p, q.what);
    if (g->foul || g->gained == 0) {
        snprintf(f.rationale, sizeof f.rationale, "predictions count %s",
                 g->foul ? "only if no run tries to deceive the grader"
                         : "as soon as some test passes");
    } else if (!prediction_of(g->answers, name, &said)) {
        snprintf(f.rationale, sizeof f.rationale,
                 "no prediction for question %s in answers.txt", name);
        snprintf(f.expected, sizeof f.expected, "a line \"%s = number\"", name);
        snprintf(f.got, sizeof f.got, "none");
    } else if (said != is) {
        snprintf(f.rationale, sizeof f.rationale,
                 "question %s: run it, look, and find out why", name);
        snprintf(f.expected, sizeof f.expected, "what a run shows");
        snprintf(f.got, sizeof f.got, "%" PRIu64, said);
    } else {
        f.ok = true;
    }
    return f;
}

/* ------------------------------------------------------------------ tests */

static struct finding check_seed(struct grader *g, const struct test *t,
                                 const char *seed)
{
    struct finding f = {.share = 1};
    struct pair *p;
    if (strcmp(t->checks, "predict") == 0) {
        return predict(g, seed);
    }
    p = run_pair(g, t->guest, seed);
    if (!p || p->err[0]) {
        g->broken = true;
        snprintf(f.rationale, sizeof f.rationale, "%.150s",
                 p ? p->err : "too many runs");
        return f;
    }
    char image[512];
    image_of(g, p, image, sizeof image);
    struct trial trial = {.run = &p->run,
                          .bare = &p->bare,
                          .image = image,
                          .under = &p->under,
                          .budget = budget_of(g->dir, t->guest, seed)};
    f = check_all(t->checks, &trial);
    g->broken = g->broken || f.lab_is_wrong;
    if (f.ok && g->foul) {
        f.ok = false;
        snprintf(f.rationale, sizeof f.rationale,
                 "right, but another run tried to deceive: %.110s", g->foul);
    }
    return f;
}

/* Has what it needs been passed? What is not run here is not held against. */
static bool is_blocked(const struct grader *g, const struct test *t)
{
    for (unsigned i = 0; i < g->lab.count; i++) {
        if (strcmp(g->lab.test[i].id, t->needs) == 0) {
            return g->verdict[i] == FAIL || g->verdict[i] == SKIP;
        }
    }
    return false;
}

static void do_test(struct grader *g, unsigned number)
{
    const struct test *t = &g->lab.test[number];
    struct result x = {.test = t, .finding = {.share = 1}};
    double share = 0;
    if (is_blocked(g, t)) {
        x.status = SKIP;
    }
    for (unsigned i = 0; x.status != SKIP && i < t->seeds; i++) {
        struct finding f = check_seed(g, t, t->seed[i]);
        share += f.ok ? f.share : 0;
        if ((!f.ok || f.share < 1) && !x.seed) {
            x.finding = f;
            x.seed = t->seed[i];
        }
    }
    share /= t->seeds;
    x.points = share * t->points;
    if (x.status != SKIP) {
        x.status = g->broken       ? ERROR
                   : share > 0.999 ? PASS
                   : share > 0     ? PARTIAL
                                   : FAIL;
    }
    g->verdict[number] = x.status;
    g->gained += x.points > 0;
    report_result(&g->report, &x);
}

/* --only: an id, or how a name begins: "flags" is flags-hidden, too. */
static bool is_wanted(const struct grader *g, const struct test *t)
{
    return (g->hidden || !t->hidden) &&
           (!g->only || strncmp(t->name, g->only, strlen(g->only)) == 0 ||
            strcmp(t->id, g->only) == 0);
}

/* Both histories, but for what is no exit under the technique anyway. */
static void show_steps(const struct grader *g, const struct test *t,
                       const struct pair *p)
{
    struct history yours = {0}, bare = {0};
    if (strstr(t->checks, "ports")) {
        yours = ports_of(&p->run.h);
        bare = ports_of(&p->bare);
    } else if (strncmp(g->lab.technique, "hvm", 3) == 0) {
        bare = hardware_of(&p->bare);
    }
    show_difference(&p->run, yours.step ? &yours : &p->run.h,
                    bare.step ? &bare : &p->bare);
    if (strcmp(g->lab.technique, "full") == 0 && !strstr(t->checks, "steps")) {
        printf("The test itself compares no steps: a guest that asks again and "
               "again whether\nits timer has ticked may ask another number of "
               "times.\n");
    }
    free(yours.step);
    free(bare.step);
}

static void show_diff(struct grader *g, const struct test *t)
{
    const char *seed = g->seed ? g->seed : t->seed[0];
    struct pair *p =
        strcmp(t->checks, "predict") == 0 ? NULL : run_pair(g, t->guest, seed);
    if (p && !p->err[0]) {
        printf("%s %s, guest %s, seed %s\n", t->id, t->name, t->guest, seed);
        if (!show_calls(&p->run, &p->bare)) {
            show_steps(g, t, p);
        }
    }
}

/* For budgets.txt: what the child at hand takes. */
static void show_budgets(struct grader *g, const struct test *t)
{
    for (unsigned i = 0; i < t->seeds; i++) {
        unsigned before = g->pairs;
        struct pair *p = strcmp(t->checks, "predict") == 0
                             ? NULL
                             : run_pair(g, t->guest, t->seed[i]);
        if (p && g->pairs > before) {
            printf("%s %s %" PRIu64 " %" PRIu64 "\n", p->guest, p->seed,
                   p->run.end.clock, p->run.end.exit_cycles);
        }
    }
}

/* All runs before the first verdict: foul play in one counts for all. */
static void run_all(struct grader *g)
{
    for (unsigned i = 0; i < g->lab.count; i++) {
        const struct test *t = &g->lab.test[i];
        bool runs = is_wanted(g, t) && strcmp(t->checks, "predict") != 0;
        for (unsigned k = 0; runs && k < t->seeds; k++) {
            run_pair(g, t->guest, t->seed[k]);
        }
    }
}

/* ---------------------------------------------------------------- command */

static bool read_options(struct grader *g, int argc, char **argv)
{
    const struct {
        const char *name;
        const char **text;
        bool *flag;
    } option[] = {
        {"--dir", &g->dir, NULL},        {"--guests", &g->guests, NULL},
        {"--child", &g->child, NULL},    {"--answers", &g->answers, NULL},
        {"--only", &g->only, NULL},      {"--seed", &g->seed, NULL},
        {"--json", &g->json, NULL},      {"--hidden", NULL, &g->hidden},
        {"--quiet", NULL, &g->quiet},    {"--diff", NULL, &g->diff},
        {"--budgets", NULL, &g->budgets}};
    const size_t count = sizeof option / sizeof *option;
    for (int i = 1; i < argc; i++) {
        size_t k = 0;
        while (k < count && strcmp(argv[i], option[k].name) != 0) {
            k++;
        }
        if (k == count || (option[k].text && i + 1 == argc)) {
            fprintf(stderr, "grade: %s: no such option, or it needs a value\n",
                    argv[i]);
            return false;
        }
        if (option[k].text) {
            *option[k].text = argv[++i];
        } else {
            *option[k].flag = true;
        }
    }
    return g->dir && g->guests && g->child;
}

static bool prepare(struct grader *g, int argc, char **argv)
{
    char err[512] = "--dir, --guests and --child are needed";
    g->pair = calloc(RUNS_MOST, sizeof *g->pair);
    if (!g->pair || !read_options(g, argc, argv) ||
        !lab_read(&g->lab, g->dir, err, sizeof err)) {
        fprintf(stderr, "grade: %s\n", err);
        return false;
    }
    if (g->json && !(g->report.json = fopen(g->json, "w"))) {
        fprintf(stderr, "grade: %s cannot be written\n", g->json);
        return false;
    }
    g->report.lab = g->lab.number;
    g->report.quiet = g->quiet || g->diff || g->budgets;
    signal(SIGPIPE, SIG_IGN);
    if (!confined_strictly() && !g->report.quiet) {
        fprintf(stderr, "grade: no system-call filter here: do not grade "
                        "strangers' work on this host\n");
    }
    return true;
}

int main(int argc, char **argv)
{
    struct grader g = {0};
    unsigned done = 0;
    if (!prepare(&g, argc, argv)) {
        return 3;
    }
    if (!g.diff && !g.budgets) {
        run_all(&g);
    }
    for (unsigned i = 0; i < g.lab.count; i++) {
        if (!is_wanted(&g, &g.lab.test[i])) {
            continue;
        }
        done++;
        if (g.diff) {
            show_diff(&g, &g.lab.test[i]);
        } else if (g.budgets) {
            show_budgets(&g, &g.lab.test[i]);
        } else {
            do_test(&g, i);
        }
    }
    report_end(&g.report);
    if (g.report.json && fclose(g.report.json) != 0) {
        g.broken = true;
    }
    if (!done) {
        fprintf(stderr, "grade: no test is called %s\n", g.only);
    }
    for (unsigned i = 0; i < g.pairs; i++) {
        history_free(&g.pair[i].bare);
        history_free(&g.pair[i].run.h);
    }
    free(g.pair);
    return g.broken || !done ? 3 : g.report.points < g.report.most - 0.001;
}
