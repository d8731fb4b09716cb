/*
 * ours.c - our processor, in the place that case.h describes.
 *
 * A case is run as any guest's instruction is: by cpu_step, in ring 3, with
 * paging, and with an IDT whose gates let ring 3 use INT3 and INTO alone. An
 * event is looked at before it is delivered, which is the state that a
 * handler would find saved.
 */
#include "ours.h"
#include <stdlib.h>
#include <string.h>

enum {
    RAM_SIZE = 0x00800000,
    DIRECTORY = 0x1000,
    TABLE = 0x2000,  /* three of them: data, code, the system's */
    SYSTEM = 0x5000, /* GDT, IDT, LDT, TSS: a page each */
    SEL_CODE0 = 20 << 3,
    SEL_DATA0 = 21 << 3,
    SEL_TSS = 22 << 3,
    SEL_LDT = 23 << 3,
    GDT_LIMIT = 0xbf,
};
#define SYSTEM_AT 0xe0000000u /* linear; supervisor's alone */
enum { GDT_PAGE, IDT_PAGE, LDT_PAGE, TSS_PAGE, STACK_PAGE, SYSTEM_PAGES };

static uint8_t *ram_frame(void *wire, mpa_t page, bool *writable)
{
    (void)writable;
    struct ours *o = wire;
    return page.v < RAM_SIZE ? o->ram + page.v : NULL;
}

static void put32(struct ours *o, uint32_t at, uint32_t v)
{
    memcpy(o->ram + at, &v, 4);
}

static uint32_t system_page(unsigned page)
{
    return SYSTEM + page * PAGE_SIZE;
}

/* Two pages of data and one of code for ring 3, and the system's. */
static void put_pages(struct ours *o)
{
    uint32_t all = PTE_P | PTE_W | PTE_U;
    uint32_t code = TABLE + PAGE_SIZE, system = TABLE + 2 * PAGE_SIZE;
    put32(o, DIRECTORY + (DATA_AT >> 22) * 4, TABLE | all);
    put32(o, DIRECTORY + (CODE_AT >> 22) * 4, code | all);
    put32(o, DIRECTORY + (SYSTEM_AT >> 22) * 4, system | PTE_P | PTE_W);
    put32(o, TABLE + (DATA_AT >> 12 & 1023) * 4, DATA_AT | all);
    put32(o, TABLE + (CONST_AT >> 12 & 1023) * 4, CONST_AT | PTE_P | PTE_U);
    put32(o, code + (CODE_AT >> 12 & 1023) * 4, CODE_AT | all);
    for (unsigned n = 0; n < SYSTEM_PAGES; n++)
        put32(o, system + n * 4, system_page(n) | PTE_P | PTE_W);
    for (uint32_t n = 0; n < PAGE_SIZE; n++)
        o->ram[CONST_AT + n] = const_byte(n);
    memset(o->ram + CODE_AT, 0xcc, PAGE_SIZE);
}

/* `flags`: G, D and AVL, as in the descriptor's upper word, bits 23:20. */
static void put_descriptor(struct ours *o, uint32_t at, uint32_t base,
                           uint32_t limit, uint32_t access, uint32_t flags)
{
    put32(o, at, base << 16 | (limit & 0xffff));
    put32(o, at + 4,
          (base & 0xff000000) | flags << 20 | (limit & 0xf0000) | access << 8 |
              (base >> 16 & 0xff));
}

static void put_ldt(struct ours *o)
{
    static const struct host_segment ldt[HOST_LDT_COUNT] = HOST_LDT;
    for (unsigned n = 0; n < HOST_LDT_COUNT; n++) {
        uint32_t f = ldt[n].flags;
        uint32_t access = 0x71 | (f & LDT_READ_ONLY ? 0 : 2) |
                          (f & LDT_CONFORMING) << 1 |
                          (f & LDT_ABSENT ? 0 : 0x80);
        uint32_t flags = (f & LDT_PAGES ? 8 : 0) | (f & LDT_32BIT ? 4 : 0) |
                         (f & LDT_AVL ? 1 : 0);
        put_descriptor(o, system_page(LDT_PAGE) + n * 8, ldt[n].base,
                       ldt[n].limit, access, flags);
    }
}

static void put_tables(struct ours *o)
{
    uint32_t gdt = system_page(GDT_PAGE), tss = system_page(TSS_PAGE);
    put_descriptor(o, gdt + SEL_CODE0, 0, 0xfffff, 0x9b, 0xc);
    put_descriptor(o, gdt + SEL_DATA0, 0, 0xfffff, 0x93, 0xc);
    put32(o, tss + 4, SYSTEM_AT + (STACK_PAGE + 1) * PAGE_SIZE);
    put32(o, tss + 8, SEL_DATA0);
    put32(o, tss + 0x64, 0x68 << 16); /* no I/O bitmap: beyond the limit */
    for (uint32_t v = 0; v < 256; v++) {
        uint32_t at = system_page(IDT_PAGE) + v * 8;
        put32(o, at, (uint32_t)SEL_CODE0 << 16);
        put32(o, at + 4, v == VEC_BP || v == VEC_OF ? 0xee00 : 0x8e00);
    }
    put_ldt(o);
}

/* The state, as whoever takes the event will find it saved. */
static void snapshot(struct ours *o)
{
    const struct cpu *c = o->cpu;
    struct host_state *s = o->after;
    memcpy(s->reg, c->reg, sizeof s->reg);
    s->eflags = cpu_eflags(c);
    for (int n = 0; n < SEG_COUNT; n++)
        s->sel[n] = c->seg[n].sel;
}

static void on_event(void *who, struct cpu *c, const struct event *e)
{
    struct ours *o = who;
    snapshot(o);
    o->after->eip = e->kind == EVENT_FAULT ? c->eip : c->next_eip;
    o->after->trap = e->vector;
    o->after->error = e->has_error ? e->error : 0;
    o->after->cr2 = c->cr2;
}

static void set_up(struct ours *o)
{
    put_pages(o);
    put_tables(o);
    cpu_reset_flat32(o->cpu, CODE_ENTRY);
    memcpy(o->seg, o->cpu->seg, sizeof o->seg);
    for (int s = 0; s < SEG_COUNT; s++)
        o->seg[s].attr |= 3 << 5;
    o->seg[SEG_FS].base = SMALL_BASE;
    o->seg[SEG_FS].limit = SMALL_LIMIT;
    o->seg[SEG_GS] = (struct segment){0};
    o->hooks = (struct cpu_hooks){.who = o, .event = on_event};
    o->cpu->hooks = &o->hooks;
    o->cpu->gdtr = (struct table_reg){SYSTEM_AT, GDT_LIMIT};
    o->cpu->idtr = (struct table_reg){SYSTEM_AT + IDT_PAGE * PAGE_SIZE, 0x7ff};
    o->cpu->ldtr =
        (struct segment){SEL_LDT, 0x82, SYSTEM_AT + LDT_PAGE * PAGE_SIZE,
                         HOST_LDT_COUNT * 8 - 1};
    o->cpu->tr =
        (struct segment){SEL_TSS, 0x8b, SYSTEM_AT + TSS_PAGE * PAGE_SIZE, 0x67};
    cpu_set_cr(o->cpu, 3, DIRECTORY);
    cpu_set_cr(o->cpu, 0, CR0_PE | CR0_PG | CR0_WP | CR0_AM | CR0_NE);
}

bool ours_new(struct ours *o)
{
    *o = (struct ours){.ram = calloc(1, RAM_SIZE), .bus = *bus_none()};
    o->bus.frame = ram_frame;
    if (!o->ram || costs_load(&o->costs, "unit", (char[1]){0}, 1) != 0)
        return false;
    o->cpu = cpu_new(CPU_CLASSIC, &o->costs, &o->bus, o);
    if (!o->cpu)
        return false;
    set_up(o);
    return true;
}

/* The oracle's own flat segments can be loaded too. */
void ours_selectors(struct ours *o, const uint32_t selector[SEG_COUNT])
{
    uint32_t gdt = system_page(GDT_PAGE);
    for (int s = 0; s < SEG_COUNT; s++) {
        o->seg[s].sel = (uint16_t)selector[s];
        uint32_t at = selector[s] & ~7u;
        if (at == 0 || at >= SEL_CODE0)
            continue;
        if (s == SEG_FS)
            put_descriptor(o, gdt + at, SMALL_BASE, SMALL_LIMIT, 0xf3, 5);
        else
            put_descriptor(o, gdt + at, 0, 0xfffff, s == SEG_CS ? 0xfb : 0xf3,
                           0xc);
    }
}

void ours_free(struct ours *o)
{
    cpu_free(o->cpu);
    free(o->ram);
}

void ours_run(struct ours *o, const struct host_case *k,
              struct host_state *after)
{
    struct cpu *c = o->cpu;
    struct insn in;
    o->after = after;
    *after = (struct host_state){.trap = TRAP_DONE};
    memcpy(c->reg, k->before.reg, sizeof c->reg);
    cpu_set_eflags(c, k->before.eflags);
    memcpy(c->seg, o->seg, sizeof c->seg);
    if (k->small_es)
        c->seg[SEG_ES] = c->seg[SEG_FS];
    c->cpl = 3;
    c->eip = CODE_ENTRY;
    c->cr2 = 0;
    c->shadow = SHADOW_NONE;
    memset(o->ram + DATA_AT, 0, PAGE_SIZE);
    memcpy(o->ram + k->memory_at, k->before.memory, CASE_MEMORY);
    memcpy(o->ram + CODE_ENTRY, k->code, sizeof k->code);
    c->last_event.kind = EVENT_NONE;
    bool repeats = cpu_decode(k->code, 15, true, &in) == DECODE_OK && in.rep;
    do
        cpu_step(c);
    while (repeats && c->eip == CODE_ENTRY && c->last_event.kind == EVENT_NONE);
    if (c->last_event.kind == EVENT_NONE) {
        snapshot(o);
        after->eip = c->eip;
    }
    memcpy(after->memory, o->ram + k->memory_at, CASE_MEMORY);
}
