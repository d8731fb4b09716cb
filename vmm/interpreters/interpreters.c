/*
 * interpreters.c - from the instruction that trapped to its routine.
 *
 * The real ring was 1 or 3, and so everything sensitive trapped. Whether the
 * guest may do it is another question, and the virtual ring answers that:
 * what the virtual processor would have refused is the guest's own #GP.
 */
#include "virtual.h"

static const struct interpreter interpreters[INSN_COUNT] = {
#define INTERPRETER(id, routine, reason, disposition) \
    [I_##id] = {routine, EXIT_##reason, DISPOSITION_##disposition},
#include "interpreters.def"
#undef INTERPRETER
};

const struct interpreter *interpreter_of(enum insn_id id)
{
    return interpreters[id].run ? &interpreters[id] : NULL;
}

/* For want of virtual privilege. A port may yet be open by the guest's own
 * I/O bitmap, which the virtual processor reads when it gets there. */
static bool refused(const struct vp *p, const struct insn *in)
{
    /*@lab 1 refused
     * Would the virtual processor refuse `in`, at its virtual ring? Ask
     * cpu_insn_traps() of p->cpu; but of rows that trap by TRAP_IO say no:
     * the port decides, and the virtual processor reads the bitmap itself.
     *@stub
     *  (void)p;
     *  (void)in;
     *  lab_todo("refused");
     */
    return insn_rows[in->id].trap != TRAP_IO &&
           cpu_insn_traps(p->cpu, (enum insn_id)in->id);
    /*@end*/
}

bool interpret(struct vp *p)
{
    /*@lab 1 interpret
     * A #GP has arrived. Decode what stands at the virtual CS:EIP, and do
     * it. False: it is not one of the interpreters', and nothing was done.
     *@stub
     *  (void)p;
     *  lab_todo("interpret");
     */
    struct insn in;
    return vp_decode(p, &in) && interpret_decoded(p, &in);
    /*@end*/
}

bool interpret_decoded(struct vp *p, const struct insn *in)
{
    /*@lab 1 interpret_decoded
     * Look up the routine; none: return false. Else write down in the exit's
     * record which instruction, reason and disposition it is, forget the
     * last event (EVENT_NONE), and run the routine - or, if the instruction
     * is refused, have the virtual processor step into its own #GP. If an
     * event went to the guest either way, say so with vp_reflected().
     *@stub
     *  (void)p;
     *  (void)in;
     *  (void)refused;
     *  lab_todo("interpret_decoded");
     */
    struct exit *x = vp_exit(p);
    const struct interpreter *i = interpreter_of((enum insn_id)in->id);
    x->r.insn = *in;
    if (!i) {
        return false;
    }
    x->r.reason = i->reason;
    x->r.disposition = i->disposition;
    p->cpu->last_event.kind = EVENT_NONE;
    if (refused(p, in)) {
        vp_step(p);
    } else {
        i->run(p, in);
    }
    if (p->cpu->last_event.kind != EVENT_NONE) {
        vp_reflected(p);
    }
    return true;
    /*@end*/
}
