/*
 * report.h - what a sweep's results say.
 */
#ifndef RINGSIDE_DEBUGGER_BENCH_REPORT_H
#define RINGSIDE_DEBUGGER_BENCH_REPORT_H

#include "document.h"
#include "result.h"

struct report {
    const struct sweep *sweep;
    const struct result *result; /* one a run */
    const char *name;            /* of the sweep, for commands */
    struct document d;
    bool figures; /* there is a gnuplot */
};

/*
 * Write results.jsonl, results.csv, report.md and report.html into the
 * folder. False, and said why, if one cannot be written.
 */
bool report_write(const struct sweep *s, const struct result *results,
                  const struct options *o);

/* --- for the report's sections */

/*
 * A workload's books under technique t at preset p, at its first size; NULL
 * if there is no such run, or it did not succeed.
 */
const struct books *report_books(const struct report *r, size_t workload,
                                 const struct technique *t, size_t preset);
/* The same at one of its sizes. */
const struct books *report_books_of(const struct report *r, size_t workload,
                                    const struct technique *t, size_t preset,
                                    uint32_t size);
/* All of the run, or NULL likewise. */
const struct result *report_result(const struct report *r, size_t workload,
                                   const struct technique *t, size_t preset);
/* Its clock over bare's; 0: unknown. */
double report_times(const struct report *r, size_t workload,
                    const struct technique *t, size_t preset);
/* Is it a nanobenchmark (measured by the operation)? */
bool report_is_nano(const struct report *r, size_t workload);
/* Cycles of one operation, the loop taken off; -1: unknown. */
double report_operation(const struct report *r, size_t workload,
                        const struct technique *t, size_t preset);
/* Draw and show a figure; without a gnuplot, nothing. */
struct figure;
void report_figure(struct report *r, const struct figure *f,
                   const char *caption);

/* The sections, in order; each is left out where its runs are missing. */
void section_overview(struct report *r);
void section_sizes(struct report *r);
void section_phases(struct report *r);
void section_para(struct report *r);
void section_machines(struct report *r);
void section_what_if(struct report *r);
void section_break_even(struct report *r);
void section_published(struct report *r);
void section_nano(struct report *r);

#endif
