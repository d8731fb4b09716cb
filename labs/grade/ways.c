/*
 * ways.c - what a translator may ask its monitor for, counted on the bare
 * machine.
 *
 * Job:    while a guest's kernel runs, note where control goes: each direct
 *         branch, taken or not; each address that an indirect one leads to;
 *         and how many instructions there are at all. A translator that
 *         chains its units enters the monitor once for each such way, however
 *         often it is gone: the bound of the check `entries`. And of
 *         `innocuous`: how many instructions are executed that are not.
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
    uint64_t asked, odd;   /* executed, and no mere copies; see is_odd() */
    uint32_t from, behind; /* the last branch, and what follows it */
    enum branch { NO_BRANCH, DIRECT, INDIRECT } last;
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

/* Near branches: what leads elsewhere is done by the monitor. */
static enum branch kind_of(const struct insn *in)
{
    switch (in->id) {
    case I_Jcc_Jb:
    case I_Jcc_Jz:
    case I_LOOPNE_Jb:
    case I_LOOPE_Jb:
    case I_LOOP_Jb:
    case I_JCXZ_Jb:
    case I_JMP_Jb:
    case I_JMP_Jz:
    case I_CALL_Jz:
        return DIRECT;
    case I_RET:
    case I_RET_Iw:
    case I_JMP_Ev:
    case I_CALL_Ev:
        return INDIRECT;
    default:
        return NO_BRANCH;
    }
}

/* May it be called out, near branches of 32 bits apart, though it is not
 * sensitive? */
static bool is_odd(const struct insn *in)
{
    return (insn_rows[in->id].attr & ATTR_X87) || in->override == SEG_CS ||
           in->override == SEG_GS || (kind_of(in) && in->opsize != 4);
}

/* May it be more than a copy of itself? */
static bool is_special(const struct insn *in)
{
    return insn_rows[in->id].sens != SENS_INNOCUOUS || kind_of(in) ||
           is_odd(in);
}

void ways_before(struct ways *w, const struct cpu *c, const struct insn *in)
{
    bool kernel = c->cpl == 0;
    if (w->last == DIRECT && kernel) {
        note(w, c->eip == w->behind ? PASSED : TAKEN, w->from);
    } else if (w->last == INDIRECT && kernel) {
        note(w, TARGET, c->eip);
    }
    w->last = kernel ? kind_of(in) : NO_BRANCH;
    w->from = c->eip;
    w->behind = c->eip + in->len;
    if (!kernel) {
        return;
    }
    note(w, EXECUTED, c->eip);
    w->asked += is_special(in);
    w->odd += is_odd(in);
}

void ways_end(const struct ways *w, struct history *h)
{
    h->links = w->count[TAKEN] + w->count[PASSED];
    h->targets = w->count[TARGET];
    h->ways = h->links + h->targets + w->count[EXECUTED] / UNIT;
    h->asked = w->asked;
    h->odd = w->odd;
}
