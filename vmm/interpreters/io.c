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
    /*@lab 1 v_io
     * IN or OUT: the virtual processor asks IOPL and the I/O bitmap, and its
     * bus leads to the VM's own devices.
     *@stub
     *  (void)p;
     *  (void)in;
     *  lab_todo("v_io");
     */
    (void)in;
    vp_step(p);
    /*@end*/
}

void v_io_string(struct vp *p, const struct insn *in)
{
    /*@lab 1 v_io_string
     * vp_step() does one iteration of a REP, and EIP stays while there is
     * more to do. Do them all in this one exit, but stop when an iteration
     * faulted, the VM no longer runs (p->vm->state), or an interrupt waits
     * (p->vm->interrupt_line) that the guest can take (vp_open).
     *@stub
     *  (void)p;
     *  (void)in;
     *  lab_todo("v_io_string");
     */
    uint32_t eip = p->cpu->eip;
    while (vp_step(p) && in->rep && p->cpu->eip == eip &&
           p->vm->state == VM_RUNNING &&
           !(p->vm->interrupt_line && vp_open(p))) {
    }
    /*@end*/
}
