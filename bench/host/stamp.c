/*
 * stamp.c - run an emulator and time what its guest does.
 *
 *     stamp [-t SECONDS] COMMAND...
 *
 * The guest (main.c) says "@begin NAME" and "@end NAME ROUNDS CHECKSUM".
 * For each pair a line goes to standard output:
 *
 *     NAME <tab> ROUNDS <tab> CHECKSUM <tab> seconds of processor <tab> wall
 *
 * Processor time is the emulator's own, all its threads, from its CPU clock
 * (clock_getcpuclockid): another program's work does not count. After "@done"
 * the emulator is killed, and the status is 0. It is 1 if the emulator ends
 * without, or has not come so far after SECONDS (default 600); what it said
 * last is then on standard error.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct stamp {
    double processor, wall;
};

struct run {
    pid_t child;
    clockid_t clock; /* the child's processor time */
    int from;        /* its standard output and error */
    struct stamp began;
    char line[256], last[256];
    size_t used;
    bool done;
};

static double seconds(clockid_t clock)
{
    struct timespec t = {0};
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct stamp now(const struct run *r)
{
    return (struct stamp){seconds(r->clock), seconds(CLOCK_MONOTONIC)};
}

static bool start(struct run *r, char **command)
{
    int ends[2];
    if (pipe(ends) != 0 || (r->child = fork()) < 0) {
        perror("stamp");
        return false;
    }
    if (r->child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(command[0], command);
        fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
        _exit(127);
    }
    close(ends[1]);
    r->from = ends[0];
    return clock_getcpuclockid(r->child, &r->clock) == 0;
}

static void take_line(struct run *r, struct stamp at)
{
    char name[64], sum[64];
    unsigned rounds;
    const char *line = strchr(r->line, '@'); /* after a loader's talk */
    if (!line) {
        strcpy(r->last, r->line);
    } else if (strncmp(line, "@begin", 6) == 0) {
        r->began = at;
    } else if (sscanf(line, "@end %63s %u %63s", name, &rounds, sum) == 3) {
        printf("%s\t%u\t%s\t%.6f\t%.6f\n", name, rounds, sum,
               at.processor - r->began.processor, at.wall - r->began.wall);
    } else if (strcmp(line, "@done") == 0) {
        r->done = true;
    }
}

static void take_bytes(struct run *r, const char *bytes, size_t n)
{
    struct stamp at = now(r);
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n' || r->used == sizeof r->line - 1) {
            r->line[r->used] = 0;
            r->used = 0;
            take_line(r, at);
        } else if (bytes[i] != '\r') {
            r->line[r->used++] = bytes[i];
        }
    }
}

static void watch(struct run *r, double limit)
{
    double until = seconds(CLOCK_MONOTONIC) + limit;
    while (!r->done) {
        char bytes[512];
        struct pollfd poll_for = {.fd = r->from, .events = POLLIN};
        double left = until - seconds(CLOCK_MONOTONIC);
        if (left <= 0 || poll(&poll_for, 1, (int)(left * 1000) + 1) <= 0)
            return;
        ssize_t n = read(r->from, bytes, sizeof bytes);
        if (n <= 0)
            return;
        take_bytes(r, bytes, (size_t)n);
    }
}

int main(int argc, char **argv)
{
    struct run r = {0};
    double limit = 600;
    if (argc > 2 && strcmp(argv[1], "-t") == 0) {
        limit = atof(argv[2]);
        argv += 2;
        argc -= 2;
    }
    if (argc < 2) {
        fprintf(stderr, "usage: stamp [-t SECONDS] COMMAND...\n");
        return 2;
    }
    if (!start(&r, argv + 1))
        return 1;
    watch(&r, limit);
    if (!r.done)
        fprintf(stderr, "stamp: %s ended or stuck; it said last: %s\n", argv[1],
                r.last);
    kill(r.child, SIGKILL);
    waitpid(r.child, NULL, 0);
    return r.done ? 0 : 1;
}
