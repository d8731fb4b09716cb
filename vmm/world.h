/*
 * world.h - inside the monitor's ring-0 world: world.c builds it, switch.c
 * goes in and out.
 */
#ifndef RINGSIDE_VMM_WORLD_H
#define RINGSIDE_VMM_WORLD_H

#include "monitor.h"

struct world {
    mpa_t directory;   /* a page directory with the hole alone */
    mpa_t table_frame; /* the hole's page table */
    mpa_t null_page;   /* 512 null descriptors */
    /* Their bytes on the host. */
    uint32_t *table;
    uint32_t *gdt; /* the page with the monitor's own descriptors */
    uint32_t *idt;
    uint32_t *tss;
    uint32_t *stack; /* its lowest word */
};

/* Offsets in the page of stubs, behind one HLT a vector. */
enum {
    STUB_IRET = 256,
    STUB_SLEEP = 257,
    STUB_GUEST = 258 /* VMLOAD, VMRUN, VMSAVE, HLT */
};

/* Guest mode's ways in and out: guest_mode.c. */
bool guest_mode_enter(struct vm *v, uint64_t *at);
void guest_mode_leave(struct vm *v, struct event *e);
void guest_mode_flush_page(struct vm *v, gva_t at);
/* Are the control blocks, and the guests' TLB, as they must be? */
bool guest_mode_audit(struct monitor *m, char *err, size_t errsize);
/* Does the processor stand in v's guest, and not in the monitor's ring 0? */
static inline bool world_is_outside(const struct vm *v)
{
    const struct cpu *c = v->monitor->cpu;
    return v->vmcb.v ? c->guest.on : c->cpl != 0;
}

/* As if no guest had ever been there: gates, GDT, LDT, CR4. */
void world_reset_guest_part(struct monitor *m);

/* audit_world.c: can the processor get from a guest's ring to where only the
 * monitor may be? True, or false with how. */
bool world_audit(struct monitor *m, char *err, size_t errsize);

#endif
