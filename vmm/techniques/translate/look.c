/*
 * look.c - for whoever looks at a guest whose code is translated: its state
 * as the guest would see it, and an instruction's translation.
 */
#include "translate.h"

#include <string.h>

void translate_virtual_cpu(struct vm *v, struct virtual_cpu *out)
{
    struct translator *t = translator_of(v);
    const struct cpu *real = v->monitor->cpu;
    bool inside = v->monitor->current == v && v->monitor->inside &&
                  real->seg[SEG_CS].sel == CACHE_CS;
    if (t->running == RUN_INTERPRETED) {
        virtual_cpu_of(t->f.p.cpu, out);
        return;
    }
    if (!inside) {
        full_virtual_cpu(v, out);
        if (t->running == RUN_TRANSLATED && out->cpl == 3) {
            out->eflags &= ~(uint32_t)FL_IF;
            out->eflags |= t->state->user_if;
        }
        return;
    }
    const struct mark *m = recover_mark(unit_at(t, real->eip), real->eip);
    uint32_t flags = cpu_eflags(real) & ~(uint32_t)(FL_IF | FL_IOPL);
    virtual_cpu_of(t->f.p.cpu, out);
    memcpy(out->reg, real->reg, sizeof out->reg);
    recover_registers(t, m, out->reg);
    out->reg[REG_ESP] += (uint32_t)m->esp;
    out->eip = m->eip;
    out->eflags = flags | (out->eflags & FL_IOPL) | t->state->vif;
}

static bool has_instruction(const struct unit *u, uint32_t eip)
{
    unsigned i = 0;
    while (i < u->count && unit_eip(u, i) != eip) {
        i++;
    }
    return i < u->count;
}

static const struct unit *unit_for(const struct translator *t, uint32_t eip)
{
    const struct unit *found = NULL;
    for (uint32_t i = 0; i < t->units; i++) {
        const struct unit *u = t->unit[i];
        if (u->dead || !space_holds(t, u)) {
            continue;
        }
        if (u->eip == eip) {
            return u;
        }
        found = has_instruction(u, eip) ? u : found;
    }
    return found;
}

bool translate_translated(struct vm *v, gva_t at, unsigned i,
                          struct translated *out)
{
    const struct translator *t = translator_of(v);
    const struct unit *u = unit_for(t, at.v);
    if (!u || i >= u->count) {
        return false;
    }
    uint32_t from = u->start[i];
    uint32_t to = i + 1 < u->count ? u->start[i + 1] : u->size;
    out->eip = unit_eip(u, i);
    out->at = u->at + from;
    out->size = to - from < sizeof out->bytes ? to - from : sizeof out->bytes;
    cache_read(t, out->at, out->bytes, out->size);
    return true;
}
