/*
 * check_translate.c - checks of a translator, whose innocuous and guarded
 * instructions cause no exits: it is looked at where it cannot but exit.
 *
 *   ports    each IN and OUT, in order, is one exit, and leaves all registers
 *            and flags as on the bare machine
 *   precise  each exception, in order: vector, error code and address, the
 *            instruction that it is of, and every register as the guest's
 *            handler begins
 *   entries  exits for branches that are not chained yet: at most twice the
 *            ways that control goes on the bare machine, since translations
 *            overlap; nothing left at four times
 */
#include "grade.h"

#include <inttypes.h>
#include <stdlib.h>

#define SAY(where, ...) snprintf(where, sizeof where, __VA_ARGS__)

/* ------------------------------------------------------------------ ports */

struct history ports_of(const struct history *h)
{
    struct history out = {.state = h->state, .status = h->status};
    out.step = calloc(h->steps + 1, sizeof *out.step);
    for (size_t i = 0; out.step && i < h->steps; i++) {
        if (insn_rows[h->step[i].insn].trap == TRAP_IO) {
            out.step[out.steps++] = h->step[i];
        }
    }
    return out;
}

bool check_ports(const struct trial *t, struct finding *f)
{
    struct history bare = ports_of(t->bare), yours = ports_of(&t->run->h);
    bool same = same_steps(&bare, &yours, f);
    free(bare.step);
    free(yours.step);
    return same;
}

/* ---------------------------------------------------------------- precise */

static void taken_text(char *to, size_t size, const struct taken *t)
{
    if (!t) {
        snprintf(to, size, "none");
    } else {
        snprintf(to, size,
                 "vector %u, error code %x, address %08x, of the instruction "
                 "at %08x",
                 t->vector, t->error, t->address, t->eip);
    }
}

static bool taken_differs(const struct taken *a, const struct taken *b,
                          size_t number, struct finding *f)
{
    uint32_t va, vb;
    bool same = a && b && a->vector == b->vector && a->error == b->error &&
                a->address == b->address && a->eip == b->eip;
    f->exit = b ? b->exit : f->exit;
    f->eip = b ? b->eip : f->eip;
    if (!same) {
        SAY(f->rationale, "exception %zu of the guest is another one", number);
        taken_text(f->expected, sizeof f->expected, a);
        taken_text(f->got, sizeof f->got, b);
        return true;
    }
    const char *reg = a->entered && b->entered
                          ? cpu_differs(&a->after, &b->after, &va, &vb)
                          : NULL;
    if (reg) {
        SAY(f->rationale,
            "exception %zu (vector %u, of the instruction at %08x): its "
            "handler begins with a wrong %s",
            number, a->vector, a->eip, reg);
        SAY(f->expected, "%s = %08x, as on the bare machine", reg, va);
        SAY(f->got, "%s = %08x", reg, vb);
    }
    return reg != NULL;
}

bool check_precise(const struct trial *t, struct finding *f)
{
    const struct history *h = &t->run->h, *bare = t->bare;
    for (size_t i = 0; i < bare->takens || i < h->takens; i++) {
        if (taken_differs(i < bare->takens ? &bare->taken[i] : NULL,
                          i < h->takens ? &h->taken[i] : NULL, i + 1, f)) {
            return false;
        }
    }
    return true;
}

/* ---------------------------------------------------------------- entries */

bool check_entries(const struct trial *t, struct finding *f)
{
    const uint64_t *by = t->run->by_reason;
    uint64_t most = 2 * t->bare->ways;
    uint64_t n = by[EXIT_chain] + by[EXIT_translate] + by[EXIT_indirect];
    f->share = n <= most ? 1 : n >= 2 * most ? 0 : 2 - (double)n / (double)most;
    if (f->share < 1) {
        SAY(f->rationale, "branches enter the monitor more often than each way "
                          "that control goes needs");
        SAY(f->expected,
            "at most %" PRIu64 " exits \"translate\", \"chain\", "
            "\"indirect\"",
            most);
        SAY(f->got, "%" PRIu64 ", %" PRIu64 ", %" PRIu64, by[EXIT_translate],
            by[EXIT_chain], by[EXIT_indirect]);
    }
    return f->share > 0;
}
