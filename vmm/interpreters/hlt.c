/*
 * hlt.c - HLT: the guest has nothing to do, so somebody else gets the
 * processor until an event wakes it.
 */
#include "virtual.h"

void v_hlt(struct vp *p, const struct insn *in)
{
    vp_next(p, in);
    if (p->cpu->last_event.kind != EVENT_NONE) {
        return; /* a single step took it on at once */
    }
    if (!(p->cpu->eflags & FL_IF)) {
        vm_kill(p->vm, "halted with interrupts off: nothing can wake it");
        exit_note(vp_exit(p), "halted with IF 0: for ever");
        return;
    }
    p->cpu->halted = true; /* until an event is delivered */
    if (!p->vm->interrupt_line) {
        vm_block(p->vm);
    }
    exit_note(vp_exit(p), "asleep until the next interrupt");
}
