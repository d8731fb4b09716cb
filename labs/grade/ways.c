/*
 * ways.c - what a translator has to be told once, counted on the bare machine.
 *
 * Job:    while a guest's kernel runs, note where control goes: each direct
 *         branch, taken or not; each address that an indirect one leads to;
 *         and how many instructions there are at all. A translator that
 *         chains its units enters the monitor once for each such way, however
 *         often it is gone: the bound of the check `entries`.
 *
 * Simplified: code above 4 MiB is taken for what is at the same offset below.
 */
#include "grade.h"

#include <stdlib.h>

#define SPAN (4u << 20) /* of addresses */
#define UNIT 12u        /* instructions, Adams and Agesen's */

enum way { TAKEN, PASSED, TARGET, EXECUTED, WAYS };
struct ways {
    uint64_t count[WAYS];
    uint32_t from, behind; /* the last branch, and what follows it */
    enum { NO_BRANCH, DIRECT, INDIRECT } last;
    uint8_t seen[WAYS][SPAN / 8];
};

struct ways *ways_new(void)
{
    return calloc(1, sizeof(struct ways));
}

void ways_free(struct ways *w)
{
    free(w);
}

static void note(struct ways *w, enum way which, uint32_t eip)
{
    uint8_t *byte = &w->seen[which][eip % SPAN / 8];
    uint8_t bit = (uint8_t)(1u << eip % 8);
    w->count[which] += !(*byte & bit);
    *byte |= bit;
}

static bool is_indirect(const struct insn *in)
{
    return in->id == I_RET || in->id == I_RET_Iw || in->id == I_JMP_Ev ||
           in->id == I_CALL_Ev;
}

void ways_before(struct ways *w, const struct cpu *c, const struct insn *in)
{
    bool kernel = c->cpl == 0;
    if (w->last == DIRECT && kernel) {
        note(w, c->eip == w->behind ? PASSED : TAKEN, w->from);
    } else if (w->last == INDIRECT && kernel) {
        note(w, TARGET, c->eip);
    }
    w->last = NO_BRANCH;
    if (!kernel) {
        return;
    }
    note(w, EXECUTED, c->eip);
    if (insn_rows[in->id].attr & ATTR_BRANCH) {
        w->last = is_indirect(in) ? INDIRECT : DIRECT;
        w->from = c->eip;
        w->behind = c->eip + in->len;
    }
}

uint64_t ways_count(const struct ways *w)
{
    return w->count[TAKEN] + w->count[PASSED] + w->count[TARGET] +
           w->count[EXECUTED] / UNIT;
}
