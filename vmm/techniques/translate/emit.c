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

#include <string.h>

/* ------------------------------------------------------------ one of each */

/* Would the guest's own bytes do the same in ring 1, from the cache? */
static bool copies(const struct insn *in)
{
    /*@lab 5 copies
     * Do the guest's own bytes do the same in ring 1, from the cache? Not if
     * interpreter_of(in->id) has a routine (it is sensitive), RDTSC apart; not
     * I_INVALID, not branches, not the x87's (ATTR_X87); and not with an
     * override of GS or CS. in->override is SEG_GS, SEG_CS ... where there is
     * one.
     *@stub
     *  (void)in;
     *  lab_todo("copies");
     */
    bool sensitive = interpreter_of((enum insn_id)in->id);
    return in->id != I_INVALID && (!sensitive || in->id == I_RDTSC) &&
           !(insn_rows[in->id].attr & (ATTR_BRANCH | ATTR_X87)) &&
           in->override != SEG_GS && in->override != SEG_CS;
    /*@end*/
}

static void emit_insn(struct emitter *e, const struct insn *in)
{
    /*@lab 5 emit_insn
     * The translation of one instruction, at e->eip, whose bytes are e->bytes.
     * First a mark: from here on, if anything happens, the guest is at e->eip,
     * and all its registers are its own (kind MARK_INSN). Then
     *   a call-out        if adapt.c wants one: e->u->callout[e->i]
     *   the bytes         if it copies()
     *   something else    if emit_inline() or emit_branch() knows it
     *   a call-out        else: emit_callout(), of MARK_CALLOUT
     *@stub
     *  (void)e;
     *  (void)in;
     *  (void)copies;
     *  lab_todo("emit_insn");
     */
    emit_mark(e, MARK_INSN, e->eip, 0, 0);
    if (e->u->callout[e->i]) {
        emit_callout(e, MARK_CALLOUT, 0, 0);
    } else if (copies(in)) {
        emit_bytes(e, e->bytes, in->len);
    } else if (!emit_inline(e, in) && !emit_branch(e, in)) {
        emit_callout(e, MARK_CALLOUT, 0, 0);
    }
    /*@end*/
}

/* Where links lead while they are not chained. */
static void emit_stubs(struct emitter *e)
{
    /*@lab 5 emit_stubs
     * Behind the unit, for each of u->link[0 .. u->links-1]: the place where
     * it leads while it is not chained. That is an INT: a call-out of
     * MARK_LINK, with e->i the link's number and e->eip its target, which go
     * into the mark. Note the place in link->stub, and make the jump lead
     * there: the four bytes of code at link->field are the distance from
     * behind themselves.
     *@stub
     *  (void)e;
     *  lab_todo("emit_stubs");
     */
    for (unsigned k = 0; k < e->u->links; k++) {
        struct link *l = &e->u->link[k];
        l->stub = (uint16_t)e->n;
        e->i = k;
        e->eip = l->target;
        emit_callout(e, MARK_LINK, 0, 0);
        uint32_t distance = (uint32_t)l->stub - (l->field + 4u);
        memcpy(&e->code[l->field], &distance, sizeof distance);
    }
    /*@end*/
}

void emit_unit(struct emitter *e, struct unit *u)
{
    /*@lab 5 emit_unit
     * All of a unit: set e->u, and begin with nothing emitted (e->n,
     * e->marks). For each instruction, e->i, e->eip and e->bytes are its own
     * (the guest's code is in u->source), and u->start[i] is where its
     * translation begins. Behind the last, if control can go on there:
     * emit_link() to that address. Then the links' stubs, with e->i still the
     * number of an instruction before.
     *@stub
     *  (void)e;
     *  (void)u;
     *  (void)emit_insn;
     *  (void)emit_stubs;
     *  lab_todo("emit_unit");
     */
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
    /*@end*/
}
