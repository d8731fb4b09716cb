/*
 * cmd_bench.c - ringside bench: a sweep of runs, and the report they make.
 */
#include "bench/report.h"
#include "bench/work.h"
#include "talk.h"

#include <stdlib.h>

/* The folder's report, when every run is there; else what is missing. */
static int report(const struct sweep *s, const struct options *o)
{
    size_t missing;
    struct result *results = work_results(s, o, &missing);
    int status = STATUS_SUCCESS;
    if (!results) {
        complain("no memory for %zu results", s->runs);
        return STATUS_FAILURE;
    }
    if (missing && o->parts > 1) {
        printf("%zu of %zu runs are still to be done, by other parts\n",
               missing, s->runs);
    } else if (!report_write(s, results, o)) {
        status = STATUS_FAILURE;
    } else {
        printf("%zu runs: %s/report.html, report.md, results.csv, "
               "results.jsonl\n",
               s->runs - missing, o->out);
    }
    free(results);
    return status;
}

int cmd_bench(const struct options *o)
{
    struct sweep s;
    if (!sweep_read(&s, o->names ? o->name[0] : NULL)) {
        return STATUS_USAGE;
    }
    int status = work_do(&s, o);
    if (status == STATUS_SUCCESS || status == STATUS_FAILURE) {
        int reported = report(&s, o);
        status = status ? status : reported;
    }
    sweep_free(&s);
    return status;
}
