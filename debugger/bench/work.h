/*
 * work.h - a sweep's runs, done by several processes.
 */
#ifndef RINGSIDE_DEBUGGER_BENCH_WORK_H
#define RINGSIDE_DEBUGGER_BENCH_WORK_H

#include "result.h"

/*
 * Do the runs of `part` (from 0) of `parts`, `jobs` at a time, and keep each
 * result in `folder`, which is made if need be; what is there already is not
 * run again. Returns the exit status: STATUS_SUCCESS when all are there.
 */
int work_do(const struct sweep *s, const struct options *o);

/*
 * Read all results of the sweep from the folder: one a run, to be freed; how
 * many are not there yet in *missing. NULL without memory.
 */
struct result *work_results(const struct sweep *s, const struct options *o,
                            size_t *missing);

#endif
