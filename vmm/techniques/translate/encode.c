/*
 * encode.c - the bytes of translated code, and the marks between them.
 *
 * Job:    what every part of the translator writes with: bytes and words,
 *         MOV to and from the state page, INT for a call-out; and two
 *         questions that change no flag, JECXZ and a call-out.
 */
#include "translate.h"

#include <assert.h>

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

/* ------------------------------------------- registers, and questions */

void emit_take(struct emitter *e, unsigned regs, int32_t esp)
{
    for (unsigned r = 0; r < 8; r++) {
        if (regs & 1u << r) {
            emit_state(e, OP_MOV_STORE, r, AT(save[r]));
        }
    }
    emit_mark(e, MARK_INSN, e->eip, regs, esp);
}

void emit_give_back(struct emitter *e, unsigned regs)
{
    for (unsigned r = 0; r < 8; r++) {
        if (regs & 1u << r) {
            emit_state(e, OP_MOV_LOAD, r, AT(save[r]));
        }
    }
}

void emit_need_zero(struct emitter *e, unsigned saved)
{
    emit_byte(e, OP_JECXZ);
    emit_byte(e, INT_LENGTH);
    emit_callout(e, MARK_CALLOUT, saved, 0);
    emit_mark(e, MARK_INSN, e->eip, saved, 0);
}

void emit_need_other(struct emitter *e, unsigned saved)
{
    EMIT(e, OP_JECXZ, 2, 0xeb, INT_LENGTH); /* jecxz +2; jmp +2 */
    emit_callout(e, MARK_CALLOUT, saved, 0);
    emit_mark(e, MARK_INSN, e->eip, saved, 0);
}

void emit_word_of_table(struct emitter *e, uint32_t table)
{
    EMIT(e, OP_GS, OP_MOV_LOAD, 0x0c, 0x8d); /* [gs:ecx * 4 + disp32] */
    emit_word(e, table);
}
