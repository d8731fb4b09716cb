/*
 * kernels.h - the guest of `make bench-host`: what its files share. It runs
 * unmodified on our bare machine, on QEMU and on Bochs.
 */
#ifndef BENCH_HOST_KERNELS_H
#define BENCH_HOST_KERNELS_H

#include <stdint.h>

/* Memory that kernels with much data share: 16 MiB up to 272 MiB. */
#define ARENA ((uint32_t *)0x1000000)
#define MEMORY (272u << 20)

typedef uint32_t kernel_round(uint32_t argument);
typedef void kernel_prepare(uint32_t argument);

/* The usual linear congruence (Numerical Recipes): the same everywhere. */
static inline uint32_t random_next(uint32_t *state)
{
    return *state = *state * 1664525u + 1013904223u;
}

/* compute.c */
kernel_round sieve, fib, crc_copy, sort, matmul, mix;
kernel_prepare crc_prepare, mix_prepare;
/* memory.c */
kernel_round chase, code_run;
kernel_prepare chase_prepare, code_prepare;
/* machine.asm */
kernel_round alu_loop, rep_strings, ring_trips, ring_trips_segments,
    page_faults;
/* Call generated code with EBX = data: a checksum of what its registers
 * were with and after. */
uint32_t call_code(const void *code, uint32_t *data, uint32_t sum);
void paging_on(const uint32_t *directory);
void paging_off(void);
extern uint32_t page_tables[MEMORY >> 12], page_directory[1024];

#endif
