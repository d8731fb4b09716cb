/*
 * result.h - what a run came to, kept in a file of its own.
 */
#ifndef RINGSIDE_DEBUGGER_BENCH_RESULT_H
#define RINGSIDE_DEBUGGER_BENCH_RESULT_H

#include "../bill.h"
#include "sweep.h"

#include <cjson/cJSON.h>

struct result {
    bool known; /* it has been run */
    int status; /* the run's exit status; all but 0: no measurement */
    char reason[160];
    struct books books; /* between the workload's markers; no min or max */
    struct bill bill;   /* the same time, by price */
};

/*
 * A number for this program's own file; and with it, one for all that a
 * result depends on: program, guest and prices. 0, and said why, if a file
 * cannot be read.
 */
uint64_t result_program(void);
uint64_t result_origin(uint64_t program, const struct run *r);

/*
 * Read what `folder` keeps of a run. False if there is nothing, or it is of
 * another origin, or damaged: then it must be run again.
 */
bool result_read(const char *folder, const struct run *r, uint64_t origin,
                 struct result *out);
/* Keep it, under a temporary name first. False, and said why, if it cannot. */
bool result_write(const char *folder, const struct run *r, uint64_t origin,
                  const struct result *in);

/* As JSON, to be freed: one line of results.jsonl. */
cJSON *result_json(const struct run *r, const struct result *in);

#endif
