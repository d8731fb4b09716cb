/*
 * cpu_fixture.h - a processor with a megabyte of memory, for tests of what no
 * other program shows: cycles, hooks, interrupts at a chosen instruction.
 *
 *     1000  code, where it starts        5000  IDT: interrupt gates to 6000 +
 *     3000  stack's top                        16 * vector, HLT each
 *     4000  GDT, see SEL_*               7f00  TSS
 *     8000  page directory, 9000 page table of the first 4 MiB
 *     a000  what tests use
 */
#ifndef RINGSIDE_TESTS_CPU_FIXTURE_H
#define RINGSIDE_TESTS_CPU_FIXTURE_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../../cpu/cpu.h"

#define RAM_SIZE (1u << 20)
enum {
    CODE_AT = 0x1000,
    STACK_AT = 0x3000,
    GDT_AT = 0x4000,
    IDT_AT = 0x5000,
    HANDLERS = 0x6000,
    TSS_AT = 0x7f00,
    DIR_AT = 0x8000,
    TABLE_AT = 0x9000,
    DATA_AT = 0xa000,
    SEL_CODE = 0x08,
    SEL_DATA = 0x10,
    SEL_CODE3 = 0x1b,
    SEL_DATA3 = 0x23,
    SEL_TSS = 0x28,
    SEL_OWN = 0x30, /* the test's own */
};

struct bench {
    struct cpu *c;
    struct costs costs;
    struct cpu_bus bus;
    struct cpu_hooks hooks;
    unsigned acknowledged, silent, events, reads, writes;
    uint32_t frame_asked;
    uint8_t ram[RAM_SIZE];
};

static inline uint8_t *bench_frame(void *wire, mpa_t page, bool *writable)
{
    (void)writable;
    struct bench *b = wire;
    b->frame_asked++;
    return page.v < RAM_SIZE ? b->ram + page.v : NULL;
}
static inline uint8_t bench_acknowledge(void *wire)
{
    struct bench *b = wire;
    b->acknowledged++;
    b->c->interrupt_line = false;
    return 0x20;
}

static inline void poke32(struct bench *b, uint32_t at, uint32_t v)
{
    memcpy(b->ram + at, &v, 4);
}
static inline uint32_t peek32(const struct bench *b, uint32_t at)
{
    uint32_t v;
    memcpy(&v, b->ram + at, 4);
    return v;
}
/* Access byte and flags as in the manual: 0xcf9a is flat ring-0 code with
 * the limit's high nibble in bits 11:8. */
static inline void set_descriptor(struct bench *b, uint32_t sel, uint32_t base,
                                  uint32_t limit, uint32_t access,
                                  uint32_t flags)
{
    poke32(b, GDT_AT + (sel & ~7u), base << 16 | (limit & 0xffff));
    poke32(b, GDT_AT + (sel & ~7u) + 4,
           (base & 0xff000000) | flags << 20 | (limit & 0xf0000) | access << 8 |
               (base >> 16 & 0xff));
}
static inline void set_gate(struct bench *b, unsigned vector, uint32_t sel,
                            uint32_t off, uint32_t access)
{
    poke32(b, IDT_AT + vector * 8, sel << 16 | (off & 0xffff));
    poke32(b, IDT_AT + vector * 8 + 4, (off & 0xffff0000) | access << 8);
}
static inline uint32_t handler(unsigned vector)
{
    return HANDLERS + vector * 16;
}

#define CODE(b, ...)                                       \
    do {                                                   \
        const uint8_t bytes_[] = {__VA_ARGS__};            \
        memcpy((b)->ram + CODE_AT, bytes_, sizeof bytes_); \
        cpu_frame_changed((b)->c, (mpa_t){CODE_AT});       \
    } while (0)

/* A flat ring-0 machine, paging off, interrupts off, prices all one. */
static inline struct bench *bench_new(enum cpu_kind kind)
{
    struct bench *b = calloc(1, sizeof *b);
    char err[200];
    cr_assert(b);
    cr_assert_eq(costs_load(&b->costs, "unit", err, sizeof err), 0, "%s", err);
    b->bus = *bus_none();
    b->bus.frame = bench_frame;
    b->bus.acknowledge = bench_acknowledge;
    b->c = cpu_new(kind, &b->costs, &b->bus, b);
    cr_assert(b->c);
    set_descriptor(b, SEL_CODE, 0, 0xfffff, 0x9b, 0xc);
    set_descriptor(b, SEL_DATA, 0, 0xfffff, 0x93, 0xc);
    set_descriptor(b, SEL_CODE3, 0, 0xfffff, 0xfb, 0xc);
    set_descriptor(b, SEL_DATA3, 0, 0xfffff, 0xf3, 0xc);
    set_descriptor(b, SEL_TSS, TSS_AT, 103, 0x8b, 0);
    poke32(b, TSS_AT + 4, STACK_AT);
    poke32(b, TSS_AT + 8, SEL_DATA);
    for (unsigned v = 0; v < 256; v++) {
        set_gate(b, v, SEL_CODE, handler(v), 0x8e);
        b->ram[handler(v)] = 0xf4;
    }
    cpu_reset_flat32(b->c, CODE_AT);
    b->c->gdtr = (struct table_reg){GDT_AT, 0x3f};
    b->c->idtr = (struct table_reg){IDT_AT, 0x7ff};
    b->c->tr = (struct segment){SEL_TSS, 0x8b, TSS_AT, 103};
    b->c->reg[REG_ESP] = STACK_AT;
    return b;
}
static inline void bench_free(struct bench *b)
{
    cpu_free(b->c);
    free(b);
}

/* Paging on: the first 4 MiB as they are, for all; the entries are poked. */
static inline void bench_paging(struct bench *b)
{
    poke32(b, DIR_AT, TABLE_AT | 7);
    for (uint32_t n = 0; n < 1024; n++)
        poke32(b, TABLE_AT + 4 * n, n << 12 | 7);
    cr_assert_eq(cpu_set_cr(b->c, 4, CR4_PSE | CR4_PGE), 0);
    cr_assert_eq(cpu_set_cr(b->c, 3, DIR_AT), 0);
    cr_assert_eq(cpu_set_cr(b->c, 0, CR0_PE | CR0_PG | CR0_WP), 0);
}
/* Into ring 3, at the same code. */
static inline void bench_ring3(struct bench *b)
{
    struct segment code = {SEL_CODE3, 0xcfb, 0, UINT32_MAX};
    struct segment data = {SEL_DATA3, 0xcf3, 0, UINT32_MAX};
    for (int s = 0; s < SEG_COUNT; s++)
        b->c->seg[s] = s == SEG_CS ? code : data;
    b->c->cpl = 3;
}
/* Put the processor back to the start of the code. */
static inline void bench_again(struct bench *b)
{
    b->c->eip = CODE_AT;
    b->c->halted = false;
}
/* Run up to a halt and tell the last event's vector, or -1 for none. */
static inline int bench_run(struct bench *b)
{
    b->c->last_event.kind = EVENT_NONE;
    enum cpu_stop why = cpu_run(b->c, b->c->cycles + 100000);
    cr_assert(why == CPU_HALTED || why == CPU_SHUTDOWN, "stopped by %d", why);
    return b->c->last_event.kind == EVENT_NONE ? -1 : b->c->last_event.vector;
}

#endif
