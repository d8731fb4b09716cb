/*
 * guest.c - VMRUN and its like: a guest that would have guests of its own.
 *
 * The virtual processor has no guest mode, whatever the real one has, and
 * answers with #UD.
 */
#include "virtual.h"

void v_guest_mode(struct vp *p, const struct insn *in)
{
    (void)in;
    vp_step(p);
}
