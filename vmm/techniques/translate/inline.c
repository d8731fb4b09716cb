/*
 * inline.c - sensitive instructions that need no monitor: done in line, on
 * the virtual processor's state in the state page.
 *
 *   CLI, STI, PUSHF, POPF   the virtual IF; the other flags are real
 *   MOV from CRn, MOV to CR2, SMSW, STR, SLDT, selectors read or pushed
 *   MOV to DS, ES, FS; POP; IRET to a program: loads.c
 *
 * Whatever is not the usual case is called out, and no flag of the guest's is
 * changed to find out. Of STI, say, which may do without the monitor if no
 * interrupt waits:
 *
 *         mov [gs:save.ecx], ecx       the register is ours now
 *         mov ecx, [gs:pending]
 *         jecxz 1f                     a comparison that changes no flag
 *         int CALLOUT
 *     1:  mov ecx, [gs:save.ecx]       and the guest's again
 *         mov [gs:vif], 0x200
 */
#include "translate.h"

#define OP_PUSHF 0x9c
#define OP_POPF 0x9d
#define EAX (1u << REG_EAX)
#define ECX (1u << REG_ECX)

static uint32_t behind(const struct emitter *e)
{
    return e->eip + e->u->insn[e->i].len;
}

/* ------------------------------------------------------------------ flags */

/* If an interrupt waits, STI is the monitor's. */
static void emit_sti(struct emitter *e)
{
    emit_take(e, ECX, 0);
    emit_state(e, OP_MOV_LOAD, REG_ECX, AT(pending));
    emit_need_zero(e, ECX);
    emit_give_back(e, ECX);
    emit_mark(e, MARK_INSN, e->eip, 0, 0);
    emit_set(e, AT(vif), FL_IF);
}

/* The real image says IF 1, IOPL 0. */
static void emit_pushf(struct emitter *e)
{
    emit_byte(e, OP_PUSHF);
    emit_mark(e, MARK_INSN, e->eip, 0, 4);
    emit_take(e, EAX | ECX, 4);
    EMIT(e, OP_MOV_LOAD, 0x04, 0x24); /* mov eax, [esp] */
    emit_state(e, OP_MOV_LOAD, REG_ECX, AT(flags_bias));
    EMIT(e, OP_LEA, 0x04, 0x08); /* lea eax, [eax + ecx] */
    emit_state(e, OP_MOV_LOAD, REG_ECX, AT(vif));
    EMIT(e, OP_LEA, 0x04, 0x08);
    EMIT(e, OP_MOV_STORE, 0x04, 0x24); /* mov [esp], eax */
    emit_mark(e, MARK_INSN, behind(e), EAX | ECX, 0);
    emit_give_back(e, EAX | ECX);
}

static void emit_popf(struct emitter *e)
{
    emit_take(e, ECX, 0);
    EMIT(e, OP_MOV_LOAD, 0x0c, 0x24); /* mov ecx, [esp] */
    EMIT(e, 0x0f, 0xb6, 0xcd);        /* movzx ecx, ch */
    emit_flags(e, ECX);
    emit_window(e, ECX);
    emit_byte(e, OP_POPF);
    emit_mark(e, MARK_INSN, e->eip, ECX, -4);
    emit_state(e, OP_MOV_STORE, REG_ECX, AT(vif));
    emit_mark(e, MARK_INSN, behind(e), ECX, 0);
    emit_give_back(e, ECX);
}

/* --------------------------------------------------- words of the state */

/* Instructions that only read, or write, a word of the state page. */
static bool emit_word_of_state(struct emitter *e, const struct insn *in)
{
    unsigned s = pushed_segment(in);
    if (state_word_of(in)) {
        emit_state(e, OP_MOV_LOAD, in->rm, state_word_of(in));
    } else if (s < SEG_COUNT) {
        emit_state(e, OP_GROUP5, 6, AT(sel) + s * (uint32_t)sizeof(uint32_t));
    } else if (in->id == I_CLI) {
        emit_set(e, AT(vif), 0);
    } else if (in->id == I_MOV_Cd_Rd && in->reg == 2) {
        emit_state(e, OP_MOV_STORE, in->rm, AT(cr[2]));
    } else {
        return false;
    }
    return true;
}

/* -------------------------------------------------------------------- all */

bool emit_inline(struct emitter *e, const struct insn *in)
{
    if (in->id == I_STI && e->i + 1 < e->u->count) {
        emit_sti(e); /* what it protects is behind it */
    } else if (in->id == I_PUSHF && in->opsize == 4) {
        emit_pushf(e);
    } else if (in->id == I_POPF && in->opsize == 4) {
        emit_popf(e);
    } else {
        return emit_word_of_state(e, in) || emit_load(e, in);
    }
    return true;
}
