/*
 * guests.h - guests and workloads by name.
 */
#ifndef RINGSIDE_DEBUGGER_GUESTS_H
#define RINGSIDE_DEBUGGER_GUESTS_H

#include "../vmm/vmm.h"

/* The kernel's workloads: guests/kernel/workloads.def, measures.def. */
struct workload {
    const char *name, *text;
};
/* Workload i, or NULL past the last. */
const struct workload *workload_at(size_t i);
const struct workload *workload_find(const char *name);

/* The nanobenchmarks: guests/nano/nano.def, nano-empty the first. */
struct nanobenchmark {
    const char *name; /* the guest's: "nano-in" */
    uint32_t rounds;  /* operations between its markers */
    const char *text;
};
const struct nanobenchmark *nanobenchmark_at(size_t i);

#define GUEST_PATH_MAX 4096
struct guest {
    char path[GUEST_PATH_MAX];
    char command_line[256]; /* "workload=forkwait", or "" */
};
/*
 * What `name` means under a technique: a file's path, else a guest beside
 * the program or installed with it; "kernel" is the build for the technique,
 * a workload's name that kernel with that workload, and "all" of them when
 * no other command line is given. False, and said why, if there is none.
 */
bool guest_find(const char *name, const struct technique *t, struct guest *out);

/* Can a guest of ours run under t? A paravirtual one, a workload's kernel
 * among them, has a build of its own. */
bool guest_suits(const char *name, const struct technique *t);

/* The names of the guests there are, sorted, to standard output. */
void guests_print(void);

#endif
