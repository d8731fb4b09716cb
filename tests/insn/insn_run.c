/*
 * insn_run.c - run an instruction test on the bare machine.
 *
 *     insn_run IMAGE          until it writes to port 0xF4
 *     insn_run --ids IMAGE    the same watched: every row's id that ran is
 *                             written to standard error, one a line
 *     insn_run --rows         write every row's id to standard output
 *
 * IMAGE is a flat file that begins with a Multiboot header with addresses.
 * What it writes to port 0xE9 goes to standard output. Exit status: what was
 * written to port 0xF4, or 3 where the processor shut down or halted.
 */
#include "../../devices/devices.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RAM_SIZE (16u << 20)
#define LOAD_AT 0x100000u
#define ENTRY_FIELD 28 /* of the Multiboot header */
#define LIMIT 1000000000u

struct run {
    struct machine *machine;
    int status; /* -1 while it runs */
    uint8_t ran[INSN_COUNT];
};

static void debug_out(void *owner, uint8_t byte)
{
    (void)owner;
    putchar(byte);
}

static void serial_out(void *owner, uint8_t byte)
{
    (void)owner, (void)byte;
}

static void exit_port(void *owner, uint32_t value)
{
    struct run *r = owner;
    r->status = (int)(value & 0xff);
    cpu_stop_soon(r->machine->cpu);
}

static void marker(void *owner, uint32_t id)
{
    (void)owner, (void)id;
}

static void reset(void *owner)
{
    exit_port(owner, 3);
}

static void before(void *who, struct cpu *c, const struct insn *in)
{
    (void)c;
    ((struct run *)who)->ran[in->id] = 1;
}

static bool load(struct run *r, const char *path)
{
    struct ram *ram = &r->machine->ram;
    uint32_t entry;
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    size_t n = fread(ram->bytes + LOAD_AT, 1, ram->size - LOAD_AT, f);
    fclose(f);
    memcpy(&entry, ram->bytes + LOAD_AT + ENTRY_FIELD, sizeof entry);
    cpu_reset_flat32(r->machine->cpu, entry);
    return n > ENTRY_FIELD + 4;
}

static int list_rows(void)
{
    for (int id = 1; id < INSN_COUNT; id++)
        puts(insn_rows[id].id);
    return 0;
}

int main(int argc, char **argv)
{
    struct run r = {.status = -1};
    struct board_owner sink = {.owner = &r,
                               .serial_out = serial_out,
                               .debug_out = debug_out,
                               .exit_port = exit_port,
                               .marker = marker,
                               .reset = reset};
    struct cpu_hooks hooks = {.who = &r, .before = before};
    struct costs costs;
    char err[200] = "use: insn_run [--ids] IMAGE";
    bool ids = argc > 2 && strcmp(argv[1], "--ids") == 0;
    if (argc == 2 && strcmp(argv[1], "--rows") == 0)
        return list_rows();
    if (argc < 2 || costs_load(&costs, "pentium", err, sizeof err) != 0 ||
        !(r.machine = machine_new(CPU_CLASSIC, &costs, RAM_SIZE, &sink)) ||
        !load(&r, argv[argc - 1])) {
        fprintf(stderr, "insn_run: %s\n", err);
        return 2;
    }
    if (ids)
        r.machine->cpu->hooks = &hooks;
    while (r.status < 0 && machine_run(r.machine, LIMIT) == CPU_ASKED)
        continue;
    for (int id = 1; ids && id < INSN_COUNT; id++)
        if (r.ran[id])
            fprintf(stderr, "%s\n", insn_rows[id].id);
    machine_free(r.machine);
    return r.status < 0 ? 3 : r.status;
}
