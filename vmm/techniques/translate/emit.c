/*
 * emit.c - what each guest instruction becomes.
 *
 * Most are copied as they are. The rest:
 *
 *   near branches                 branch.c
 *   CLI, PUSHF, MOV from CR0 ...  inline.c
 *   other sensitive instructions  a call-out: INT CALLOUT_VECTOR, and the
 *                                 monitor does it on the virtual processor
 *   x87                           likewise: it keeps the CS and EIP that it
 *                                 ran at, which would be the cache's
 *   a GS or CS override           likewise: GS is ours in translated code,
 *                                 and its CS is the cache
 *   what traps too often          likewise: adapt.c
 *
 * RDTSC is copied: where the guest's CR4.TSD is set it traps.
 *
 * A guest's flags live in the real EFLAGS throughout, and the stack is its
 * own. So what is emitted changes no flag (MOV, LEA, MOVZX, JECXZ) and pushes
 * nothing that the guest did not. Where it needs a register, the guest's
 * value is in the state page meanwhile, and a mark says so: wherever the
 * processor is interrupted, the guest's state can be had from the mark.
 */
#include "translate.h"

#include <assert.h>
#include <string.h>

/* ----------------------------------------------------------------- bytes */

void emit_byte(struct emitter *e, unsigned byte)
{
    assert(e->n < UNIT_CODE);
    e->code[e->n++] = (uint8_t)byte;
}

void emit_word(struct emitter *e, uint32_t word)
{
    for (unsigned shift = 0; shift < 32; shift += 8) {
        emit_byte(e, word >> shift & 0xff);
    }
}

void emit_bytes(struct emitter *e, const uint8_t *from, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        emit_byte(e, from[i]);
    }
}

void emit_mark(struct emitter *e, enum mark_kind kind, uint32_t eip,
               unsigned saved, int32_t esp)
{
    assert(e->marks < UNIT_MARKS);
    e->mark[e->marks++] = (struct mark){.eip = eip,
                                        .esp = esp,
                                        .at = (uint16_t)e->n,
                                        .kind = (uint8_t)kind,
                                        .number = (uint8_t)e->i,
                                        .saved = (uint8_t)saved};
}

void emit_callout(struct emitter *e, enum mark_kind kind, unsigned saved,
                  int32_t esp)
{
    emit_mark(e, kind, e->eip, saved, esp);
    emit_byte(e, OP_INT);
    emit_byte(e, CALLOUT_VECTOR);
}

void emit_state(struct emitter *e, unsigned opcode, unsigned reg, uint32_t at)
{
    emit_byte(e, OP_GS);
    emit_byte(e, opcode);
    emit_byte(e, reg << 3 | RM_DISP32);
    emit_word(e, at);
}

void emit_set(struct emitter *e, uint32_t at, uint32_t value)
{
    emit_state(e, OP_MOV_IMM, 0, at);
    emit_word(e, value);
}

/* ------------------------------------------------------------ one of each */

/* Would the guest's own bytes do the same in ring 1, from the cache? */
static bool copies(const struct insn *in)
{
    bool sensitive = interpreter_of((enum insn_id)in->id);
    return in->id != I_INVALID && (!sensitive || in->id == I_RDTSC) &&
           !(insn_rows[in->id].attr & (ATTR_BRANCH | ATTR_X87)) &&
           in->override != SEG_GS && in->override != SEG_CS;
}

static void emit_insn(struct emitter *e, const struct insn *in)
{
    emit_mark(e, MARK_INSN, e->eip, 0, 0);
    if (e->u->callout[e->i]) {
        emit_callout(e, MARK_CALLOUT, 0, 0);
    } else if (copies(in)) {
        emit_bytes(e, e->bytes, in->len);
    } else if (!emit_inline(e, in) && !emit_branch(e, in)) {
        emit_callout(e, MARK_CALLOUT, 0, 0);
    }
}

/* Where links lead while they are not chained. */
static void emit_stubs(struct emitter *e)
{
    for (unsigned k = 0; k < e->u->links; k++) {
        struct link *l = &e->u->link[k];
        l->stub = (uint16_t)e->n;
        e->i = k;
        e->eip = l->target;
        emit_callout(e, MARK_LINK, 0, 0);
        uint32_t distance = (uint32_t)l->stub - (l->field + 4u);
        memcpy(&e->code[l->field], &distance, sizeof distance);
    }
}

void emit_unit(struct emitter *e, struct unit *u)
{
    e->u = u;
    e->eip = u->eip;
    e->bytes = u->source;
    e->n = e->marks = 0;
    for (e->i = 0; e->i < u->count; e->i++) {
        const struct insn *in = &u->insn[e->i];
        u->start[e->i] = (uint16_t)e->n;
        emit_insn(e, in);
        e->eip += in->len;
        e->bytes += in->len;
    }
    e->i = u->count - 1;
    if (!ends_unit(&u->insn[u->count - 1])) {
        emit_link(e, e->eip);
    }
    emit_stubs(e);
}
