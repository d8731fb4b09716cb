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
    /*@lab 5 emit_sti
     * The virtual IF, s->vif of the state page, becomes FL_IF. But if
     * s->pending is not 0 the monitor has to do it, for it delivers what
     * waits. The listing at the head of this file is the whole of it. ECX's
     * value is in the state page meanwhile: every mark must say so, until it
     * is back. Until it is written it is a call-out: right, and dear.
     *@stub
     *  (void)behind;
     *  emit_callout(e, MARK_CALLOUT, 0, 0);
     */
    emit_take(e, ECX, 0);
    emit_state(e, OP_MOV_LOAD, REG_ECX, AT(pending));
    emit_need_zero(e, ECX);
    emit_give_back(e, ECX);
    emit_mark(e, MARK_INSN, e->eip, 0, 0);
    emit_set(e, AT(vif), FL_IF);
    /*@end*/
}

/* The real image says IF 1, IOPL 0. */
static void emit_pushf(struct emitter *e)
{
    /*@lab 5 emit_pushf
     * The real PUSHF pushes the guest's arithmetic flags, with IF 1 and IOPL
     * 0: those two are the monitor's. Correct the image on the stack: add
     * s->flags_bias (the virtual IOPL less the real IF) and s->vif, by LEA,
     * which changes no flag. While it is there but not true yet, a fault or
     * interrupt undoes the push: marks with esp 4. As soon as it is true the
     * instruction has happened: a mark of behind(e), esp 0, with the registers
     * still taken.
     *@stub
     *  (void)behind;
     *  emit_callout(e, MARK_CALLOUT, 0, 0);
     */
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
    /*@end*/
}

static void emit_popf(struct emitter *e)
{
    /*@lab 5 emit_popf
     * ECX = bits 8 to 15 of the image, which is on the stack. emit_flags()
     * calls out if something in them is the monitor's, and leaves the IF that
     * is loaded in ECX; emit_window() calls out if that lets an interrupt in
     * that waits. Then the real POPF, which drops IF and IOPL in ring 1, and
     * s->vif = ECX. Between those two the guest's stack has moved: a mark with
     * esp -4, so that an interrupt there begins the instruction anew. Behind:
     * behind(e).
     *@stub
     *  (void)behind;
     *  emit_callout(e, MARK_CALLOUT, 0, 0);
     */
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
    /*@end*/
}

/* --------------------------------------------------- words of the state */

/* Instructions that only read, or write, a word of the state page. */
static bool emit_word_of_state(struct emitter *e, const struct insn *in)
{
    /*@lab 5 emit_word_of_state
     * One MOV or PUSH of a word in the state page, in the place of an
     * instruction that asks for one: state_word_of(in) is where its answer is
     * (0: it asks for none), for register in->rm; pushed_segment(in) is the
     * selector it pushes, PUSH [gs:s->sel[n]] being emit_state() with
     * OP_GROUP5 and 6 for a register. CLI writes 0 to s->vif (emit_set()), MOV
     * to CR2 writes in->rm to s->cr[2]. False: it is none of these, and
     * nothing was emitted; then the monitor does it.
     *@stub
     *  (void)e;
     *  (void)in;
     *  return false;
     */
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
    /*@end*/
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
