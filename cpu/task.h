/*
 * task.h - inside the processor: hardware task switches (task.c).
 */
#ifndef RINGSIDE_CPU_TASK_H
#define RINGSIDE_CPU_TASK_H

#include "segment.h"

/* Who switches: what becomes of busy bits, back link and NT depends on it. */
enum task_by {
    TASK_BY_JUMP,   /* the old task is left for good */
    TASK_BY_CALL,   /* the new task is nested in it */
    TASK_BY_EVENT,  /* the same, through the IDT */
    TASK_BY_RETURN, /* IRET out of a nested task */
};

/*
 * Switch to the task whose TSS `sel` names. The old task will go on at `eip`
 * with `flags`. Faults as SDM 3A table 7-1 says: up to the moment when the old
 * state has been saved they are the old task's, after it the new one's.
 */
void task_switch(struct cpu *c, uint32_t sel, enum task_by by, uint32_t eip,
                 uint32_t flags);
/*
 * A far JMP or CALL to `sel`, whose descriptor is `d`: if that is a TSS or a
 * task gate, check its privilege and switch. False: it is neither.
 */
bool task_transfer(struct cpu *c, uint32_t sel, const struct descriptor *d,
                   enum task_by by);
/* IRET with NT set: back to the task that this one's back link names. */
void task_return(struct cpu *c);

#endif
