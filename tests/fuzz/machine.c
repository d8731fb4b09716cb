/*
 * machine.c - random machines: machine.h says what one is.
 *
 * Parts:  wires; tables; handlers; making; running; comparing.
 */
#include "machine.h"
#include <stdlib.h>
#include <string.h>
#include "../../cpu/exec.h"

enum {
    GDT_AT = 0x1000,
    IDT_AT = 0x2000,
    TSS_AT = 0x3000,
    PAGES_AT = 0x5000,
    HANDLERS = 0xb000,
    HANDLER_SIZE = 0x60,
    HANDLER_COUNT = 64,
    CODE_SIZE = 0x4000,
    STACK_AT = 0x30800,
    SEL_CODE = 0x08,
    SEL_DATA = 0x10,
    SEL_CODE3 = 0x1b,
    SEL_DATA3 = 0x23,
    SEL_TSS = 0x28,
    SEL_ODD = 0x30, /* and on: random descriptors */
    GDT_LIMIT = 0x5f,
};

/* How its code runs. */
enum world { FLAT, PAGED, PAGED3, SMALL16, VM86, REAL, WORLDS };

/* ------------------------------------------------------------------- wires */

static uint8_t *frame(void *wire, mpa_t page, bool *writable)
{
    (void)writable;
    struct machine *m = wire;
    return page.v < MACHINE_RAM ? m->ram + page.v : NULL;
}

static uint8_t acknowledge(void *wire)
{
    struct machine *m = wire;
    m->c->interrupt_line = false;
    return (uint8_t)(0x20 + roll(&m->dice) % 32);
}

/* A port answers by its number, and a write to some asks for an interrupt. */
static uint32_t port_in(void *wire, uint16_t port, unsigned size)
{
    (void)wire, (void)size;
    return port * 0x01010101u;
}

static void port_out(void *wire, uint16_t port, unsigned size, uint32_t value)
{
    (void)size, (void)value;
    if (port % 4 == 0)
        ((struct machine *)wire)->c->interrupt_line = true;
}

static void put32(struct machine *m, uint32_t at, uint32_t v)
{
    memcpy(m->ram + at, &v, 4);
}

/* ------------------------------------------------------------------ tables */

static void descriptor(struct machine *m, uint32_t sel, uint32_t base,
                       uint32_t limit, uint32_t access, uint32_t flags)
{
    uint32_t at = GDT_AT + (sel & ~7u);
    put32(m, at, base << 16 | (limit & 0xffff));
    put32(m, at + 4,
          (base & 0xff000000) | (flags & 15) << 20 | (limit & 0xf0000) |
              (access & 255) << 8 | (base >> 16 & 0xff));
}

static void make_tables(struct machine *m, uint64_t *d, enum world w)
{
    uint32_t big = w == SMALL16 ? 0 : 4;
    descriptor(m, SEL_CODE, 0, 0xfffff, 0x9b, 8 | big);
    descriptor(m, SEL_DATA, 0, 0xfffff, 0x93, 0xc);
    descriptor(m, SEL_CODE3, 0, 0xfffff, 0xfb, 8 | big);
    descriptor(m, SEL_DATA3, 0, 0xfffff, 0xf3, 0xc);
    descriptor(m, SEL_TSS, TSS_AT, 0x87, 0x8b, 0);
    for (uint32_t sel = SEL_ODD; sel < GDT_LIMIT; sel += 8)
        descriptor(m, sel, roll(d) % 2 ? 0 : roll(d) & 0x3ffff, roll(d),
                   0x80 | roll(d), roll(d));
    put32(m, TSS_AT + 4, STACK_AT);
    put32(m, TSS_AT + 8, SEL_DATA);
    put32(m, TSS_AT + 0x64, 0x68 << 16);
    put32(m, TSS_AT + 0x68, roll(d));
    for (uint32_t v = 0; v < 256; v++) {
        uint32_t at = HANDLERS + v % HANDLER_COUNT * HANDLER_SIZE;
        uint32_t sel = roll(d) % 64 ? SEL_CODE : roll(d) & 0x7f;
        put32(m, IDT_AT + v * 8, sel << 16 | at);
        put32(m, IDT_AT + v * 8 + 4,
              0x8e00 | (roll(d) % 8 ? 0x6000 : roll(d) & 0x6900));
        if (w == REAL)
            put32(m, v * 4, at);
    }
}

/* The first 4 MiB as they are, and once more from 4 MiB on; some pages of
 * data are not there, or not for all, or not to be written. */
static void make_pages(struct machine *m, uint64_t *d, bool pae)
{
    uint32_t wide = pae ? 8 : 4, table = PAGES_AT + 0x2000;
    uint32_t directory = PAGES_AT + 0x1000;
    if (pae)
        put32(m, PAGES_AT, directory | 1);
    else
        directory = PAGES_AT;
    put32(m, directory, table | 7);
    put32(m, directory + wide * (pae ? 2 : 1), roll(d) % 2 ? 0x87 : 0x85);
    for (uint32_t n = 0; n < MACHINE_RAM >> 12; n++)
        put32(m, table + wide * n, n << 12 | 7 | (roll(d) % 8 ? 0 : PTE_G));
    for (uint32_t n = 0x20; n < 0x28; n++)
        put32(m, table + wide * n, (roll(d) & 0x23000) | (roll(d) & 0x167));
}

/* ---------------------------------------------------------------- handlers */

static uint8_t *put_mov(uint8_t *p, unsigned reg, uint32_t v, bool d32)
{
    if (!d32)
        *p++ = 0x66;
    *p++ = (uint8_t)(0xb8 + reg);
    memcpy(p, &v, 4);
    return p + 4;
}

static uint8_t *put_push(uint8_t *p, uint32_t v, bool d32)
{
    if (!d32)
        *p++ = 0x66;
    *p++ = 0x68;
    memcpy(p, &v, 4);
    return p + 4;
}

/* IRET to random code, or to the first, in the ring or mode that this world
 * is about. */
static uint8_t *put_return(uint8_t *p, uint64_t *d, enum world w, bool d32,
                           bool first)
{
    uint32_t flags = roll(d) & (FL_ARITH | FL_DF), code = SEL_CODE;
    uint32_t eip = MACHINE_CODE + (first ? 0 : roll(d) % CODE_SIZE);
    flags |= roll(d) % 16 ? FL_IF : roll(d) & (FL_AC | FL_TF | FL_IF);
    if (w == VM86) {
        for (int n = 0; n < 4; n++)
            p = put_push(p, roll(d) & 0x3fff, d32);
        flags |= FL_VM;
    }
    if (w == VM86 || w == REAL) {
        code = MACHINE_CODE >> 4;
        eip -= MACHINE_CODE;
    } else if (w == PAGED3) {
        code = SEL_CODE3;
    }
    if (w == VM86 || w == PAGED3) {
        p = put_push(p, w == VM86 ? 0x3000 : SEL_DATA3, d32);
        p = put_push(p, w == VM86 ? 0x7f0 : stream_place(d), d32);
    }
    p = put_push(p, flags | (roll(d) % 4 ? 0 : FL_IOPL), d32);
    p = put_push(p, code, d32);
    p = put_push(p, eip, d32);
    if (!d32)
        *p++ = 0x66;
    *p++ = 0xcf;
    return p;
}

static uint32_t stack_top(enum world w)
{
    return w == REAL ? STACK_AT - 0x30000 : STACK_AT; /* SS:SP, 3000:0800 */
}

/* Those of interrupts, the upper half, mostly go back; the others forget
 * what was, and go on elsewhere. */
static void make_handlers(struct machine *m, uint64_t *d, enum world w)
{
    bool d32 = w != SMALL16 && w != REAL;
    for (unsigned n = 0; n < HANDLER_COUNT; n++) {
        uint8_t *p = m->ram + HANDLERS + n * HANDLER_SIZE;
        if (n >= 32 && roll(d) % 4) {
            *p++ = w == SMALL16 ? 0x66 : 0xfb;
            *p = 0xcf;
            continue;
        }
        p = put_mov(p, REG_ESP, stack_top(w) - n * 16, d32);
        for (unsigned r = 0; r < 8; r++)
            if (r != REG_ESP && roll(d) % 2)
                p = put_mov(p, r, stream_place(d), d32);
        put_return(p, d, w, d32, n == 0);
    }
}

/* ------------------------------------------------------------------ making */

static void enter(struct machine *m, uint64_t *d, enum world w)
{
    struct cpu *c = m->c;
    cpu_reset_flat32(c, MACHINE_CODE);
    c->gdtr = (struct table_reg){GDT_AT, GDT_LIMIT};
    c->idtr = (struct table_reg){IDT_AT, 0x7ff};
    c->tr = (struct segment){SEL_TSS, 0x8b, TSS_AT, 0x87};
    if (w == PAGED || w == PAGED3 || w == VM86) {
        bool pae = roll(d) % 4 == 0;
        make_pages(m, d, pae);
        cpu_set_cr(c, 4,
                   CR4_PSE | CR4_PGE | (pae ? CR4_PAE : 0) |
                       (roll(d) & (CR4_VME | CR4_PVI | CR4_TSD)));
        cpu_set_cr(c, 3, PAGES_AT);
        cpu_set_cr(c, 0,
                   CR0_PE | CR0_PG | (roll(d) % 2 ? CR0_WP : 0) |
                       (roll(d) % 4 ? 0 : CR0_AM));
    }
    for (int s = 0; s < SEG_COUNT; s++)
        c->seg[s].sel = s == SEG_CS ? SEL_CODE : SEL_DATA;
    if (w == SMALL16)
        c->seg[SEG_CS].attr &= (uint16_t)~SEG_DB;
    if (w == REAL) {
        cpu_set_cr(c, 0, 0);
        c->idtr = (struct table_reg){0, 0x3ff};
        for (int s = 0; s < SEG_COUNT; s++)
            c->seg[s] = (struct segment){0x2000, 0x93, 0x20000, 0xffff};
        c->seg[SEG_SS] = (struct segment){0x3000, 0x93, 0x30000, 0xffff};
    }
    /* The first instruction is a handler: it gets to where this is about. */
    c->reg[REG_ESP] = stack_top(w);
    if (w == REAL)
        c->seg[SEG_CS] = (struct segment){0, 0x9b, 0, 0xffff};
    c->eip = HANDLERS;
}

bool machine_new(struct machine *m, uint64_t seed, const uint8_t *code,
                 size_t size)
{
    uint64_t d = seed * 0x9e3779b97f4a7c15u + 1;
    enum world w = (enum world)(roll(&d) % WORLDS);
    *m = (struct machine){.bus = *bus_none(), .ram = calloc(1, MACHINE_RAM)};
    m->bus.frame = frame;
    m->bus.acknowledge = acknowledge;
    m->bus.port_in = port_in;
    m->bus.port_out = port_out;
    if (!m->ram || costs_load(&m->costs, "unit", (char[1]){0}, 1) != 0)
        return false;
    for (unsigned p = 0; p < PRICE_COUNT; p++)
        m->costs.price[p] = 1 + p % 5;
    m->c = cpu_new(seed % 2 ? CPU_CLASSIC : CPU_VIRTUALIZABLE, &m->costs,
                   &m->bus, m);
    if (!m->c)
        return false;
    /* Around the caller's code a few instructions do, and are sooner made. */
    stream_fill(&d, m->ram + MACHINE_CODE, code ? 512 : CODE_SIZE, w <= PAGED3);
    for (uint32_t at = 0x20000; at < (code ? 0x21000 : 0x28000); at += 4)
        put32(m, at, roll(&d) % 2 ? stream_place(&d) : roll(&d));
    make_tables(m, &d, w);
    make_handlers(m, &d, w);
    enter(m, &d, w);
    m->c->trap_sensitive = roll(&d) & 1;
    m->c->sysenter_cs = SEL_CODE; /* the four that follow each other */
    m->c->sysenter_esp = STACK_AT;
    m->c->sysenter_eip = HANDLERS;
    m->dice = d;
    if (size > CODE_SIZE)
        size = CODE_SIZE;
    if (size)
        memcpy(m->ram + MACHINE_CODE, code, size);
    return true;
}

void machine_free(struct machine *m)
{
    cpu_free(m->c);
    free(m->ram);
}

/* ----------------------------------------------------------------- running */

/* A halted processor is woken at once: by an interrupt if it may come. */
static void wake(struct machine *m)
{
    if (m->c->eflags & FL_IF)
        m->c->interrupt_line = true;
    else
        m->c->nmi_line = true;
}

void machine_step_to(struct machine *m, uint64_t cycle)
{
    struct cpu *c = m->c;
    while (c->cycles < cycle && !c->shutdown) {
        if (cpu_step(c) == CPU_HALTED)
            wake(m);
        c->cycles += c->halted; /* an NMI that is blocked wakes nobody */
    }
}

void machine_run_to(struct machine *m, uint64_t cycle)
{
    struct cpu *c = m->c;
    while (c->cycles < cycle && !c->shutdown) {
        if (cpu_run(c, cycle) == CPU_HALTED)
            wake(m);
        c->cycles += c->halted;
    }
}

/* --------------------------------------------------------------- comparing */

#define DIFFERS(field) (memcmp(&x->field, &y->field, sizeof x->field) != 0)

/* Field by field: what lies between them is nobody's. */
static bool same_fpu(const struct fpu *x, const struct fpu *y)
{
    for (int n = 0; n < 8; n++)
        if (x->reg[n].frac != y->reg[n].frac ||
            x->reg[n].head != y->reg[n].head)
            return false;
    return x->top == y->top && x->full == y->full && x->control == y->control &&
           x->status == y->status && x->opcode == y->opcode && x->cs == y->cs &&
           x->ds == y->ds && x->ip == y->ip && x->dp == y->dp;
}

const char *machine_difference(const struct machine *a, const struct machine *b,
                               bool memory)
{
    const struct cpu *x = a->c, *y = b->c;
    if (x->cycles != y->cycles)
        return "clock";
    if (x->instructions != y->instructions)
        return "count of instructions";
    if (x->eip != y->eip)
        return "EIP";
    if (DIFFERS(reg))
        return "registers";
    if (cpu_eflags(x) != cpu_eflags(y))
        return "flags";
    if (DIFFERS(seg) || DIFFERS(ldtr) || DIFFERS(tr) || x->cpl != y->cpl)
        return "segments";
    if (DIFFERS(cr0) || DIFFERS(cr2) || DIFFERS(cr3) || DIFFERS(cr4))
        return "control registers";
    if (!same_fpu(&x->fpu, &y->fpu))
        return "x87";
    if (DIFFERS(dr) || DIFFERS(gdtr) || DIFFERS(idtr))
        return "debug registers or tables";
    if (x->halted != y->halted || x->shutdown != y->shutdown ||
        x->interrupt_line != y->interrupt_line || x->nmi_line != y->nmi_line)
        return "halt or interrupt lines";
    if (memory && memcmp(a->ram, b->ram, MACHINE_RAM) != 0)
        return "memory";
    return NULL;
}

void machine_show(FILE *to, const char *name, const struct machine *m)
{
    const struct cpu *c = m->c;
    uint8_t bytes[15];
    struct insn in;
    char text[80] = "?";
    size_t n =
        cpu_peek(c, (gva_t){c->seg[SEG_CS].base + c->eip}, bytes, sizeof bytes);
    if (cpu_decode(bytes, n, c->seg[SEG_CS].attr & SEG_DB, &in) == DECODE_OK)
        cpu_disassemble(&in, c->eip, text, sizeof text);
    fprintf(to, "# %s: clock %llu, %llu instructions, cpl %u, %04x:%08x %s\n",
            name, (unsigned long long)c->cycles,
            (unsigned long long)c->instructions, c->cpl, c->seg[SEG_CS].sel,
            c->eip, text);
    fprintf(to,
            "#   eax %08x ecx %08x edx %08x ebx %08x esp %08x ebp %08x "
            "esi %08x edi %08x\n",
            c->reg[0], c->reg[1], c->reg[2], c->reg[3], c->reg[4], c->reg[5],
            c->reg[6], c->reg[7]);
    fprintf(to, "#   eflags %08x cr0 %08x cr2 %08x cr3 %08x cr4 %08x",
            cpu_eflags(c), c->cr0, c->cr2, c->cr3, c->cr4);
    for (int s = 0; s < SEG_COUNT; s++)
        fprintf(to, " %04x", c->seg[s].sel);
    fprintf(to, "%s%s\n", c->halted ? " halted" : "",
            c->shutdown ? " shut down" : "");
}
