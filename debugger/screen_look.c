/*
 * screen_look.c - what several panes ask: where the guest stands, which exit
 * is looked at, where the next instruction's operand is.
 */
#include "screen.h"

#include <string.h>

uint32_t look_here(const struct screen *s)
{
    const struct virtual_cpu *g = &s->debug->now;
    return g->seg[SEG_CS].base + g->eip;
}

const struct exit_record *look_exit(const struct screen *s)
{
    uint64_t last = s->debug->last.number;
    return s->at->exit > last
               ? NULL
               : records_find(s->at->records, s->at->exit ? s->at->exit : last);
}

bool look_bare(const struct screen *s)
{
    return vm_technique(s->debug->vm) == technique_find("bare");
}

/* A deprivileged guest is never in ring 0, so the monitor is: to play the
 * guest's processor, under the techniques that do, or before its first entry.
 */
bool look_played(const struct screen *s)
{
    static const char *const players[] = {"emulate", "hybrid", "translate"};
    const struct cpu *c = monitor_cpu(s->debug->session.monitor);
    const char *name = technique_name(vm_technique(s->debug->vm));
    for (size_t i = 0; i < sizeof players / sizeof *players; i++) {
        if (strcmp(name, players[i]) == 0) {
            return c->cpl == 0;
        }
    }
    return false;
}

bool look_guest_word(const struct screen *s, gpa_t at, uint32_t *out)
{
    mpa_t machine;
    return vm_machine(s->debug->vm, at, &machine) &&
           cpu_phys_read(monitor_cpu(s->debug->session.monitor), machine, out,
                         sizeof *out);
}

bool look_insn(const struct screen *s, uint32_t at, struct insn *out)
{
    const struct segment *cs = &s->debug->now.seg[SEG_CS];
    uint8_t bytes[15];
    size_t n = vm_peek(s->debug->vm, (gva_t){at}, bytes, sizeof bytes);
    bool code32 = cs->attr == 0 || (cs->attr & SEG_DB);
    return n > 0 && cpu_decode(bytes, n, code32, out) == DECODE_OK;
}

/* An operand that ModRM addresses, in its segment. */
static uint32_t modrm_address(const struct virtual_cpu *g,
                              const struct insn *in)
{
    uint32_t at = in->disp;
    if (in->base != NO_REG) {
        at += g->reg[in->base];
    }
    if (in->index != NO_REG) {
        at += g->reg[in->index] << in->scale;
    }
    return in->adsize == 2 ? at & 0xffff : at;
}

bool look_operand(const struct screen *s, const struct insn *in, uint32_t *out)
{
    const struct virtual_cpu *g = &s->debug->now;
    uint32_t mask = in->adsize == 2 ? 0xffff : UINT32_MAX;
    for (int k = 0; k < 3; k++) {
        const struct operand_form *form = &insn_rows[in->id].form[k];
        if (form->size == 0) {
            continue; /* LEA's: an address, and no access */
        }
        switch (form->place) {
        case PLACE_RM:
        case PLACE_MEM:
        case PLACE_NUMBER:
            if (in->mod != 3) {
                *out = g->seg[in->seg].base + modrm_address(g, in);
                return true;
            }
            break;
        case PLACE_OFFSET:
            *out = g->seg[in->seg].base + in->disp;
            return true;
        case PLACE_SOURCE:
            *out = g->seg[in->seg].base + (g->reg[REG_ESI] & mask);
            return true;
        case PLACE_TARGET:
            *out = g->seg[SEG_ES].base + (g->reg[REG_EDI] & mask);
            return true;
        default:
            break;
        }
    }
    return false;
}

uint32_t look_place(const struct screen *s, char *why, size_t size)
{
    const struct exit_record *x = look_exit(s);
    struct insn in;
    uint32_t at;
    if (s->place_given) {
        snprintf(why, size, "as asked for");
        return s->place;
    }
    if (s->at->exit && x && x->vector == VEC_PF) {
        snprintf(why, size, "where exit %llu faulted",
                 (unsigned long long)x->number);
        return x->address;
    }
    if (look_insn(s, look_here(s), &in) && look_operand(s, &in, &at)) {
        snprintf(why, size, "what the next instruction accesses");
        return at;
    }
    snprintf(why, size, "the next instruction");
    return look_here(s);
}
