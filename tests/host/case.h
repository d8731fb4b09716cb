/*
 * case.h - one instruction to try on another processor: what compare.c and
 * an oracle (native.c, unicorn.c) share, as a file that both map.
 *
 * An oracle is a program that is given the file as descriptor 3. For each
 * byte on its standard input it runs cases 0 to count - 1, fills in their
 * `after`, and writes one byte to its standard output. It ends at the input's
 * end.
 *
 * The place that cases run in: one page of data and one of code, nothing
 * mapped near them. ES, SS and DS are flat; FS is `small`, a segment that
 * ends eight bytes before the data page does, for addresses of 16 bits and
 * for limits; GS is null. The code page is full of INT3s, the data page of
 * zeros but for the case's own memory.
 */
#ifndef RINGSIDE_HOST_CASE_H
#define RINGSIDE_HOST_CASE_H

#include <stdint.h>

#define DATA_AT 0x00200000u
#define CODE_AT 0x00400000u
#define CODE_ENTRY (CODE_AT + 0x800u) /* where the instruction stands */
#define SMALL_BASE (DATA_AT - 0x8000u)
#define SMALL_LIMIT 0x8ff7u
#define SHARED_AT 0x10000000u /* where a 32-bit oracle maps the file */

#define CASE_MEMORY 128u
#define BATCH 2048u

#define TRAP_DONE 3u /* it completed: the INT3 that follows was hit */

struct host_state {
    uint32_t reg[8], eflags, eip;
    uint32_t trap; /* a vector, or TRAP_DONE */
    uint32_t error, cr2;
    uint8_t memory[CASE_MEMORY];
};

struct host_case {
    uint8_t code[16];
    uint32_t memory_at; /* linear address of `memory` */
    uint32_t small_es;  /* ES is `small` too */
    struct host_state before, after;
};

struct host_batch {
    uint32_t count;
    uint32_t selector[6]; /* the oracle's, by number: ES CS SS DS FS GS */
    struct host_case cases[BATCH];
};

#endif
