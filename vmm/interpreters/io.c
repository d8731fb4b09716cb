/*
 * io.c - IN, OUT, INS, OUTS: a virtual device answers.
 *
 * The virtual processor asks the guest's IOPL and I/O bitmap, and its bus
 * leads to the VM's own board (processor.c).
 *
 * Simplified: a REP runs to its end in one exit, unless an interrupt that
 * the guest can take comes up.
 */
#include "virtual.h"

void v_io(struct vp *p, const struct insn *in)
{
    (void)in;
    vp_step(p);
}

void v_io_string(struct vp *p, const struct insn *in)
{
    uint32_t eip = p->cpu->eip;
    while (vp_step(p) && in->rep && p->cpu->eip == eip &&
           p->vm->state == VM_RUNNING &&
           !(p->vm->interrupt_line && vp_open(p))) {
    }
}
