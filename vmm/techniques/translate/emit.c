/*
 * emit.c - what each guest instruction becomes.
 *
 * Most are copied as they are. The rest:
 *
 *   near branches                 branch.c
 *   CLI, STI                      the virtual IF, in the state page
 *   MOV from CRn, SMSW, STR ...   loads from the state page
 *   other sensitive instructions  a call-out: INT CALLOUT_VECTOR, and the
 *                                 monitor does it on the virtual processor
 *   x87                           likewise: it keeps the CS and EIP that it
 *                                 ran at, which would be the cache's
 *   a GS or CS override           likewise: GS is ours in translated code,
 *                                 and its CS is the cache
 *   what traps too often          likewise: adapt.c
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

#define OP_GS 0x65
#define OP_MOV_STORE 0x89
#define OP_MOV_LOAD 0x8b
#define OP_MOV_IMM 0xc7
#define OP_INT 0xcd
#define OP_JECXZ 0xe3
#define OP_GROUP5 0xff /* /6: PUSH */
#define RM_DISP32 5u   /* ModRM with mod 0: a displacement alone */

#define SAVED(r) (1u << (r))

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

static void emit_set(struct emitter *e, uint32_t at, uint32_t value)
{
    emit_state(e, OP_MOV_IMM, 0, at);
    emit_word(e, value);
}

/* ------------------------------------------------------- in line, not out */

/* If an interrupt waits, STI is the monitor's. JECXZ changes no flag. */
static void emit_sti(struct emitter *e)
{
    const unsigned ecx = SAVED(REG_ECX);
    emit_state(e, OP_MOV_STORE, REG_ECX, AT(save[REG_ECX]));
    emit_mark(e, MARK_INSN, e->eip, ecx, 0);
    emit_state(e, OP_MOV_LOAD, REG_ECX, AT(pending));
    emit_byte(e, OP_JECXZ);
    emit_byte(e, 2); /* over the INT */
    emit_callout(e, MARK_CALLOUT, ecx, 0);
    emit_mark(e, MARK_INSN, e->eip, ecx, 0);
    emit_state(e, OP_MOV_LOAD, REG_ECX, AT(save[REG_ECX]));
    emit_mark(e, MARK_INSN, e->eip, 0, 0);
    emit_set(e, AT(vif), FL_IF);
}

/* Where in the state page is what this instruction puts into its register
 * operand? 0: it is none of these. */
static uint32_t answer_of(const struct insn *in)
{
    bool to_register = in->mod == 3 && in->opsize == 4;
    switch (in->id) {
    case I_MOV_Rd_Cd:
        return in->reg <= 4 && in->reg != 1
                   ? AT(cr) + in->reg * (uint32_t)sizeof(uint32_t)
                   : 0;
    case I_SMSW_RvMw:
        return to_register ? AT(cr[0]) : 0;
    case I_STR_RvMw:
        return to_register ? AT(tr) : 0;
    case I_SLDT_RvMw:
        return to_register ? AT(ldtr) : 0;
    case I_MOV_RvMw_Sw:
        return to_register && in->reg < SEG_COUNT
                   ? AT(sel) + in->reg * (uint32_t)sizeof(uint32_t)
                   : 0;
    default:
        return 0;
    }
}

/* PUSH of a segment register: which? SEG_COUNT: it is none. */
static unsigned pushed_segment(const struct insn *in)
{
    switch (in->opsize == 4 ? in->id : I_INVALID) {
    case I_PUSH_ES:
        return SEG_ES;
    case I_PUSH_CS:
        return SEG_CS;
    case I_PUSH_SS:
        return SEG_SS;
    case I_PUSH_DS:
        return SEG_DS;
    case I_PUSH_FS:
        return SEG_FS;
    case I_PUSH_GS:
        return SEG_GS;
    default:
        return SEG_COUNT;
    }
}

/* A sensitive instruction that needs no monitor. */
static bool emit_inline(struct emitter *e, const struct insn *in)
{
    unsigned s = pushed_segment(in);
    if (in->id == I_CLI) {
        emit_set(e, AT(vif), 0);
    } else if (in->id == I_STI && e->i + 1 < e->u->count) {
        emit_sti(e); /* what it protects is behind it */
    } else if (answer_of(in)) {
        emit_state(e, OP_MOV_LOAD, in->rm, answer_of(in));
    } else if (s < SEG_COUNT) {
        emit_state(e, OP_GROUP5, 6, AT(sel) + s * (uint32_t)sizeof(uint32_t));
    } else {
        return false;
    }
    return true;
}

/* ------------------------------------------------------------ one of each */

/* Would the guest's own bytes do the same in ring 1, from the cache? */
static bool copies(const struct insn *in)
{
    return in->id != I_INVALID && !interpreter_of((enum insn_id)in->id) &&
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
