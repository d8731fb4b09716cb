/*
 * case.h - one instruction to try on another processor: what compare.c and
 * an oracle (native.c, unicorn.c) share, as a file that both map.
 *
 * An oracle is a program that is given the file as descriptor 3. For each
 * byte on its standard input it runs cases 0 to count - 1, fills in their
 * `after`, and writes one byte to its standard output. It ends at the input's
 * end.
 *
 * The place that cases run in: a page of data, behind it a read-only page,
 * and a page of code; nothing is mapped near them. ES, SS and DS are flat; FS
 * is `small`, a segment that ends eight bytes before the data page does, for
 * addresses of 16 bits and for limits; GS is null. An LDT holds what segment
 * registers can be loaded with. The code page is full of INT3s, the data page
 * of zeros but for the case's own memory.
 */
#ifndef RINGSIDE_HOST_CASE_H
#define RINGSIDE_HOST_CASE_H

#include <stdint.h>

#define DATA_AT 0x00200000u
#define CONST_AT (DATA_AT + 0x1000u) /* read-only */
#define CODE_AT 0x00400000u
#define CODE_ENTRY (CODE_AT + 0x800u) /* where the instruction stands */
#define SMALL_BASE (DATA_AT - 0x8000u)
#define SMALL_LIMIT 0x8ff7u
#define SHARED_AT 0x10000000u /* where a 32-bit oracle maps the file */

#define CASE_MEMORY 128u
#define BATCH 2048u

#define TRAP_DONE 3u /* it completed: the INT3 that follows was hit */

/* What the read-only page holds at byte n. No selector there is the GDT's:
 * that would show what else the host has in it. */
static inline uint8_t const_byte(uint32_t n)
{
    uint32_t v = n % 7 == 0 ? 0xff : n % 5 == 0 ? 0 : n * 0x9d + 0x3b;
    return (uint8_t)(v | 4);
}

/*
 * The LDT: base, limit in its own units, and flags as Linux's modify_ldt has
 * them. All are of ring 3, accessed.
 */
enum {
    LDT_32BIT = 1,
    LDT_DOWN = 2, /* data that expands down */
    LDT_CODE = 4,
    LDT_CONFORMING = 6,
    LDT_READ_ONLY = 8, /* of code: execute-only */
    LDT_PAGES = 16,    /* the limit's unit */
    LDT_ABSENT = 32,
    LDT_AVL = 64,
};
struct host_segment {
    uint32_t base, limit, flags;
};
#define HOST_LDT                                                            \
    {                                                                       \
        {0, 0xfffff, LDT_32BIT | LDT_PAGES | LDT_AVL},                      \
            {0, 0xfffff, LDT_32BIT | LDT_PAGES | LDT_READ_ONLY},            \
            {0, 0x1ff, LDT_32BIT | LDT_PAGES | LDT_DOWN},                   \
            {0, 0xfffff, LDT_32BIT | LDT_PAGES | LDT_ABSENT},               \
            {0, 0xfffff, LDT_32BIT | LDT_PAGES | LDT_CODE | LDT_AVL},       \
            {0, 0xfffff, LDT_32BIT | LDT_PAGES | LDT_CODE | LDT_READ_ONLY}, \
            {CODE_AT, 0xfff, LDT_CODE},                                     \
            {CODE_AT, 0xbff, LDT_32BIT | LDT_CODE},                         \
            {0, 0xfffff, LDT_PAGES | LDT_CONFORMING | LDT_ABSENT},          \
            {DATA_AT, 0x7ff, LDT_32BIT}, {DATA_AT, 0xffff, LDT_AVL},        \
            {DATA_AT, 0x123, LDT_32BIT | LDT_CODE | LDT_ABSENT},            \
    }
#define HOST_LDT_COUNT 12u

struct host_state {
    uint32_t reg[8], eflags, eip;
    uint32_t trap; /* a vector, or TRAP_DONE */
    uint32_t error, cr2;
    uint16_t sel[6]; /* ES CS SS DS FS GS; before: as `selector` */
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
