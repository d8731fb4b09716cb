/*
 * machine.h - a small machine full of random code, tables and registers: what
 * lockstep.c and the fuzzer's target run in two ways and compare.
 *
 * A number makes a machine: the same number, the same machine, to the byte.
 * Its code is mostly instructions of insn.def, every row, with addresses that
 * hit, miss and overlap code; every exception and interrupt has a handler
 * that goes on somewhere, so that it runs for long.
 *
 *     00000  real mode's interrupt table      05000  page tables (5 pages)
 *     01000  GDT    02000  IDT                0b000  handlers
 *     03000  TSS and its I/O bitmap           10000  code, 16 KiB
 *                                             20000  data   30000  stacks
 */
#ifndef RINGSIDE_FUZZ_MACHINE_H
#define RINGSIDE_FUZZ_MACHINE_H

#include <stdio.h>
#include "../../cpu/cpu.h"

#define MACHINE_RAM (1u << 18)
#define MACHINE_CODE 0x10000u

struct machine {
    struct cpu *c;
    struct costs costs;
    struct cpu_bus bus;
    uint8_t *ram;
    uint64_t dice; /* for what comes from outside: interrupts */
};

/* Code of the caller's own stands where the machine starts; it may be none.
 * False without memory. */
bool machine_new(struct machine *m, uint64_t seed, const uint8_t *code,
                 size_t size);
void machine_free(struct machine *m);

/* Until the clock reaches `cycle`, or it is shut down: one instruction after
 * the other by cpu_step, which nothing is kept for, or by cpu_run. A halt is
 * woken by an interrupt or an NMI. */
void machine_step_to(struct machine *m, uint64_t cycle);
void machine_run_to(struct machine *m, uint64_t cycle);

/* What differs, in a word, or NULL. Memory is compared only if asked. */
const char *machine_difference(const struct machine *a, const struct machine *b,
                               bool memory);
void machine_show(FILE *to, const char *name, const struct machine *m);

static inline uint32_t roll(uint64_t *dice)
{
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    return (uint32_t)(*dice >> 16);
}

/* Random instructions over code[0..size): stream.c. `d32`: for CS.D set. */
void stream_fill(uint64_t *dice, uint8_t *code, uint32_t size, bool d32);
/* An address that is likely to be something. */
uint32_t stream_place(uint64_t *dice);

#endif
