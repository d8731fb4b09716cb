/*
 * audit.c - translations, checked and not believed.
 *
 * The bytes in the cache are decoded again, and the guest's, too. That takes
 * its time, so each audit looks at the next of the units, and a few of them
 * at all.
 */
#include "translate.h"

#include <stdio.h>
#include <string.h>

#define SHARE 64u /* units and slots that an audit looks at */

static bool wrong(const struct translator *t, const struct unit *u,
                  const char *what, char *err, size_t errsize)
{
    snprintf(err, errsize, "%s: the translation of %08x %s", t->f.vm->name,
             u->eip, what);
    return false;
}

/* Has the unit this instruction of the guest's? */
static bool is_of(const struct unit *u, enum insn_id id)
{
    unsigned i = 0;
    while (i < u->count && u->insn[i].id != id) {
        i++;
    }
    return i < u->count;
}

/* May this instruction stand in the cache? It runs in ring 1, untouched. The
 * sensitive ones are those that inline.c and loads.c have guarded. */
static bool may_stand(const struct unit *u, const struct insn *in)
{
    switch (in->id) {
    case I_INT_Ib:
        return (in->imm & 0xff) == CALLOUT_VECTOR;
    case I_PUSHF:
    case I_POPF:
    case I_IRET:
    case I_RDTSC:
        return is_of(u, (enum insn_id)in->id);
    case I_MOV_Sw_Ew:
        return in->mod == 3 && in->rm == REG_EAX;
    default:
        return !interpreter_of((enum insn_id)in->id);
    }
}

/* The bytes that the processor would run: nothing sensitive among them, and
 * no jump but to a unit that lives. */
static bool code_ok(const struct translator *t, const struct unit *u, char *err,
                    size_t errsize)
{
    uint8_t code[UNIT_CODE];
    struct insn in;
    cache_read(t, u->at, code, u->size);
    for (uint32_t i = 0; i < u->size; i += in.len) {
        if (cpu_decode(code + i, u->size - i, true, &in) != DECODE_OK) {
            return wrong(t, u, "has bytes that are no code", err, errsize);
        }
        if (!may_stand(u, &in)) {
            return wrong(t, u, "has a sensitive instruction", err, errsize);
        }
        uint32_t target = u->at + i + in.len + in.imm;
        const struct unit *to = unit_at(t, target);
        if (in.id == I_JMP_Jz && (!to || to->dead || !space_holds(t, to))) {
            if (to != u) {
                return wrong(t, u, "leads to a dead one", err, errsize);
            }
        }
    }
    return true;
}

/* Its guest's bytes are watched, and still what was translated. */
static bool source_ok(struct translator *t, const struct unit *u, char *err,
                      size_t errsize)
{
    uint8_t now[sizeof u->source];
    for (unsigned k = 0; k < u->pages; k++) {
        if (!t->f.sh.page[u->gfn[k]].watched) {
            return wrong(t, u, "is of a page that is not watched", err,
                         errsize);
        }
    }
    unit_source(t, u, now);
    return memcmp(now, u->source, u->bytes) == 0 ||
           wrong(t, u, "is of bytes that have changed", err, errsize);
}

/* The table of indirect targets leads to the beginnings of what lives. */
static bool targets_ok(struct translator *t, char *err, size_t errsize)
{
    for (uint32_t n = 0; n < SHARE; n++) {
        uint32_t i = t->audited_slots++ % TARGETS;
        uint32_t eip = 0u - target_of(t, i)->tag;
        const struct unit *u = unit_at(t, target_of(t, i)->at);
        if (eip % TARGETS == i && (!u || u->dead || !space_holds(t, u))) {
            snprintf(err, errsize, "%s: %08x leads to no translation",
                     t->f.vm->name, eip);
            return false;
        }
    }
    return true;
}

bool translate_audit(struct vm *v, char *err, size_t errsize)
{
    struct translator *t = translator_of(v);
    uint32_t most = t->units < SHARE ? t->units : SHARE;
    for (uint32_t i = 0; i < most; i++) {
        const struct unit *u = t->unit[t->audited++ % t->units];
        if (!u->dead &&
            (!code_ok(t, u, err, errsize) || !source_ok(t, u, err, errsize))) {
            return false;
        }
    }
    return targets_ok(t, err, errsize) && full_audit(v, err, errsize);
}
