/* silent.h - the detector of critical instructions, for monitor.c. */
#ifndef RINGSIDE_VMM_SILENT_H
#define RINGSIDE_VMM_SILENT_H

#include "monitor.h"

/* While the monitor runs its guests: does nothing unless the configuration
 * asks for it, or can (a guest on the bare machine deceives nobody). */
void silent_watch(struct monitor *m);
void silent_unwatch(struct monitor *m);
/* The processor's observer, the detector itself not counted; or NULL. */
const struct cpu_hooks *silent_user(const struct monitor *m);

#endif
