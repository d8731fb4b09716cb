/*
 * segment.c - selectors: loading them, storing them, asking about them.
 *
 * The real registers hold shadow descriptors, with ring 1 where the guest
 * says ring 0. A load is checked against the guest's own table and rings by
 * the virtual processor; the real register gets the shadow on the way back.
 * A store or a question is answered from the virtual registers.
 */
#include "virtual.h"

/* PUSH Sreg, MOV from Sreg, LAR, LSL, VERR, VERW. */
void v_look(struct vp *p, const struct insn *in)
{
    (void)in;
    vp_step(p);
    exit_note(vp_exit(p), "answered from the virtual descriptors");
}

/* POP Sreg, MOV to Sreg, LDS and its kin. */
void v_load(struct vp *p, const struct insn *in)
{
    (void)in;
    vp_step(p);
    exit_note(vp_exit(p), "loaded as the guest's own table says");
}
