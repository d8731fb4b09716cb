/*
 * The bare machine: memory's edges, A20, sleep, and that stepping and running
 * take the same time. Guest code is a few bytes, written out with its NASM
 * text beside it.
 */
#include "../../devices/devices.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define CODE 0x7000u
#define MHZ 100u

static struct costs costs;
static struct machine *m;
static unsigned exits, resets;

static uint64_t never_asked(void *o)
{
    (void)o;
    return 0;
}
static void line(void *o, bool up)
{
    (void)o;
    (void)up;
}
static void nothing(void *o)
{
    (void)o;
}
static void byte_out(void *o, uint8_t b)
{
    (void)o;
    (void)b;
}
static void count_exit(void *o, uint32_t v)
{
    (void)v;
    exits++;
    struct machine **machine = o;
    cpu_stop_soon((*machine)->cpu);
}
static void marker(void *o, uint32_t v)
{
    (void)o;
    (void)v;
}
static void reset(void *o)
{
    (void)o;
    resets++;
}

static struct machine *make(void)
{
    struct board_owner sink = {.owner = &m,
                               .now = never_asked,
                               .interrupt_line = line,
                               .rescheduled = nothing,
                               .serial_out = byte_out,
                               .debug_out = byte_out,
                               .exit_port = count_exit,
                               .marker = marker,
                               .reset = reset};
    struct machine *made = machine_new(CPU_CLASSIC, &costs, 4u << 20, &sink);
    cr_assert(made);
    return made;
}

/* Memory: a flat GDT at 0x600, an IDT at 0x800 with gate 0x20 to 0x6000,
 * which holds "end of interrupt, count, iret"; code at CODE. */
static void start(void)
{
    static const uint8_t handler[] = {
        0x50,                               /* push eax */
        0xb0, 0x20, 0xe6, 0x20,             /* mov al,0x20; out 0x20,al */
        0xff, 0x05, 0x00, 0x50, 0x00, 0x00, /* inc dword [0x5000] */
        0x58, 0xcf};                        /* pop eax; iret */
    static const uint64_t gdt[] = {0, 0x00cf9a000000ffff, 0x00cf92000000ffff};
    static const uint64_t gate = 0x00008e0000086000;
    char err[128];
    cr_assert_eq(costs_load(&costs, "unit", err, sizeof err), 0, "%s", err);
    exits = resets = 0;
    m = make();
    memcpy(m->ram.bytes + 0x600, gdt, sizeof gdt);
    memcpy(m->ram.bytes + 0x800 + 0x20 * 8, &gate, 8);
    memcpy(m->ram.bytes + 0x6000, handler, sizeof handler);
    cpu_reset_flat32(m->cpu, CODE);
    m->cpu->gdtr = (struct table_reg){0x600, 23};
    m->cpu->idtr = (struct table_reg){0x800, 0x7ff};
    m->cpu->reg[REG_ESP] = 0x9000;
}

static void end(void)
{
    machine_free(m);
}

static void code(const void *bytes, size_t n)
{
    memcpy(m->ram.bytes + CODE, bytes, n);
}

static uint32_t word(uint32_t at)
{
    uint32_t v;
    memcpy(&v, m->ram.bytes + at, 4);
    return v;
}

/* Timer at 1000 Hz, nearly: vector 0x20, IRQ 0 alone, mode 2, count 1193. */
static void start_timer(void)
{
    static const uint8_t out[][2] = {{0x20, 0x11}, {0x21, 0x20}, {0x21, 0x04},
                                     {0x21, 0x01}, {0x21, 0xfe}, {0x43, 0x34},
                                     {0x40, 0xa9}, {0x40, 0x04}};
    for (size_t i = 0; i < sizeof out / sizeof out[0]; i++) {
        board_out(m->board, out[i][0], 1, out[i][1]);
    }
}

TestSuite(machine, .init = start, .fini = end);

Test(machine, above_memory_nobody_answers)
{
    static const uint8_t program[] = {
        0xa1, 0x00, 0x00, 0x40, 0x00,             /* mov eax,[4 MiB] */
        0xc6, 0x05, 0x00, 0x00, 0x40, 0x00, 0x12, /* mov byte [..],0x12 */
        0x8a, 0x1d, 0x00, 0x00, 0x40, 0x00,       /* mov bl,[4 MiB] */
        0xf4};                                    /* hlt */
    code(program, sizeof program);
    cr_assert_eq(machine_run(m, UINT64_MAX), CPU_HALTED);
    cr_assert_eq(m->cpu->reg[REG_EAX], 0xffffffff);
    cr_assert_eq(m->cpu->reg[REG_EBX] & 0xff, 0xff);
}

Test(machine, a20_low_folds_odd_mebibytes_down)
{
    static const uint8_t program[] = {
        0xc7, 0x05, 0x00, 0x80, 0x10, 0x00, 1, 0, 0, 0, /* [0x108000] = 1 */
        0x30, 0xc0, 0xe6, 0x92,                         /* A20 low */
        0xc7, 0x05, 0x00, 0x80, 0x10, 0x00, 2, 0, 0, 0, /* [0x108000] = 2 */
        0xb0, 0x02, 0xe6, 0x92,                         /* A20 high */
        0xc7, 0x05, 0x04, 0x80, 0x10, 0x00, 3, 0, 0, 0, /* [0x108004] = 3 */
        0xf4};
    code(program, sizeof program);
    cr_assert_eq(machine_run(m, UINT64_MAX), CPU_HALTED);
    cr_assert_eq(word(0x108000), 1);
    cr_assert_eq(word(0x8000), 2);
    cr_assert_eq(word(0x108004), 3);
    cr_assert_eq(word(0x8004), 0);
}

Test(machine, sleep_skips_to_the_timer_and_is_counted)
{
    static const uint8_t program[] = {0xfb, 0xf4,  /* sti; hlt */
                                      0xeb, 0xfd}; /* jmp to the hlt */
    code(program, sizeof program);
    start_timer();
    cr_assert_eq(machine_run(m, MHZ * 1000000), CPU_DEADLINE); /* a second */
    /* 1193182 / 1193 interrupts in a second. */
    cr_assert_eq(word(0x5000), 1000);
    cr_assert_gt(m->idle, MHZ * 1000000 * 9 / 10);
    cr_assert_lt(m->cpu->instructions, 20000);
}

Test(machine, a_halt_that_nothing_ends)
{
    static const uint8_t program[] = {0xfa, 0xf4}; /* cli; hlt */
    code(program, sizeof program);
    start_timer();
    cr_assert_eq(machine_run(m, UINT64_MAX), CPU_HALTED);
    static const uint8_t open[] = {0xfb, 0xf4}; /* sti; hlt, and no timer */
    end();
    start();
    code(open, sizeof open);
    cr_assert_eq(machine_run(m, UINT64_MAX), CPU_HALTED);
}

Test(machine, stepping_takes_the_time_that_running_takes)
{
    static const uint8_t program[] = {0xfb, 0x40, 0x40, 0xf4, /* inc eax .. */
                                      0xeb, 0xfb};
    code(program, sizeof program);
    start_timer();
    cr_assert_eq(machine_run(m, 3000000), CPU_DEADLINE);
    uint64_t cycles = m->cpu->cycles, instructions = m->cpu->instructions;
    uint32_t ticks = word(0x5000), eax = m->cpu->reg[REG_EAX];
    end();
    start();
    code(program, sizeof program);
    start_timer();
    while (m->cpu->instructions < instructions) {
        cr_assert_eq(machine_step(m), CPU_DEADLINE);
    }
    cr_assert_eq(word(0x5000), ticks);
    cr_assert_eq(m->cpu->reg[REG_EAX], eax);
    /* The last step may have slept on to the next tick. */
    cr_assert_lt(m->cpu->cycles, cycles + MHZ * 1000);
    cr_assert_gt(ticks, 25);
}

Test(machine, running_in_slices_changes_nothing)
{
    static const uint8_t program[] = {0xfb, 0x40, 0x75, 0xfd, 0xf4};
    code(program, sizeof program);
    start_timer();
    machine_run(m, 2000000);
    uint64_t cycles = m->cpu->cycles;
    uint32_t ticks = word(0x5000), eax = m->cpu->reg[REG_EAX];
    end();
    start();
    code(program, sizeof program);
    start_timer();
    for (uint64_t at = 0; at < 2000000; at += 777) {
        machine_run(m, at);
    }
    machine_run(m, 2000000);
    cr_assert_eq(m->cpu->cycles, cycles);
    cr_assert_eq(word(0x5000), ticks);
    cr_assert_eq(m->cpu->reg[REG_EAX], eax);
}

Test(machine, the_exit_port_and_the_reset_reach_the_sink)
{
    static const uint8_t program[] = {0xb0, 0xfe, 0xe6, 0x64, /* reset */
                                      0xb0, 0x00, 0xe6, 0xf4, /* exit 0 */
                                      0xeb, 0xfe};
    code(program, sizeof program);
    cr_assert_eq(machine_run(m, 1000000), CPU_ASKED);
    cr_assert_eq(resets, 1);
    cr_assert_eq(exits, 1);
}

Test(machine, two_machines_in_one_process)
{
    static const uint8_t program[] = {0xfb, 0xf4, 0xeb, 0xfd};
    struct machine *first = m;
    code(program, sizeof program);
    start_timer();
    machine_run(first, 1000000);
    uint32_t ticks = word(0x5000);
    start(); /* another, at its own time */
    code(program, sizeof program);
    start_timer();
    machine_run(m, 500000);
    machine_free(m);
    m = first;
    cr_assert_eq(word(0x5000), ticks);
    machine_run(m, 2000000);
    cr_assert_geq(word(0x5000), 2 * ticks);
}
