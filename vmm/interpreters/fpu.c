/*
 * fpu.c - FNSTENV, FNSAVE and FXSAVE: they store the CS that the last x87
 * instruction ran in, and a guest's kernel would see ring 1 in it.
 *
 * The virtual processor stores, of the guest's own registers (vp_step brings
 * them), with the selectors that the guest believes in.
 */
#include "virtual.h"

void v_fpu_state(struct vp *p, const struct insn *in)
{
    (void)in;
    vp_step(p);
    exit_note(vp_exit(p), "stored with the virtual CS");
}
