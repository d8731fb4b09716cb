/*
 * guest_mode.h - inside the processor: what guest_mode.c and vmcb.c share.
 */
#ifndef RINGSIDE_CPU_GUEST_MODE_H
#define RINGSIDE_CPU_GUEST_MODE_H

#include "engine.h"

/* What VMRUN loads and #VMEXIT saves, of a VMCB or of the host's area; EIP to
 * be saved is told. */
void vmcb_get_state(struct cpu *c, mpa_t vmcb);
void vmcb_put_state(struct cpu *c, mpa_t vmcb, uint32_t eip);
/* What VMLOAD and VMSAVE move. */
void vmcb_get_rest(struct cpu *c, mpa_t vmcb);
void vmcb_put_rest(struct cpu *c, mpa_t vmcb);

#endif
