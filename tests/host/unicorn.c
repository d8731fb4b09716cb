/*
 * unicorn.c - the oracle where the host runs no 32-bit x86 programs: the
 * Unicorn library, which is QEMU's translator without a machine.
 *
 * What it knows less of than a processor is left out by host_compare
 * --translator.
 */
#include "case.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unicorn/unicorn.h>
#include <unistd.h>

#define GDT_AT 0x70000000u
#define NOWHERE 0x60000000u /* an address that no case comes to */
enum { SEL_FLAT = 0x10, SEL_SMALL = 0x18 };

static struct host_batch *batch;
static uint32_t trap, error, cr2; /* of the case that runs */

static void on_interrupt(uc_engine *uc, uint32_t vector, void *user)
{
    (void)user;
    trap = vector;
    uc_emu_stop(uc);
}

static bool on_fault(uc_engine *uc, uc_mem_type type, uint64_t at, int size,
                     int64_t value, void *user)
{
    (void)uc, (void)size, (void)value, (void)user;
    trap = 14;
    error = type == UC_MEM_READ_UNMAPPED || type == UC_MEM_READ_PROT ? 4 : 6;
    cr2 = (uint32_t)at;
    return false;
}

/* Base, limit in bytes, access byte; flags: 32-bit. */
static void put_descriptor(uint8_t *to, uint32_t base, uint32_t limit,
                           uint32_t access)
{
    uint32_t g = limit > 0xfffff ? 0xc : 0x4;
    uint32_t l = limit > 0xfffff ? limit >> 12 : limit;
    uint32_t low = base << 16 | (l & 0xffff);
    uint32_t high = (base & 0xff000000) | g << 20 | (l & 0xf0000) |
                    access << 8 | (base >> 16 & 0xff);
    memcpy(to, &low, 4);
    memcpy(to + 4, &high, 4);
}

static void set(uc_engine *uc, int reg, uint32_t value)
{
    uc_reg_write(uc, reg, &value);
}

static uint32_t get(uc_engine *uc, int reg)
{
    uint32_t value = 0;
    uc_reg_read(uc, reg, &value);
    return value;
}

static uc_engine *make(void)
{
    static uint8_t page[4096];
    uc_engine *uc;
    uc_hook h1, h2;
    uc_x86_mmr gdtr = {.base = GDT_AT, .limit = 0x1f};
    if (uc_open(UC_ARCH_X86, UC_MODE_32, &uc) != UC_ERR_OK)
        return NULL;
    uc_mem_map(uc, DATA_AT, 4096, UC_PROT_READ | UC_PROT_WRITE);
    uc_mem_map(uc, CONST_AT, 4096, UC_PROT_READ);
    uc_mem_map(uc, CODE_AT, 4096, UC_PROT_ALL);
    for (uint32_t n = 0; n < sizeof page; n++)
        page[n] = const_byte(n);
    uc_mem_write(uc, CONST_AT, page, sizeof page);
    memset(page, 0, sizeof page);
    uc_mem_map(uc, GDT_AT, 4096, UC_PROT_READ | UC_PROT_WRITE);
    put_descriptor(page + SEL_FLAT, 0, 0xffffffff, 0x93);
    put_descriptor(page + SEL_SMALL, SMALL_BASE, SMALL_LIMIT, 0x93);
    uc_mem_write(uc, GDT_AT, page, sizeof page);
    memset(page, 0xcc, sizeof page);
    uc_mem_write(uc, CODE_AT, page, sizeof page);
    uc_reg_write(uc, UC_X86_REG_GDTR, &gdtr);
    set(uc, UC_X86_REG_SS, SEL_FLAT);
    set(uc, UC_X86_REG_DS, SEL_FLAT);
    set(uc, UC_X86_REG_FS, SEL_SMALL);
    uc_hook_add(uc, &h1, UC_HOOK_INTR, (void *)on_interrupt, NULL, 1, 0);
    uc_hook_add(uc, &h2, UC_HOOK_MEM_INVALID, (void *)on_fault, NULL, 1, 0);
    return uc;
}

static const int regs[8] = {UC_X86_REG_EAX, UC_X86_REG_ECX, UC_X86_REG_EDX,
                            UC_X86_REG_EBX, UC_X86_REG_ESP, UC_X86_REG_EBP,
                            UC_X86_REG_ESI, UC_X86_REG_EDI};

static void run(uc_engine *uc, struct host_case *c)
{
    static const uint8_t zeros[4096];
    struct host_state *s = &c->after;
    for (int n = 0; n < 8; n++)
        set(uc, regs[n], c->before.reg[n]);
    set(uc, UC_X86_REG_ES, c->small_es ? SEL_SMALL : SEL_FLAT);
    set(uc, UC_X86_REG_EFLAGS, c->before.eflags);
    uc_mem_write(uc, DATA_AT, zeros, sizeof zeros);
    uc_mem_write(uc, c->memory_at, c->before.memory, CASE_MEMORY);
    uc_mem_write(uc, CODE_ENTRY, c->code, sizeof c->code);
    uc_ctl_remove_cache(uc, CODE_ENTRY, CODE_ENTRY + sizeof c->code);
    trap = error = cr2 = 0;
    uc_err err = uc_emu_start(uc, CODE_ENTRY, NOWHERE, 0, 0);
    if (err == UC_ERR_INSN_INVALID)
        trap = 6;
    for (int n = 0; n < 8; n++)
        s->reg[n] = get(uc, regs[n]);
    s->eflags = get(uc, UC_X86_REG_EFLAGS);
    s->eip = get(uc, UC_X86_REG_EIP);
    s->trap = trap;
    s->error = error;
    s->cr2 = cr2;
    if (trap == TRAP_DONE)
        s->eip--;
    for (int n = 0; n < 6; n++)
        s->sel[n] =
            (uint16_t)(n == 0 && c->small_es ? SEL_SMALL : batch->selector[n]);
    uc_mem_read(uc, c->memory_at, s->memory, CASE_MEMORY);
}

int main(void)
{
    char byte = 0;
    uc_engine *uc = make();
    batch = mmap(NULL, sizeof *batch, PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0);
    if (!uc || batch == MAP_FAILED)
        return 3;
    uint32_t cs = get(uc, UC_X86_REG_CS); /* as it was: a flat one */
    uint32_t selectors[6] = {SEL_FLAT, cs, SEL_FLAT, SEL_FLAT, SEL_SMALL, 0};
    memcpy(batch->selector, selectors, sizeof selectors);
    do {
        if (write(1, &byte, 1) != 1 || read(0, &byte, 1) != 1)
            return 0;
        for (uint32_t n = 0; n < batch->count; n++)
            run(uc, &batch->cases[n]);
    } while (1);
}
