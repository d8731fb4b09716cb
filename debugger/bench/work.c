/*
 * work.c - a sweep's runs, done by several processes.
 *
 * Parts:  one run, in a child; the children; progress.
 *
 * A run is a process of its own: it fills one core, and a crash in it is that
 * run's alone. What a child says goes into a file beside its result.
 */
#include "work.h"

#include "../measure.h"
#include "../talk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---------------------------------------------------------- one run, done */

static bool measure(const struct run *r, const struct options *o,
                    struct result *out)
{
    char size[32];
    struct options mine = *o;
    struct measure *m = calloc(1, sizeof *m);
    mine.command = CMD_compare;
    mine.names = 0;
    mine.quiet = true;
    mine.count_charges = true;
    mine.costs = *r->costs;
    snprintf(size, sizeof size, "n=%u", r->size);
    mine.append = r->size ? size : NULL;
    bool ok = m && measure_run(m, &mine, r->technique, r->workload);
    if (ok) {
        *out = (struct result){.known = true,
                               .status = m->status,
                               .books = m->work,
                               .bill = m->bill};
        snprintf(out->reason, sizeof out->reason, "%s", m->reason);
    }
    ok &= ok && out->status != STATUS_INTERRUPTED;
    free(m);
    return ok;
}

/* In the child: run, keep, and say by the status how it went. */
static int child(const struct run *r, const struct options *o, uint64_t origin)
{
    char path[4200], key[RUN_KEY_SIZE];
    struct result result;
    snprintf(path, sizeof path, "%s/runs/%s.log", o->out, run_key(r, key));
    if (!freopen(path, "w", stderr)) {
        return STATUS_FAILURE;
    }
    bool ok =
        measure(r, o, &result) && result_write(o->out, r, origin, &result);
    fflush(stderr);
    if (ok) {
        remove(path);
    }
    return ok ? STATUS_SUCCESS : STATUS_FAILURE;
}

/* --------------------------------------------------------------- progress */

struct progress {
    size_t done, all, failed;
    time_t began;
    bool shown;
    uint64_t program; /* a number for it */
};

static void show_progress(const struct progress *p)
{
    long passed = (long)(time(NULL) - p->began);
    if (!p->shown) {
        return;
    }
    fprintf(stderr, "\r%zu of %zu runs ", p->done, p->all);
    print_bar(stderr, p->done, p->all, 30);
    if (p->done && p->done < p->all) {
        long left = passed * (long)(p->all - p->done) / (long)p->done;
        fprintf(stderr, " about %ld s left   ", left + 1);
    }
    if (p->done == p->all) {
        fputs("\r\033[K", stderr);
    }
    fflush(stderr);
}

/* --------------------------------------------------------------- children */

/* Wait for one child to end; false when none is left. */
static bool wait_for_one(const struct options *o, struct progress *p)
{
    int status;
    pid_t pid = wait(&status);
    if (pid < 0) {
        return errno == EINTR;
    }
    p->done++;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != STATUS_SUCCESS) {
        p->failed++;
        if (p->failed == 1 && !interrupt_pending()) {
            complain("%sa run failed; '%s/runs/' has what it said, in a .log",
                     p->shown ? "\n" : "", o->out);
        }
    }
    show_progress(p);
    return true;
}

/* Start the run in a child, or take what is kept. True: a child runs. */
static bool start(const struct run *r, const struct options *o,
                  struct progress *p)
{
    struct result kept;
    uint64_t origin = result_origin(p->program, r);
    if (!origin || result_read(o->out, r, origin, &kept)) {
        p->done++;
        p->failed += !origin;
        return false;
    }
    fflush(stdout);
    fflush(stderr);
    pid_t pid = fork();
    if (pid == 0) {
        _exit(child(r, o, origin));
    }
    if (pid < 0) {
        complain("no further process: %s", strerror(errno));
        p->done++;
        p->failed++;
    }
    return pid > 0;
}

static bool make_folders(const char *folder)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/runs", folder);
    if ((mkdir(folder, 0777) && errno != EEXIST) ||
        (mkdir(path, 0777) && errno != EEXIST)) {
        complain("%s: this folder cannot be made: %s", folder, strerror(errno));
        return false;
    }
    return true;
}

int work_do(const struct sweep *s, const struct options *o)
{
    unsigned running = 0;
    struct progress p = {.began = time(NULL),
                         .program = result_program(),
                         .shown = !o->quiet && isatty(STDERR_FILENO)};
    if (!make_folders(o->out)) {
        return STATUS_USAGE;
    }
    for (size_t i = o->part; i < s->runs; i += o->parts) {
        p.all++;
    }
    interrupt_note();
    for (size_t i = o->part; i < s->runs && !interrupt_pending();
         i += o->parts) {
        running += start(&s->run[i], o, &p);
        while (running >= o->jobs && wait_for_one(o, &p)) {
            running--;
        }
        show_progress(&p);
    }
    while (wait_for_one(o, &p)) {
    }
    if (interrupt_pending()) {
        complain("interrupted; what is done is kept, and the same command "
                 "goes on from there");
        return STATUS_INTERRUPTED;
    }
    return p.failed ? STATUS_FAILURE : STATUS_SUCCESS;
}

struct result *work_results(const struct sweep *s, const struct options *o,
                            size_t *missing)
{
    struct result *results = calloc(s->runs, sizeof *results);
    uint64_t program = result_program();
    *missing = 0;
    for (size_t i = 0; results && i < s->runs; i++) {
        const struct run *r = &s->run[i];
        *missing +=
            !result_read(o->out, r, result_origin(program, r), &results[i]);
    }
    return results;
}
