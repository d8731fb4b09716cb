/* scheduler.h - the processor's time, for monitor.c. */
#ifndef RINGSIDE_VMM_SCHEDULER_H
#define RINGSIDE_VMM_SCHEDULER_H

#include "monitor.h"

/* Who is to have the processor now; NULL: nobody can use it. */
struct vm *schedule_next(struct monitor *m);
/* At cycle `at` v gets what another had, or nobody yet. */
void schedule_switch(struct vm *v, uint64_t at);
/* v's turn begins. */
void schedule_begin(struct vm *v);
/* May v, whose turn it is, go on? */
bool schedule_keeps(struct vm *v);
/* The cycle until which v may run before the monitor has to look up: for
 * v's own devices, its turn's end or cap, a sleeper who goes before it. */
uint64_t schedule_look(struct vm *v);
/* Nobody can run: the cycle at which somebody can; UINT64_MAX: never. */
uint64_t schedule_wakes(struct monitor *m);

#endif
