/*
 * transfer.c - INT n, IRET and the far transfers: where rings change.
 *
 * Each is run by the virtual processor, whose rings are 0 and 3 and whose
 * descriptor tables and TSS are the guest's. What remains is to give the
 * real processor the ring and the segments that came of it, and that is done
 * for every exit alike, on the way back.
 */
#include "virtual.h"

void v_int(struct vp *p, const struct insn *in)
{
    (void)in;
    if (vp_step(p)) {
        vp_exit(p)->r.disposition = DISPOSITION_emulated;
        exit_note(vp_exit(p), "INTO with OF clear: nothing to do");
    }
}

void v_iret(struct vp *p, const struct insn *in)
{
    /*@lab 2 v_iret
     * IRET takes the frame off again: EIP, CS and EFLAGS, and to an outer
     * ring ESP and SS. Which processor has to run it, so that the guest's
     * rings and its IF come out right? Leave a note of where it went. The
     * window that it may have opened is used on the way to the guest.
     *@stub
     *  (void)p;
     *  (void)in;
     *  lab_todo("v_iret");
     */
    struct cpu *c = p->cpu;
    (void)in;
    vp_step(p);
    exit_note(vp_exit(p), "to virtual ring %u, %04x:%08x, IF %u", c->cpl,
              c->seg[SEG_CS].sel, c->eip, c->eflags & FL_IF ? 1 : 0);
    /*@end*/
}

void v_far(struct vp *p, const struct insn *in)
{
    struct cpu *c = p->cpu;
    (void)in;
    vp_step(p);
    exit_note(vp_exit(p), "to virtual ring %u, %04x:%08x", c->cpl,
              c->seg[SEG_CS].sel, c->eip);
}
