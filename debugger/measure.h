/*
 * measure.h - what a guest's work took, between its markers.
 *
 * A workload brackets its work with marker n and marker 0, so that booting
 * and ending are not counted. A guest without markers is measured whole.
 */
#ifndef RINGSIDE_DEBUGGER_MEASURE_H
#define RINGSIDE_DEBUGGER_MEASURE_H

#include "bill.h"
#include "session.h"
#include "talk.h"

/* Exits of one reason that were about one thing: a hypercall, a chip. */
struct detail {
    enum exit_reason reason;
    uint32_t number; /* the record's detail; for ports, the chip */
    char name[24];   /* "mmu_update", "uart16550" */
    uint64_t count, cycles;
};
#define DETAILS_MAX 64

struct measure {
    struct session session; /* closed again once it has run */
    const struct technique *technique;
    bool in_phase, any_phase;
    struct books before;           /* the books when the phase began */
    struct books work;             /* sums of all phases; min and max unused */
    struct biller biller;          /* with options.count_charges; */
    struct bill bill_before, bill; /* as `before` and `work`; else zeros */
    struct detail detail[DETAILS_MAX]; /* within the phases */
    int details;
    enum monitor_stop stop;
    int status;
    char reason[160];
};

/* Run guest `name` under t to its end. False if it could not be made. */
bool measure_run(struct measure *m, const struct options *o,
                 const struct technique *t, const char *name);

/* The reason that took the n-th most cycles, n from 0; -1: no such. */
int measure_top(const struct books *b, int n);
/* What the exits of that reason were mostly about; NULL: no more is known. */
const struct detail *measure_detail(const struct measure *m, int reason);

/* What became of a guest's timer ticks, as ticks_due, ticks_late ... */
void json_ticks(cJSON *json, const struct vm *v);

#endif
