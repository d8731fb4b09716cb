/*
 * sweep.h - which runs a benchmark is made of.
 */
#ifndef RINGSIDE_DEBUGGER_BENCH_SWEEP_H
#define RINGSIDE_DEBUGGER_BENCH_SWEEP_H

#include "../options.h"

#define SWEEP_NAMES 64  /* workloads, or guests, at most */
#define SWEEP_SIZES 8   /* of one workload */
#define RUNS_MOST 5000u /* hours of work: more is a slip of the pen */
#define PRESETS_MOST 16
#define TECHNIQUES_MOST 16

/* One run: this guest under that technique, at those prices. */
struct run {
    const char *workload; /* a workload's or a guest's name */
    const struct technique *technique;
    const struct costs *costs;
    uint32_t size; /* the guest's n=; 0: its own default */
};

struct sweep {
    char title[120];
    char *workload[SWEEP_NAMES];
    uint32_t size[SWEEP_NAMES][SWEEP_SIZES]; /* a 0 ends them */
    size_t workloads;
    const struct technique *technique[TECHNIQUES_MOST];
    size_t techniques;
    struct costs costs[PRESETS_MOST];
    size_t presets;
    struct run *run; /* workload by workload, the first preset first */
    size_t runs;
};

/*
 * Read the file `path`; NULL: the small sweep that is built in. False, and
 * said with file and line, if it cannot be; then there is nothing to free.
 */
bool sweep_read(struct sweep *s, const char *path);
void sweep_free(struct sweep *s);

/* "nullcall.full.p4-vt", and ".500" after it for a size; in buf. */
#define RUN_KEY_SIZE 128
const char *run_key(const struct run *r, char buf[RUN_KEY_SIZE]);

#endif
