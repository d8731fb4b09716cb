/*
 * options.h - the command line, read.
 */
#ifndef RINGSIDE_DEBUGGER_OPTIONS_H
#define RINGSIDE_DEBUGGER_OPTIONS_H

#include "../vmm/vmm.h"

enum command {
#define COMMAND(id, ...) CMD_##id,
#include "commands.def"
#undef COMMAND
    COMMAND_COUNT
};

#define GUESTS_MAX 8

struct options {
    enum command command;
    const char *name[GUESTS_MAX]; /* what stands besides options */
    int names;
    const struct technique *technique; /* NULL: not given */
    bool kind_given;
    enum cpu_kind kind;
    struct costs costs;
    const char *set[PRICE_COUNT]; /* prices changed, over those costs */
    int sets;
    const char *append; /* NULL: not given */
    uint32_t memory;    /* bytes; 0: not given */
    uint64_t limit;     /* cycles; 0: not given */
    enum schedule schedule;
    enum hosting hosting;
    uint32_t weight[GUESTS_MAX], cap[GUESTS_MAX]; /* 0: not given */
    const char *trace, *batch, *gdb, *evidence, *setup, *beside;
    const char *out;            /* bench: its folder */
    unsigned jobs, part, parts; /* bench: part from 0, of parts */
    bool reference_engine;
    bool detect, sites, spread, json, quiet, plain;
    bool count_charges; /* bench, reprice: measure_run writes a bill */
};

/* Exit status, as the manual page has it. */
enum {
    STATUS_SUCCESS = 0,
    STATUS_FAILURE = 1,
    STATUS_USAGE = 2,
    STATUS_STOPPED = 3,
    STATUS_LIMIT = 124,
    STATUS_INTERRUPTED = 130,
};

/*
 * Read argv. True: do out->command. False: all is said already (help, or
 * what is wrong), and *status is the program's.
 */
bool options_parse(int argc, char **argv, struct options *out, int *status);

/* Every command, in cmd_<name>.c; each returns the exit status. */
#define COMMAND(id, ...) int cmd_##id(const struct options *o);
#include "commands.def"
#undef COMMAND

#endif
