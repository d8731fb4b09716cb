/*
 * hlt.c - HLT: the guest has nothing to do, so somebody else gets the
 * processor until an event wakes it.
 */
#include "virtual.h"

void v_hlt(struct vp *p, const struct insn *in)
{
    /*@lab 1 v_hlt
     * HLT is complete once it has been executed: go on behind it first. If
     * a single-step trap came of that, the guest is awake. With the virtual
     * IF clear nothing can wake it: vm_kill(). Else it is p->cpu->halted,
     * and does not run (vm_block) unless an interrupt waits already:
     * p->vm->interrupt_line.
     *@stub
     *  (void)p;
     *  (void)in;
     *  lab_todo("v_hlt");
     */
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
    /*@end*/
}
