/*
 * debugger.c - the debugger, with a small guest, for the fuzzer.
 *
 * Each run has its own machine, and may take so many cycles. The guest is
 * the lesson beside the program, with its source lines.
 */
#define _GNU_SOURCE /* memfd_create */
#include "debugger.h"
#include "../../debugger/options.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define CYCLES 400000u

int fuzz_file(const void *text, size_t size)
{
    int fd = memfd_create("fuzz", 0);
    if (fd < 0 || write(fd, text, size) != (ssize_t)size ||
        lseek(fd, 0, SEEK_SET) != 0)
        abort();
    return fd;
}

void fuzz_debug(unsigned which, int batch, int packets)
{
    static const char *const techniques[] = {"full", "bare", "translate",
                                             "hvm"};
    char path[32], err[512];
    struct options o = {.command = CMD_debug,
                        .names = 1,
                        .name = {"ring-change"},
                        .plain = true,
                        .limit = CYCLES,
                        .memory = 2u << 20,
                        .technique = technique_find(techniques[which % 4])};
    snprintf(path, sizeof path, "/proc/self/fd/%d", batch);
    o.batch = batch >= 0 ? path : NULL;
    o.gdb = batch >= 0 ? NULL : "-";
    if (batch < 0 && dup2(packets, STDIN_FILENO) != STDIN_FILENO)
        abort();
    if (costs_load(&o.costs, "unit", err, sizeof err) != 0)
        abort();
    cmd_debug(&o);
}

void fuzz_quiet(void)
{
    if (!freopen("/dev/null", "w", stdout))
        abort();
}
