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
    return insn_rows[in->id].trap != TRAP_IO &&
           cpu_insn_traps(p->cpu, (enum insn_id)in->id);
}

bool interpret(struct vp *p)
{
    struct insn in;
    return vp_decode(p, &in) && interpret_decoded(p, &in);
}

bool interpret_decoded(struct vp *p, const struct insn *in)
{
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
}
