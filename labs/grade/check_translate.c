/*
 * check_translate.c - checks of a translator, whose innocuous and guarded
 * instructions cause no exits: it is looked at where it cannot but exit.
 *
 *   ports    each IN and OUT, in order, is one exit, and leaves all registers
 *            and flags as on the bare machine. (Where it goes on is seen at
 *            the next.)
 *   precise  each exception, in order: its vector, the frame on the guest's
 *            stack, CR2, and every register as the guest's handler begins
 *   entries  exits for branches that are not chained yet: at most twice the
 *            ways that control goes on the bare machine, since translations
 *            overlap; nothing left at four times
 *   guarded  of CLI, STI, PUSHF and POPF at most one in eight is an exit
 *   innocuous  no call-outs for instructions that are not sensitive, branches,
 *            x87's or overridden: the rest runs by itself
 */
#include "grade.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SAY(where, ...) snprintf(where, sizeof where, __VA_ARGS__)

/* ------------------------------------------------------------------ ports */

struct history ports_of(const struct history *h)
{
    struct history out = {.state = h->state, .status = h->status};
    out.step = calloc(h->steps + 1, sizeof *out.step);
    for (size_t i = 0; out.step && i < h->steps; i++) {
        if (insn_rows[h->step[i].insn].trap == TRAP_IO) {
            out.step[out.steps] = h->step[i];
            out.step[out.steps++].after.eip = 0; /* a JMP may be done, too */
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

/* The frame: error code or 0, EIP, CS, EFLAGS. */
struct frame {
    uint32_t word[4];
};
static struct frame frame_of(const struct taken *t)
{
    const uint32_t *s = t->after.stack;
    return has_error_code(t->vector) ? (struct frame){{s[0], s[1], s[2], s[3]}}
                                     : (struct frame){{0, s[0], s[1], s[2]}};
}

static void taken_text(char *to, size_t size, const struct taken *t)
{
    if (!t) {
        snprintf(to, size, "none");
        return;
    }
    struct frame f = frame_of(t);
    snprintf(to, size,
             "vector %u, error code %x, CR2 %08x, EIP %08x, CS %04x, EFLAGS "
             "%08x",
             t->vector, f.word[0], t->after.cr2, f.word[1], f.word[2],
             f.word[3]);
}

static bool taken_differs(const struct taken *a, const struct taken *b,
                          size_t number, struct finding *f)
{
    uint32_t va, vb;
    struct frame fa, fb;
    if (!a || !b || a->vector != b->vector) {
        SAY(f->rationale, "exception %zu of the guest is another one", number);
        return true;
    }
    if (!a->entered || !b->entered) {
        return false; /* it was the end */
    }
    fa = frame_of(a);
    fb = frame_of(b);
    if (memcmp(&fa, &fb, sizeof fa) != 0 || a->after.cr2 != b->after.cr2) {
        SAY(f->rationale, "exception %zu: what its handler is told", number);
        return true;
    }
    const char *reg = cpu_differs(&a->after, &b->after, &va, &vb);
    if (reg) {
        SAY(f->rationale,
            "exception %zu (vector %u, EIP %08x): its handler begins with a "
            "wrong %s",
            number, a->vector, fa.word[1], reg);
        SAY(f->expected, "%s = %08x, as on the bare machine", reg, va);
        SAY(f->got, "%s = %08x", reg, vb);
    }
    return reg != NULL;
}

bool check_precise(const struct trial *t, struct finding *f)
{
    const struct history *h = &t->run->h, *bare = t->bare;
    for (size_t i = 0; i < bare->takens || i < h->takens; i++) {
        const struct taken *a = i < bare->takens ? &bare->taken[i] : NULL;
        const struct taken *b = i < h->takens ? &h->taken[i] : NULL;
        taken_text(f->expected, sizeof f->expected, a);
        taken_text(f->got, sizeof f->got, b);
        if (taken_differs(a, b, i + 1, f)) {
            f->exit = b ? b->exit : f->exit;
            return false;
        }
    }
    return true;
}

/* ---------------------------------------------------------------- entries */

/* adapt.c may try some call-outs in vain: TRAPS_MOST and IDLE_MOST. */
#define IN_VAIN 24u

bool check_entries(const struct trial *t, struct finding *f)
{
    const uint64_t *by = t->run->by_reason;
    uint64_t most = 2 * t->bare->ways;
    uint64_t odd = t->bare->odd + IN_VAIN, called = by[EXIT_callout];
    uint64_t branches = called > odd ? called - odd : 0;
    uint64_t n =
        by[EXIT_chain] + by[EXIT_translate] + by[EXIT_indirect] + branches;
    f->share = n <= most ? 1 : n >= 2 * most ? 0 : 2 - (double)n / (double)most;
    if (f->share < 1) {
        SAY(f->rationale, "branches enter the monitor more often than each way "
                          "that control goes needs");
        SAY(f->expected,
            "at most %" PRIu64 " exits \"translate\", \"chain\", "
            "\"indirect\", and call-outs of branches",
            most);
        SAY(f->got, "%" PRIu64 ", %" PRIu64 ", %" PRIu64 " and %" PRIu64,
            by[EXIT_translate], by[EXIT_chain], by[EXIT_indirect], branches);
    }
    return f->share > 0;
}

bool check_innocuous(const struct trial *t, struct finding *f)
{
    uint64_t n = t->run->by_reason[EXIT_callout];
    uint64_t most = t->bare->asked + IN_VAIN;
    if (n > most) {
        SAY(f->rationale, "instructions that do the same in ring 1 have to run "
                          "there by themselves");
        SAY(f->expected, "at most %" PRIu64 " exits \"callout\"", most);
        SAY(f->got, "%" PRIu64, n);
    }
    return n <= most;
}

/* ---------------------------------------------------------------- guarded */

#define GUARDED 8u /* to each that may exit */

static uint64_t flag_steps(const struct history *h)
{
    uint64_t n = 0;
    for (size_t i = 0; i < h->steps; i++) {
        uint32_t id = h->step[i].insn;
        n += id == I_CLI || id == I_STI || id == I_PUSHF || id == I_POPF;
    }
    return n;
}

bool check_guarded(const struct trial *t, struct finding *f)
{
    uint64_t n = t->run->by_reason[EXIT_flags];
    uint64_t most = flag_steps(t->bare) / GUARDED;
    if (n > most) {
        SAY(f->rationale, "CLI, STI, PUSHF and POPF need no monitor while no "
                          "interrupt waits: do them in line");
        SAY(f->expected,
            "at most %" PRIu64 " exits \"flags\", one in %u of those executed",
            most, GUARDED);
        SAY(f->got, "%" PRIu64, n);
    }
    return n <= most;
}
