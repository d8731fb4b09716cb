/*
 * source_frame.c - from a function's frame to its caller's, by the call frame
 * information that a compiler writes (DWARF 5, 6.4): for each address a rule
 * for where the frame begins and where each register was saved.
 *
 * Parts:  the rules' little language; one frame.
 *
 * Simplified: of the operations in a rule those are known that gcc and clang
 * use for x86; a rule with another ends the walk.
 */
#include "source_file.h"

#include <dwarf.h>
#include <stdlib.h>

#define STACK 16
#define EIP 8 /* as DWARF numbers it for x86, after the eight in enum reg */

struct value {
    const struct source_memory *memory;
    const struct source_frame *frame;
    uint32_t cfa;
    uint32_t stack[STACK];
    int n;
    bool is_value; /* and not a place in memory */
};

static bool push(struct value *v, uint32_t x)
{
    if (v->n == STACK) {
        return false;
    }
    v->stack[v->n++] = x;
    return true;
}

static bool register_plus(struct value *v, uint64_t reg, uint64_t offset)
{
    return reg < 8 && push(v, v->frame->reg[reg] + (uint32_t)offset);
}

/* One operation (DWARF 5, 2.5.1). */
static bool operate(struct value *v, const Dwarf_Op *op)
{
    uint8_t atom = op->atom;
    uint32_t *top = &v->stack[v->n ? v->n - 1 : 0];
    if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31) {
        return register_plus(v, atom - DW_OP_breg0, op->number);
    }
    if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31) {
        return push(v, atom - DW_OP_lit0);
    }
    switch (atom) {
    case DW_OP_bregx:
        return register_plus(v, op->number, op->number2);
    case DW_OP_call_frame_cfa:
        return push(v, v->cfa);
    case DW_OP_const1u:
    case DW_OP_const1s:
    case DW_OP_const2u:
    case DW_OP_const2s:
    case DW_OP_const4u:
    case DW_OP_const4s:
    case DW_OP_constu:
    case DW_OP_consts:
        return push(v, (uint32_t)op->number);
    case DW_OP_plus_uconst:
        *top += (uint32_t)op->number;
        return v->n > 0;
    case DW_OP_plus:
        if (v->n < 2) {
            return false;
        }
        v->n--;
        top[-1] += *top;
        return true;
    case DW_OP_deref:
        return v->n > 0 && v->memory->word(v->memory->who, *top, top);
    case DW_OP_stack_value:
        v->is_value = true;
        return v->n > 0;
    default:
        return false;
    }
}

static bool calculate(struct value *v, const Dwarf_Op *ops, size_t n)
{
    v->n = 0;
    v->is_value = false;
    for (size_t i = 0; i < n; i++) {
        if (!operate(v, &ops[i])) {
            return false;
        }
    }
    return v->n > 0;
}

/* What register `reg` is in the caller, to *out; as it is, if nothing says
 * otherwise. */
static bool restore(struct value *v, Dwarf_Frame *frame, int reg, uint32_t *out)
{
    Dwarf_Op room[3], *ops;
    size_t n;
    if (dwarf_frame_register(frame, reg, room, &ops, &n) != 0) {
        return false;
    }
    if (n == 0) {
        return reg != EIP;
    }
    if (!calculate(v, ops, n)) {
        return false;
    }
    uint32_t found = v->stack[v->n - 1];
    if (!v->is_value) {
        return v->memory->word(v->memory->who, found, out);
    }
    *out = found;
    return true;
}

/* The rules for the address, from .debug_frame; to be freed. NULL: none. */
static Dwarf_Frame *rules(const struct source *s, uint32_t at)
{
    Dwarf_Frame *frame = NULL;
    Dwarf_CFI *all = s->dwarf ? dwarf_getcfi(s->dwarf) : NULL;
    return all && dwarf_cfi_addrframe(all, at, &frame) == 0 ? frame : NULL;
}

bool source_caller(const struct source *s, const struct source_memory *m,
                   struct source_frame *f)
{
    struct value v = {.memory = m, .frame = f};
    struct source_frame up = *f;
    Dwarf_Op *ops;
    size_t n;
    /* A call may be a function's last instruction. */
    Dwarf_Frame *frame = rules(s, f->eip - f->caller);
    bool ok =
        frame && dwarf_frame_cfa(frame, &ops, &n) == 0 && calculate(&v, ops, n);
    v.cfa = ok ? v.stack[v.n - 1] : 0;
    for (int reg = 0; ok && reg < 8; reg++) {
        ok = restore(&v, frame, reg, &up.reg[reg]);
    }
    ok = ok && restore(&v, frame, EIP, &up.eip);
    free(frame);
    up.reg[4] = v.cfa; /* ESP, as a call left it and more */
    up.caller = true;
    if (ok) {
        *f = up;
    }
    return ok;
}
