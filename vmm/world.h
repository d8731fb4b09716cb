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
enum { STUB_IRET = 256, STUB_SLEEP = 257 };

/* As if no guest had ever been there: gates, GDT, LDT, CR4. */
void world_reset_guest_part(struct monitor *m);

/* audit_world.c: can the processor get from a guest's ring to where only the
 * monitor may be? True, or false with how. */
bool world_audit(struct monitor *m, char *err, size_t errsize);

#endif
