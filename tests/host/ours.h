/* ours.h - the processor that is compared with others: ours.c. */
#ifndef RINGSIDE_HOST_OURS_H
#define RINGSIDE_HOST_OURS_H

#include "../../cpu/cpu.h"
#include "case.h"

struct ours {
    struct cpu *cpu;
    uint8_t *ram;
    struct costs costs;
    struct cpu_bus bus;
    struct cpu_hooks hooks;
    struct segment seg[SEG_COUNT]; /* as every case begins */
    struct host_state *after;      /* of the case that runs */
};

/* False without memory. `selector` is the oracle's: host_batch. */
bool ours_new(struct ours *o);
void ours_selectors(struct ours *o, const uint32_t selector[SEG_COUNT]);
void ours_free(struct ours *o);
/* Run the case's instruction, or one that is no instruction, to its end. */
void ours_run(struct ours *o, const struct host_case *k,
              struct host_state *after);

#endif
