/*
 * demo.c - one critical instruction, run where it is right and where it lies.
 *
 * Job:    the same guest state twice: on a machine of its own, and as a trap
 *         and emulate monitor has to keep it on `classic`. One instruction of
 *         theorem.def on each, and what it answered.
 * Parts:  memory; descriptor tables; the two scenes; looking; running.
 *
 *                        bare               under a monitor
 *   a kernel's ring      0                  1: ring compression
 *   IF                   as it wishes       1: the monitor's
 *   GDT, IDT, LDT, TR    its own            the monitor's
 *   CR0                  its own            the monitor's
 *   DS, ES, FS, GS       0x10               0x79: a spare entry of the GDT,
 *                                           where a copy of 0x10 stands
 *   descriptor 0x18      changed just now   the copy is of before
 *
 * A program, in ring 3, has the same selectors on both, and the copies of its
 * descriptors are up to date: what differs is where the tables are.
 */
#include "demo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- memory */

enum {
    GDT = 0x1000,
    GDT_REAL = 0x1800,
    IDT = 0x2000,
    IDT_REAL = 0x2800,
    TSS = 0x3000,
    TSS_REAL = 0x3800,
    HANDLER = 0x4000,
    HANDLER_REAL = 0x4800,
    CODE = 0x5000,
    DATA = 0x6000,
    STACK = 0x7000,
    STACK_0 = 0x7800,
    MEMORY = 0x10000
};

struct scene {
    uint8_t ram[MEMORY];
    struct cpu *cpu;
    struct costs costs;
    struct event event; /* kind EVENT_NONE: none came */
};

static uint8_t *frame(void *wire, mpa_t page, bool *writable)
{
    (void)writable;
    return page.v < MEMORY ? ((struct scene *)wire)->ram + page.v : NULL;
}

static void put32(struct scene *s, uint32_t at, uint32_t value)
{
    memcpy(s->ram + at, &value, sizeof value);
}

static uint32_t get32(const struct scene *s, uint32_t at)
{
    uint32_t value;
    memcpy(&value, s->ram + at, sizeof value);
    return value;
}

/* ------------------------------------------------------ descriptor tables */

#define CODE_TYPE 0x9bu
#define DATA_TYPE 0x93u
#define CODE_UNREADABLE 0x99u
#define TSS_BUSY 0x8bu
#define FLAT 0xfffffu  /* of pages: 4 GiB */
#define SHORT 0xffbffu /* the last 4 MiB are the monitor's */

/* SDM 3A 3.4.5; limit in pages but for a TSS. */
static void descriptor(struct scene *s, uint32_t at, uint32_t base,
                       uint32_t limit, unsigned type, unsigned dpl)
{
    uint32_t flags = type == TSS_BUSY ? 0 : 0xc00000;
    put32(s, at, base << 16 | (limit & 0xffff));
    put32(s, at + 4,
          (base & 0xff000000) | flags | (limit & 0xf0000) |
              (uint32_t)(type | dpl << 5) << 8 | (base >> 16 & 0xff));
}

/* What a guest's kernel would build; `ring` is its own, 0 or compressed. */
static void guest_entries(struct scene *s, uint32_t gdt, unsigned ring,
                          uint32_t limit)
{
    descriptor(s, gdt + 0x08, 0, limit, CODE_TYPE, ring);
    descriptor(s, gdt + 0x10, 0, limit, DATA_TYPE, ring);
    descriptor(s, gdt + 0x18, 0x8000, 0xf, DATA_TYPE, 3);
    descriptor(s, gdt + 0x20, 0, 0xf, CODE_UNREADABLE, 3);
    descriptor(s, gdt + 0x28, TSS, 0x67, TSS_BUSY, 0);
    descriptor(s, gdt + 0x30, 0, limit, CODE_TYPE, 3);
    descriptor(s, gdt + 0x38, 0, limit, DATA_TYPE, 3);
}

#define SPARE 0x78u
static void monitor_entries(struct scene *s)
{
    descriptor(s, GDT_REAL + 0x60, TSS_REAL, 0x67, TSS_BUSY, 0);
    descriptor(s, GDT_REAL + 0x68, 0, FLAT, CODE_TYPE, 0);
    descriptor(s, GDT_REAL + 0x70, 0, FLAT, DATA_TYPE, 0);
    descriptor(s, GDT_REAL + SPARE, 0, SHORT, DATA_TYPE, 1);
}

/* All gates lead to one handler; the guest lets ring 3 use them. */
static void gates(struct scene *s, uint32_t idt, uint16_t cs, uint32_t handler,
                  unsigned dpl)
{
    for (uint32_t v = 0; v < 256; v++) {
        put32(s, idt + v * 8, (uint32_t)cs << 16 | handler);
        put32(s, idt + v * 8 + 4, 0x8e00 | dpl << 13);
    }
}

/* -------------------------------------------------------- the two scenes */

static void stack_0(struct scene *s, uint32_t tss, uint32_t ss)
{
    put32(s, tss + 4, STACK_0);
    put32(s, tss + 8, ss);
}

/* A segment register, flat, as if loaded from `type`'s descriptor. */
static struct segment flat(unsigned sel, unsigned type)
{
    return (struct segment){.sel = (uint16_t)sel,
                            .attr = (uint16_t)(0xc00 | type | (sel & 3) << 5),
                            .limit = 0xffffffff};
}

static void segments(struct cpu *c, unsigned cs, unsigned ss, unsigned data)
{
    for (int i = 0; i < SEG_COUNT; i++) {
        c->seg[i] = flat(data, DATA_TYPE);
    }
    c->seg[SEG_CS] = flat(cs, CODE_TYPE);
    c->seg[SEG_SS] = flat(ss, DATA_TYPE);
    c->cpl = cs & 3;
}

static void on_its_own(struct scene *s, bool user)
{
    struct cpu *c = s->cpu;
    guest_entries(s, GDT, 0, FLAT);
    gates(s, IDT, 0x08, HANDLER, 3);
    stack_0(s, TSS, 0x10);
    segments(c, user ? 0x33 : 0x08, user ? 0x3b : 0x10, user ? 0x3b : 0x10);
    c->gdtr = (struct table_reg){.base = GDT, .limit = 0x3f};
    c->idtr = (struct table_reg){.base = IDT, .limit = 0x7ff};
    c->tr = (struct segment){
        .sel = 0x28, .attr = TSS_BUSY, .base = TSS, .limit = 0x67};
    c->cr0 = CR0_PE | CR0_ET | CR0_TS;
    c->sysenter_cs = 0x08;
    c->sysenter_eip = HANDLER;
    c->sysenter_esp = STACK_0;
}

static void under_a_monitor(struct scene *s, bool user)
{
    struct cpu *c = s->cpu;
    guest_entries(s, GDT_REAL, 1, SHORT);
    monitor_entries(s);
    if (!user) { /* these two are copies from before the guest's change */
        descriptor(s, GDT_REAL + 0x18, 0, 0xf, DATA_TYPE, 3);
        descriptor(s, GDT_REAL + 0x20, 0, 0xf, DATA_TYPE, 3);
    }
    gates(s, IDT_REAL, 0x68, HANDLER_REAL, 0);
    stack_0(s, TSS_REAL, 0x70);
    segments(c, user ? 0x33 : 0x09, user ? 0x3b : 0x11,
             user ? 0x3b : SPARE | 1);
    c->gdtr = (struct table_reg){.base = GDT_REAL, .limit = 0xff};
    c->idtr = (struct table_reg){.base = IDT_REAL, .limit = 0x7ff};
    c->tr = (struct segment){
        .sel = 0x60, .attr = TSS_BUSY, .base = TSS_REAL, .limit = 0x67};
    c->ldtr = (struct segment){.sel = 0x58};
    c->cr0 = CR0_PE | CR0_ET | CR0_NE;
    c->sysenter_cs = 0x68;
    c->sysenter_eip = HANDLER_REAL;
    c->sysenter_esp = STACK_0;
}

/* --------------------------------------------------------------- looking */

enum look {
    LOOK_EAX,
    LOOK_TOP,
    LOOK_TOP2,
    LOOK_IF,
    LOOK_ZF,
    LOOK_CS,
    LOOK_TABLE,
    LOOK_FCS12, /* the CS of the last x87 instruction, at DATA + 12 */
    LOOK_FCS16,
    LOOK_SEG,
    LOOK_ES = LOOK_SEG + SEG_ES,
    LOOK_SS = LOOK_SEG + SEG_SS,
    LOOK_DS = LOOK_SEG + SEG_DS,
    LOOK_FS = LOOK_SEG + SEG_FS,
    LOOK_GS = LOOK_SEG + SEG_GS
};

static void tell_event(const struct scene *s, char out[DEMO_TEXT])
{
    const struct cpu *c = s->cpu;
    if (s->event.kind == EVENT_FAULT) {
        snprintf(out, DEMO_TEXT, "a fault: #%s(%x)",
                 s->event.vector == VEC_GP   ? "GP"
                 : s->event.vector == VEC_SS ? "SS"
                                             : "other",
                 s->event.error);
    } else {
        snprintf(out, DEMO_TEXT, "its handler %04x:%x", c->seg[SEG_CS].sel,
                 c->eip);
    }
}

static void tell(const struct scene *s, enum look look, char out[DEMO_TEXT])
{
    const struct cpu *c = s->cpu;
    uint32_t flags = cpu_eflags(c), esp = c->reg[REG_ESP];
    if (s->event.kind != EVENT_NONE) {
        tell_event(s, out);
        return;
    }
    switch (look) {
    case LOOK_EAX:
        snprintf(out, DEMO_TEXT, "EAX is %08x", c->reg[REG_EAX]);
        break;
    case LOOK_TOP:
        snprintf(out, DEMO_TEXT, "it pushes %08x", get32(s, esp));
        break;
    case LOOK_TOP2:
        snprintf(out, DEMO_TEXT, "it pushes CS %04x",
                 get32(s, esp + 4) & 0xffff);
        break;
    case LOOK_IF:
        snprintf(out, DEMO_TEXT, "IF becomes %d", (flags & FL_IF) != 0);
        break;
    case LOOK_ZF:
        snprintf(out, DEMO_TEXT, "ZF becomes %d", (flags & FL_ZF) != 0);
        break;
    case LOOK_CS:
        snprintf(out, DEMO_TEXT, "it goes to %04x:%x", c->seg[SEG_CS].sel,
                 c->eip);
        break;
    case LOOK_TABLE:
        snprintf(out, DEMO_TEXT, "base %08x, limit %04x", get32(s, DATA + 2),
                 get32(s, DATA) & 0xffff);
        break;
    case LOOK_FCS12:
    case LOOK_FCS16:
        snprintf(out, DEMO_TEXT, "it stores CS %04x",
                 get32(s, DATA + (look == LOOK_FCS12 ? 12 : 16)) & 0xffff);
        break;
    default:
        snprintf(out, DEMO_TEXT, "the base is %08x",
                 c->seg[look - LOOK_SEG].base);
        break;
    }
}

/* --------------------------------------------------------------- running */

#define BYTES_MAX 8
static const struct {
    enum insn_id id;
    enum look look;
    const char *tells;
    uint8_t byte[BYTES_MAX];
} demos[] = {
#define DEMO(row, look, tells, ...) \
    {I_##row, LOOK_##look, tells, {__VA_ARGS__}},
#include "theorem.def"
#undef DEMO
};
#define DEMOS (sizeof demos / sizeof demos[0])

static void on_event(void *who, struct cpu *c, const struct event *e)
{
    (void)c;
    ((struct scene *)who)->event = *e;
}

/* What its operands are: on the stack, in memory, in registers, in flags. */
static void operands(struct scene *s, size_t i, bool user)
{
    struct cpu *c = s->cpu;
    uint32_t cs = user ? 0x33 : 0x08, flags = FL_ONE | FL_OF;
    bool returns = demos[i].look == LOOK_CS;
    bool jumps = returns || demos[i].look == LOOK_TOP2;
    bool pops_flags = demos[i].look == LOOK_IF;
    uint32_t ss = user ? 0x3b : 0x10;
    uint32_t sel = demos[i].look == LOOK_SS ? ss : 0x18;
    put32(s, STACK, returns ? CODE + 0x80 : pops_flags ? FL_ONE : sel);
    put32(s, STACK + 4, cs);
    put32(s, STACK + 8, FL_ONE);
    put32(s, DATA, jumps ? CODE + 0x80 : 0x1234);
    put32(s, DATA + 4, jumps ? cs : sel);
    c->reg[REG_EAX] = 0x18;
    c->reg[REG_ECX] = user ? 0x38 : 0x10;
    c->reg[REG_EDX] = 0x20;
    c->reg[REG_ESP] = STACK;
    if (user || pops_flags || c->cpl > 0) {
        flags |= FL_IF; /* a monitor never turns it off */
    }
    cpu_set_eflags(c, flags);
}

static void code(struct scene *s, size_t i, bool user)
{
    struct insn in;
    memcpy(s->ram + CODE, demos[i].byte, BYTES_MAX);
    if (cpu_decode(s->ram + CODE, BYTES_MAX, true, &in) == DECODE_OK && user &&
        insn_rows[in.id].form[0].place == PLACE_FAR) {
        s->ram[CODE + in.len - 2] = 0x33;
    }
}

/* The guest has used the x87 just now. */
static void use_x87(struct cpu *c)
{
    c->cr0 &= ~CR0_TS;
    c->fpu.cs = c->seg[SEG_CS].sel;
}

/* Returns whether the monitor's ring was reached. */
static bool play(struct scene *s, size_t i, bool monitor, bool user,
                 char out[DEMO_TEXT])
{
    struct cpu *c = s->cpu;
    struct cpu_hooks hooks = {.who = s, .event = on_event};
    memset(s->ram, 0, sizeof s->ram);
    cpu_reset_flat32(c, CODE);
    if (monitor) {
        under_a_monitor(s, user);
    } else {
        on_its_own(s, user);
    }
    code(s, i, user);
    operands(s, i, user);
    if (insn_rows[demos[i].id].attr & ATTR_X87) {
        use_x87(c);
    }
    cpu_frames_remapped(c);
    s->event.kind = EVENT_NONE;
    c->hooks = &hooks;
    cpu_step(c);
    c->hooks = NULL;
    tell(s, demos[i].look, out);
    return monitor && c->cpl == 0;
}

static struct scene *new_scene(void)
{
    static const struct cpu_bus bus = {.frame = frame};
    char err[128];
    struct scene *s = calloc(1, sizeof *s);
    if (s && costs_load(&s->costs, "unit", err, sizeof err) == 0) {
        s->cpu = cpu_new(CPU_CLASSIC, &s->costs, &bus, s);
    }
    if (s && !s->cpu) {
        free(s);
        s = NULL;
    }
    return s;
}

enum insn_id demo_row(size_t i)
{
    return i < DEMOS ? demos[i].id : I_INVALID;
}

bool demo_run(size_t i, struct demo *out)
{
    struct scene *s = i < DEMOS ? new_scene() : NULL;
    struct insn in;
    if (!s) {
        return false;
    }
    *out = (struct demo){.id = demos[i].id, .tells = demos[i].tells};
    cpu_decode(demos[i].byte, BYTES_MAX, true, &in);
    cpu_disassemble(&in, CODE, out->insn, sizeof out->insn);
    play(s, i, false, false, out->bare);
    out->told = play(s, i, true, false, out->guest);
    play(s, i, false, true, out->bare_user);
    out->told_user = play(s, i, true, true, out->guest_user);
    cpu_free(s->cpu);
    free(s);
    return true;
}

bool demo_kernel_deceived(const struct demo *d)
{
    return !d->told && strcmp(d->bare, d->guest) != 0;
}

bool demo_program_deceived(const struct demo *d)
{
    return !d->told_user && strcmp(d->bare_user, d->guest_user) != 0;
}
