/*
 * stale - a translation that the processor still has, of a mapping that is
 * gone: a way to write to a page table?
 *
 * A page is mapped twice and written to by both ways. Both mappings go, but
 * the guest flushes nothing: it may. Then the page becomes a page table. Each
 * write to it must now fault, or be done by the monitor, who checks it.
 */
#include "requests.h"

SEEDED;

#define GOOD (PTE_P | PTE_W)
#define ROUNDS (3 + SEED % 3)

static uint32_t resume, faulted;

static uint32_t on_write_fault(uint32_t address, uint32_t error, uint32_t eip)
{
    (void)address;
    (void)error;
    (void)eip;
    faulted = 1;
    return resume;
}

/* One MOV; false: it was a page fault. */
static bool try_write(uint32_t *at, uint32_t value)
{
    faulted = 0;
    __asm__ volatile("movl $1f, %0\n\tmovl %2, (%1)\n1:"
                     : "=m"(resume)
                     : "r"(at), "r"(value)
                     : "memory");
    return !faulted;
}

static void writes(const char *how, uint32_t *at, uint32_t value, bool expected)
{
    bool done = is_para ? try_write(at, value) : expected;
    say("write %s: %s\n", how, done ? "done" : "page fault");
}

/* By the page's own home, read-only as it is now. */
static void writes_entry(const char *how, uint32_t table, uint32_t slot,
                         uint32_t e)
{
    bool done = by_plain_write(table, slot, e);
    writes(how, home(table) + slot_number(table, slot), real_entry(e), done);
}

/* A mapping that is replaced, and this time flushed, shows the new frame. */
static void looks_elsewhere(uint32_t window, uint32_t value)
{
    volatile uint32_t *alias = home(window), *data = home(TABLES);
    say("the window shows frame %u\n", TABLES);
    ask(a_mapping(window, entry(TABLES, GOOD)));
    if (is_para)
        *alias = value;
    say("which is %x now\n", is_para ? *data : value);
}

static void one_round(uint32_t table, uint32_t window)
{
    uint32_t slot = dice(SLOTS), *done, *alias = home(window);
    say("frame %u is mapped twice, and written to\n", table);
    ask(a_mapping(window, entry(table, GOOD)));
    writes("through the window", alias, 0, true);
    writes("at home", home(table), 0, true);
    looks_elsewhere(window, dice(1000000));
    ask(a_mapping(window, entry(table, GOOD)));
    writes("through the window", alias, 0, true);
    struct update u[2] = {
        {.table = TABLE, .slot = window},
        {.table = TABLE, .slot = table, .entry = entry(table, PTE_P)}};
    say("both mappings go\n");
    ask(an_update(u, 2, &done));
    say("frame %u becomes a page table\n", table);
    pin(table, L1);
    writes("through the window", alias + slot_number(table, slot), 0x7003,
           false);
    writes_entry("of a good entry", table, slot, entry(TABLES, GOOD));
    writes_entry("of a foreign frame", table, slot, entry(FOREIGN, GOOD));
    writes_entry("that maps the table itself", table, slot, entry(table, GOOD));
    say("it is a page again\n");
    unpin(table);
    set_home(table, GOOD);
    set_home(window, GOOD);
}

void lesson(void)
{
    start();
    take_faults(on_write_fault);
    for (uint32_t i = 0; i < ROUNDS; i++)
        one_round(dice(TABLES), TABLES + 1 + dice(POOL - TABLES - 1));
    say_end();
}
