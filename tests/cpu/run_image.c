/*
 * run_image.c - run a flat image on the bare processor, for test scripts.
 *
 *     run_image [--step] [--hooks] IMAGE
 *
 * The image stands at 1 MiB and starts 32 bytes in. What it writes to port
 * 0xE9 goes to standard output; a write to port 0xF4 ends the run. With
 * --step it runs instruction by instruction, with --hooks while watched; the
 * closing line on standard error tells the clock, which must not depend on
 * it. Exit status: what was written to port 0xF4, or 3.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../../cpu/cpu.h"

#define RAM_SIZE (16u << 20)
#define LOAD_AT 0x100000u
#define LIMIT 20000000000u

struct bare {
    struct cpu *cpu;
    uint8_t *ram;
    int status; /* -1 while it runs */
    uint64_t seen;
};

static uint8_t *frame(void *wire, mpa_t page, bool *writable)
{
    (void)writable;
    struct bare *b = wire;
    return page.v < RAM_SIZE ? b->ram + page.v : NULL;
}

static void port_out(void *wire, uint16_t port, unsigned size, uint32_t value)
{
    struct bare *b = wire;
    (void)size;
    if (port == 0xe9)
        putchar((int)(value & 0xff));
    if (port == 0xf4) {
        b->status = (int)value;
        cpu_stop_soon(b->cpu);
    }
}

static void see(void *who, struct cpu *c, gva_t at, unsigned size, bool write,
                uint32_t value)
{
    (void)c, (void)at, (void)size, (void)write, (void)value;
    ((struct bare *)who)->seen++;
}

static bool load(struct bare *b, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    size_t n = fread(b->ram + LOAD_AT, 1, RAM_SIZE - LOAD_AT, f);
    fclose(f);
    return n > 32;
}

static void run(struct bare *b, bool step)
{
    enum cpu_stop why = CPU_DEADLINE;
    while (b->status < 0 && why == CPU_DEADLINE && b->cpu->cycles < LIMIT)
        why = step ? cpu_step(b->cpu) : cpu_run(b->cpu, LIMIT);
}

int main(int argc, char **argv)
{
    struct bare b = {.status = -1};
    bool step = false, watch = false;
    int n = 1;
    for (; n < argc - 1; n++) {
        step = step || strcmp(argv[n], "--step") == 0;
        watch = watch || strcmp(argv[n], "--hooks") == 0;
    }
    char err[200];
    struct costs costs;
    struct cpu_bus bus = *bus_none();
    bus.frame = frame;
    bus.port_out = port_out;
    b.ram = calloc(1, RAM_SIZE);
    if (n >= argc || !b.ram || !load(&b, argv[n]) ||
        costs_load(&costs, "pentium", err, sizeof err) != 0) {
        fprintf(stderr, "use: run_image [--step] [--hooks] IMAGE\n");
        free(b.ram);
        return 2;
    }
    b.cpu = cpu_new(CPU_CLASSIC, &costs, &bus, &b);
    cpu_reset_flat32(b.cpu, LOAD_AT + 32);
    struct cpu_hooks hooks = {.who = &b, .memory = see};
    if (watch)
        b.cpu->hooks = &hooks;
    clock_t start = clock();
    run(&b, step);
    double took = (double)(clock() - start) / CLOCKS_PER_SEC;
    fprintf(stderr, "cycles %llu instructions %llu\n",
            (unsigned long long)b.cpu->cycles,
            (unsigned long long)b.cpu->instructions);
    if (took > 0.2)
        fprintf(stderr, "%.1f million instructions a second\n",
                (double)b.cpu->instructions / took / 1e6);
    if (b.cpu->shutdown)
        fprintf(stderr, "shutdown at %x\n", (unsigned)b.cpu->eip);
    cpu_free(b.cpu);
    free(b.ram);
    return b.status < 0 ? 3 : b.status;
}
