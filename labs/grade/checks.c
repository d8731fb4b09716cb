/*
 * checks.c - what the child told, compared with the bare machine: the table
 * of all checks, and those that every lab has use for.
 *
 *   output   the guest printed the same, and ended in the same way
 *   memory   its memory is the same at the end, to the byte
 *   steps    each sensitive instruction, in order, is one exit, and leaves
 *            the guest's processor as the bare one; or faults alike
 *   faults   its exceptions are the same: vector, error code, address
 *   hardware, tally, windows, refused: check_hardware.c
 *   touched, walks, against: check_nested.c
 *   cost     at most 1.1 times the reference's cycles; nothing left at twice.
 *            cost=exits: of those in exits. A guest in C has other cycles of
 *            its own where another compiler made it.
 *   ports, precise, entries, innocuous, guarded: check_translate.c
 *   counts, cycles, spread, medians, order: check_counts.c
 *   closed, prompt, ticks, byhand: check_interrupt.c
 *   tables, most: check_paging.c
 *
 * A test names its checks, "steps,memory" or with an argument "exits=pf:12";
 * they are made in that order, and the first that fails is the finding. The
 * checks of one lab's own are in check_*.c.
 */
#include "grade.h"

#include <inttypes.h>
#include <string.h>

#define SAY(where, ...) snprintf(where, sizeof where, __VA_ARGS__)

/* ----------------------------------------------------------------- output */

static void ended_how(char *to, size_t size, uint32_t state, uint32_t status)
{
    if (state == VM_EXITED) {
        snprintf(to, size, "the guest ends by itself, with status %u", status);
    } else {
        snprintf(to, size, "the guest is stopped by the monitor");
    }
}

/* The line of `text` that holds byte `at`. */
static int line_at(const char *text, size_t size, size_t at, const char **from)
{
    size_t begin = at < size ? at : size, end = begin;
    while (begin > 0 && text[begin - 1] != '\n') {
        begin--;
    }
    while (end < size && text[end] != '\n') {
        end++;
    }
    *from = text + begin;
    return (int)(end - begin < 100 ? end - begin : 100);
}

static bool check_output(const struct trial *t, struct finding *f)
{
    const struct history *h = &t->run->h, *bare = t->bare;
    size_t least =
        h->output_size < bare->output_size ? h->output_size : bare->output_size;
    size_t at = 0;
    while (at < least && h->output[at] == bare->output[at]) {
        at++;
    }
    if (at < least || h->output_size != bare->output_size) {
        const char *a, *b;
        int na = line_at(bare->output, bare->output_size, at, &a);
        int nb = line_at(h->output, h->output_size, at, &b);
        for (size_t i = h->saids; i > 0 && h->said[i - 1].until > at; i--) {
            f->exit = h->said[i - 1].exit;
            f->eip = h->said[i - 1].eip;
        }
        SAY(f->rationale, "the guest prints something else, from byte %zu on",
            at);
        SAY(f->expected, "\"%.*s\"", na, a);
        SAY(f->got, "\"%.*s\"", nb, b);
        return false;
    }
    if (h->state != bare->state || h->status != bare->status) {
        SAY(f->rationale, "the guest ends differently");
        ended_how(f->expected, sizeof f->expected, bare->state, bare->status);
        ended_how(f->got, sizeof f->got, h->state, h->status);
        return false;
    }
    return true;
}

static bool check_memory(const struct trial *t, struct finding *f)
{
    const struct history *h = &t->run->h, *bare = t->bare;
    size_t i = 0, k = 0, differ = 0;
    uint32_t first = 0;
    while (i < bare->sums || k < h->sums) {
        uint32_t a = i < bare->sums ? bare->sum[i].at : UINT32_MAX;
        uint32_t b = k < h->sums ? h->sum[k].at : UINT32_MAX;
        if (a != b || bare->sum[i].hash != h->sum[k].hash) {
            first = differ++ ? first : a < b ? a : b;
        }
        i += a <= b;
        k += b <= a;
    }
    SAY(f->rationale, "the guest's memory differs at the end: its data, or, "
                      "in page tables, A and D bits");
    SAY(f->expected, "as on the bare machine");
    SAY(f->got, "differs in %zu of its pages; the first is at %08x, physical",
        differ, first);
    return differ == 0;
}

/* ------------------------------------------------------------------ steps */

/* As the manual has it: insn.def's "PUSHF+" is a PUSHF of either size. */
#define NAME_MOST 24
static void name_of(char name[NAME_MOST], uint32_t insn)
{
    snprintf(name, NAME_MOST, "%s", insn_rows[insn].mnemonic);
    name[strcspn(name, "+")] = 0;
}

static void step_text(char *to, size_t size, const struct step *s)
{
    char name[NAME_MOST];
    name_of(name, s->insn);
    if (s->faulted) {
        snprintf(to, size, "%s at %08x faults: vector %u", name, s->eip,
                 s->vector);
    } else {
        snprintf(to, size,
                 "%s at %08x; then EIP %08x, EFLAGS %08x (IF %d), ring %u",
                 name, s->eip, s->after.eip, s->after.eflags,
                 s->after.eflags & FL_IF ? 1 : 0, s->after.cpl);
    }
}

static const char *const reg_names[] = {"EAX", "ECX", "EDX", "EBX",
                                        "ESP", "EBP", "ESI", "EDI"};

/* IRET may set it for one instruction, which a monitor may have done. */
#define RF (uint32_t) FL_RF

const char *cpu_differs(const struct seen_cpu *a, const struct seen_cpu *b,
                        uint32_t *va, uint32_t *vb)
{
    const struct {
        const char *name;
        uint32_t a, b;
    } other[] = {
        {"EIP", a->eip, b->eip}, {"EFLAGS", a->eflags & ~RF, b->eflags & ~RF},
        {"CPL", a->cpl, b->cpl}, {"CR0", a->cr0, b->cr0},
        {"CR2", a->cr2, b->cr2}, {"CR3", a->cr3, b->cr3}};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        if (other[i].a != other[i].b) {
            *va = other[i].a;
            *vb = other[i].b;
            return other[i].name;
        }
    }
    for (int i = 0; i < 8; i++) {
        if (a->reg[i] != b->reg[i]) {
            *va = a->reg[i];
            *vb = b->reg[i];
            return reg_names[i];
        }
    }
    return NULL;
}

/* Says what differs; false: nothing does. */
static bool step_differs(const struct step *want, const struct step *got,
                         struct finding *f)
{
    uint32_t a, b;
    char name[NAME_MOST];
    name_of(name, want->insn);
    step_text(f->expected, sizeof f->expected, want);
    step_text(f->got, sizeof f->got, got);
    if (want->eip != got->eip || want->insn != got->insn) {
        SAY(f->rationale, "the guest should execute %s at %08x now", name,
            want->eip);
        return true;
    }
    if (want->faulted != got->faulted ||
        (want->faulted && want->vector != got->vector)) {
        SAY(f->rationale, "%s at %08x: %s", name, want->eip,
            want->faulted ? "the guest may not do this: its own handler must "
                            "be entered, and the exit's record must say so"
                          : "the guest may do this");
        return true;
    }
    const char *reg = want->faulted || got->went_on
                          ? NULL
                          : cpu_differs(&want->after, &got->after, &a, &b);
    if (reg) {
        SAY(f->rationale, "after %s at %08x, %s is wrong", name, want->eip,
            reg);
        SAY(f->expected, "%s = %08x, as on the bare machine", reg, a);
        SAY(f->got, "%s = %08x", reg, b);
    }
    return reg != NULL;
}

/* Did step i end the guest on both? Then there is no state after it. */
static bool ends_both(const struct history *bare, const struct history *h,
                      size_t i)
{
    return i + 1 == bare->steps && i + 1 == h->steps && bare->state == h->state;
}

bool same_steps(const struct history *bare, const struct history *h,
                struct finding *f)
{
    for (size_t i = 0; i < bare->steps && i < h->steps; i++) {
        if (ends_both(bare, h, i)) {
            break;
        }
        if (step_differs(&bare->step[i], &h->step[i], f)) {
            f->exit = h->step[i].exit;
            f->eip = h->step[i].eip;
            return false;
        }
    }
    if (bare->steps == h->steps) {
        return true;
    }
    SAY(f->rationale, "%s",
        h->steps ? "exits do not match the sensitive instructions that the "
                   "guest executes"
                 : "no exit's record says which sensitive instruction it was");
    SAY(f->expected, "%zu", bare->steps);
    SAY(f->got, "%zu", h->steps);
    return false;
}

static void taken_text(char *to, size_t size, const struct taken *t)
{
    if (t) {
        snprintf(to, size, "vector %u, error code %x, address %08x", t->vector,
                 t->error, t->address);
    } else {
        snprintf(to, size, "none");
    }
}

static bool check_steps(const struct trial *t, struct finding *f)
{
    return same_steps(t->bare, &t->run->h, f);
}

static bool check_faults(const struct trial *t, struct finding *f)
{
    const struct history *h = &t->run->h, *bare = t->bare;
    for (size_t i = 0; i < bare->takens || i < h->takens; i++) {
        struct taken none = {0};
        const struct taken *a = i < bare->takens ? &bare->taken[i] : &none;
        const struct taken *b = i < h->takens ? &h->taken[i] : &none;
        bool same = a->vector == b->vector && a->error == b->error &&
                    a->address == b->address && i < bare->takens &&
                    i < h->takens;
        if (!same) {
            f->exit = b->exit;
            f->eip = b->eip;
            SAY(f->rationale, "exception %zu of the guest is another one",
                i + 1);
            taken_text(f->expected, sizeof f->expected,
                       i < bare->takens ? a : NULL);
            taken_text(f->got, sizeof f->got, i < h->takens ? b : NULL);
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------- cost */

static bool check_cost(const struct trial *t, struct finding *f)
{
    bool exits = strcmp(t->argument, "exits") == 0;
    uint64_t took = exits ? t->run->end.exit_cycles : t->run->end.clock;
    uint64_t budget = exits ? t->budget.exits : t->budget.cycles;
    double ratio = budget ? (double)took / (double)budget : 9;
    SAY(f->expected, "at most 1.10 x %" PRIu64 " cycles%s", budget,
        exits ? " in exits" : "");
    SAY(f->got, "%" PRIu64 ", %.2f x", took, ratio);
    f->share = ratio <= 1.1 ? 1 : ratio >= 2 ? 0 : (2 - ratio) / 0.9;
    if (f->share < 1) {
        SAY(f->rationale, "right, but dearer than it need be: see which exits "
                          "cost most with stat");
    }
    if (ratio < 0.9) {
        SAY(f->rationale, "fewer cycles than the work can take");
        f->share = 0;
    }
    return f->share > 0;
}

/* -------------------------------------------------------------------- all */

static const struct {
    const char *name;
    bool (*holds)(const struct trial *t, struct finding *f);
} checks[] = {
    /* clang-format off: a row a line */
    {"output", check_output},       {"memory", check_memory},
    {"steps", check_steps},         {"faults", check_faults},
    {"cost", check_cost},           {"ports", check_ports},
    {"precise", check_precise},     {"entries", check_entries},
    {"calls", check_calls},         {"fewer", check_fewer},
    {"counts", check_counts},       {"cycles", check_cycles},
    {"spread", check_spread},       {"medians", check_medians},
    {"order", check_order},         {"closed", check_closed},
    {"prompt", check_prompt},       {"ticks", check_ticks},
    {"byhand", check_byhand},       {"tables", check_tables},
    {"most", check_most},           {"hardware", check_hardware},
    {"tally", check_tally},         {"windows", check_windows},
    {"refused", check_refused},     {"touched", check_touched},
    {"walks", check_walks},         {"against", check_against},
    {"innocuous", check_innocuous}, {"guarded", check_guarded},
    /* clang-format on */
};

/* One check by name; an unknown one is the lab's fault, and holds never. */
static bool check_one(char *word, struct trial *t, struct finding *f)
{
    char *argument = strchr(word, '=');
    if (argument) {
        *argument++ = 0;
    }
    t->argument = argument ? argument : "";
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (strcmp(checks[i].name, word) == 0) {
            return checks[i].holds(t, f);
        }
    }
    f->lab_is_wrong = true;
    SAY(f->rationale, "tests.txt: there is no check \"%s\"", word);
    return false;
}

/* The run did not come to its end: what the guest printed last says where. */
static void broke_off(const struct run *r, struct finding *f)
{
    bool refused = r->ending == REFUSED;
    const char *line;
    size_t said = r->h.output_size;
    int n = line_at(r->h.output, said, said - (said > 0), &line);
    if (r->ending == HUNG && r->h.state == VM_BLOCKED && r->h.steps > 0) {
        const struct step *slept = &r->h.step[r->h.steps - 1];
        f->exit = slept->exit; /* and no timer's behind it */
        f->eip = slept->eip;
    }
    SAY(f->rationale, "%s",
        refused ? "what must hold after every exit does not" : r->why);
    SAY(f->expected, "%s%s%.*s%s",
        refused ? "the audit finds nothing" : "the guest runs to its end",
        n > 0 ? ", from here: \"" : "", n, line, n > 0 ? "\"" : "");
    SAY(f->got, "%s", r->why);
}

struct finding check_all(const char *names, struct trial *t)
{
    const struct run *r = t->run;
    struct finding f = {.share = 1,
                        .exit = r->last_exit,
                        .cycle = r->last_cycle,
                        .eip = r->last_eip};
    char list[CHECKS_MOST], *rest = NULL;
    if (r->ending != ENDED) {
        broke_off(r, &f);
        return f;
    }
    f.ok = true;
    SAY(list, "%s", names);
    for (char *word = strtok_r(list, ",", &rest); word && f.ok;
         word = strtok_r(NULL, ",", &rest)) {
        f.ok = check_one(word, t, &f);
    }
    return f;
}

void show_difference(const struct run *r, const struct history *h,
                     const struct history *bare)
{
    struct finding f = {0};
    size_t most = bare->steps > h->steps ? bare->steps : h->steps, at = 0;
    while (at < bare->steps && at < h->steps &&
           (ends_both(bare, h, at) ||
            !step_differs(&bare->step[at], &h->step[at], &f))) {
        at++;
    }
    if (r->ending != ENDED) {
        printf("The run: %s.\n", r->why);
    }
    if (at == most) {
        printf("All %zu sensitive instructions went as on the bare machine.\n",
               most);
        return;
    }
    printf("The first difference is at sensitive instruction %zu.\n", at + 1);
    for (size_t i = at < 4 ? 0 : at - 4; i < at + 3 && i < most; i++) {
        char text[TEXT_MOST] = "(none)";
        if (i < bare->steps) {
            step_text(text, sizeof text, &bare->step[i]);
        }
        printf("%c bare  %s\n", i == at ? '>' : ' ', text);
        SAY(text, "(none)");
        if (i < h->steps) {
            step_text(text, sizeof text, &h->step[i]);
        }
        printf("%c yours %s\n", i == at ? '>' : ' ', text);
    }
    if (at < bare->steps && at < h->steps) {
        printf("%s:\n  expected  %s\n  got       %s\n", f.rationale, f.expected,
               f.got);
    }
}
