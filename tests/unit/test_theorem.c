/*
 * Popek and Goldberg's theorem 1 (1974), as a test: a machine can be
 * virtualized by trap and emulate if its sensitive instructions are a subset
 * of the privileged ones.
 *
 * It holds on `virtualizable` with MSR_TRAP_SENSITIVE set: asked of the table
 * and tried on the processor, every sensitive row in rings 1 to 3. It fails
 * on `classic`, and the witnesses are compared, by instruction, with Robin
 * and Irvine, "Analysis of the Intel Pentium's Ability to Support a Secure
 * Virtual Machine Monitor" (USENIX Security 2000).
 */
#include "../../cpu/cpu.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------ by the table */

static const char *name_of(int id)
{
    return insn_rows[id].id;
}

Test(theorem, virtualizable_sensitive_is_subset_of_privileged)
{
    static struct cpu c; /* IOPL 0 */
    c.kind = CPU_VIRTUALIZABLE;
    c.trap_sensitive = 1;
    for (int id = 1; id < INSN_COUNT; id++) {
        cr_assert_not(
            insn_is_critical(CPU_VIRTUALIZABLE, true, (enum insn_id)id), "%s",
            name_of(id));
        for (c.cpl = 1; c.cpl <= 3; c.cpl++)
            cr_assert(insn_rows[id].sens == SENS_INNOCUOUS ||
                          cpu_insn_traps(&c, (enum insn_id)id),
                      "%s in ring %d", name_of(id), c.cpl);
    }
}

/* The other half: what is privileged does not trap in ring 0, and what is
 * innocuous traps nowhere; else efficiency would be lost. */
Test(theorem, innocuous_runs_and_ring_0_may_all)
{
    static struct cpu c;
    c.kind = CPU_VIRTUALIZABLE;
    c.trap_sensitive = 1;
    for (int id = 1; id < INSN_COUNT; id++)
        for (c.cpl = 0; c.cpl <= 3; c.cpl++)
            cr_assert((c.cpl > 0 && insn_rows[id].sens != SENS_INNOCUOUS) ||
                          !cpu_insn_traps(&c, (enum insn_id)id),
                      "%s in ring %d", name_of(id), c.cpl);
}

/* Without the bit, `virtualizable` is `classic`; on `classic` the bit is
 * nothing. */
Test(theorem, the_bit_makes_the_difference)
{
    for (int id = 1; id < INSN_COUNT; id++) {
        enum insn_id i = (enum insn_id)id;
        bool classic = insn_is_critical(CPU_CLASSIC, false, i);
        cr_assert_eq(insn_is_critical(CPU_VIRTUALIZABLE, false, i), classic);
        cr_assert_eq(insn_is_critical(CPU_CLASSIC, true, i), classic);
    }
}

/* ------------------------------------------------------------ the witnesses */

/* Robin and Irvine's instructions; CALL, JMP and RET are the far ones. */
static const char *const robin_irvine[] = {
    "SGDT", "SIDT", "SLDT", "SMSW", "PUSHF", "POPF", /* sensitive registers */
    "LAR",  "LSL",  "VERR", "VERW", "POP",   "PUSH", /* protection system */
    "CALL", "JMP",  "INT",  "RET",  "STR",   "MOV"};

/* What we call critical and they do not name, and why. */
static const struct {
    const char *name, *why;
} ours_too[] = {
    {"FNSAVE", "stores the CS of the last x87 instruction, and so its ring"},
    {"FNSTENV", "likewise"},
    {"FXSAVE", "Pentium II: likewise"},
    {"INT3", "INT n in one byte: the same gate, the same check of its DPL"},
    {"INTO", "INT 4, if OF: likewise"},
    {"IRET", "a far return that also loads EFLAGS: they treat it with RET"},
    {"LDS", "MOV to DS and a register: the same look at CPL and DPL"},
    {"LES", "MOV to ES, likewise"},
    {"LFS", "MOV to FS, likewise"},
    {"LGS", "MOV to GS, likewise"},
    {"LSS", "MOV to SS, likewise"},
    {"SYSENTER", "Pentium II: enters ring 0 without a trap"},
};

/* The instruction that a row is a form of, in Robin and Irvine's words. */
static const char *instruction(int id, char *buf)
{
    const char *mnemonic = insn_rows[id].mnemonic;
    size_t n = strcspn(mnemonic, "+|:");
    if (strncmp(mnemonic, "RETF", 4) == 0)
        n = 3;
    memcpy(buf, mnemonic, n);
    buf[n] = '\0';
    return buf;
}

static bool in_their_list(const char *name)
{
    for (size_t n = 0; n < sizeof robin_irvine / sizeof *robin_irvine; n++)
        if (strcmp(robin_irvine[n], name) == 0)
            return true;
    return false;
}

static const char *why_ours(const char *name)
{
    for (size_t n = 0; n < sizeof ours_too / sizeof *ours_too; n++)
        if (strcmp(ours_too[n].name, name) == 0)
            return ours_too[n].why;
    return NULL;
}

static bool is_witness(const char *name)
{
    char buf[16];
    for (int id = 1; id < INSN_COUNT; id++)
        if (insn_is_critical(CPU_CLASSIC, false, (enum insn_id)id) &&
            strcmp(instruction(id, buf), name) == 0)
            return true;
    return false;
}

Test(theorem, classic_has_robin_and_irvines_witnesses)
{
    char name[16], last[16] = "";
    printf("critical on classic, by instruction:");
    for (int id = 1; id < INSN_COUNT; id++) {
        if (!insn_is_critical(CPU_CLASSIC, false, (enum insn_id)id))
            continue;
        instruction(id, name);
        printf(strcmp(name, last) ? "\n  %-9s %s" : "%.0s %s", name,
               name_of(id));
        strcpy(last, name);
        cr_expect(in_their_list(name) || why_ours(name),
                  "%s is not on Robin and Irvine's list, nor explained", name);
    }
    printf("\n");
    for (size_t n = 0; n < sizeof robin_irvine / sizeof *robin_irvine; n++)
        cr_expect(is_witness(robin_irvine[n]), "%s is missing",
                  robin_irvine[n]);
    for (size_t n = 0; n < sizeof ours_too / sizeof *ours_too; n++)
        cr_expect(is_witness(ours_too[n].name) &&
                      !in_their_list(ours_too[n].name),
                  "%s needs no explanation", ours_too[n].name);
}

/* Near CALL, JMP and RET, general PUSH, POP and MOV touch nothing. */
Test(theorem, near_and_general_forms_are_innocuous)
{
    static const enum insn_id ids[] = {I_CALL_Jz, I_JMP_Jz,    I_RET,
                                       I_PUSH_Zv, I_POP_Zv,    I_MOV_Ev_Gv,
                                       I_CPUID,   I_ARPL_Ew_Gw};
    for (size_t n = 0; n < sizeof ids / sizeof *ids; n++)
        cr_assert_not(insn_is_critical(CPU_CLASSIC, false, ids[n]));
}

/* -------------------------------------------------------- by the processor */

/*
 * Physical memory of 64 KiB, no paging: a GDT with a flat ring-0 code segment
 * (8) and a TSS (0x10), an IDT whose gates all lead to HANDLER, a stack for
 * ring 0, and the instruction under test at CODE.
 */
enum {
    GDT = 0x100,
    TSS = 0x200,
    IDT = 0x1000,
    HANDLER = 0x2000,
    STACK = 0x4000,
    CODE = 0x5000,
    MEMORY = 0x10000
};

struct bare {
    uint8_t ram[MEMORY];
    int faults; /* #GP(0) at CODE */
    int others;
};

static uint8_t *frame(void *wire, mpa_t page, bool *writable)
{
    (void)writable;
    return page.v < MEMORY ? ((struct bare *)wire)->ram + page.v : NULL;
}

static void event(void *who, struct cpu *c, const struct event *e)
{
    struct bare *b = who;
    (void)c;
    if (e->kind == EVENT_FAULT && e->vector == VEC_GP && e->error == 0 &&
        e->eip == CODE)
        b->faults++;
    else
        b->others++;
}

static void put32(struct bare *b, uint32_t at, uint32_t value)
{
    memcpy(b->ram + at, &value, sizeof value);
}

static void put_tables(struct bare *b)
{
    put32(b, GDT + 8, 0x0000ffff); /* ring-0 code, flat */
    put32(b, GDT + 12, 0x00cf9b00);
    put32(b, GDT + 16, TSS << 16 | 0x67); /* busy TSS */
    put32(b, GDT + 20, 0x00008b00);
    put32(b, GDT + 24, 0x0000ffff); /* ring-0 data */
    put32(b, GDT + 28, 0x00cf9300);
    put32(b, TSS + 4, STACK);
    put32(b, TSS + 8, 0x18);
    for (uint32_t v = 0; v < 256; v++) {
        put32(b, IDT + v * 8, 8u << 16 | HANDLER);
        put32(b, IDT + v * 8 + 4, 0x0000ee00); /* DPL 3 */
    }
}

/* Give the processor ring `cpl`, flat. */
static void enter_ring(struct cpu *c, uint8_t cpl)
{
    cpu_reset_flat32(c, CODE);
    for (int s = 0; s < SEG_COUNT; s++) {
        uint16_t type = s == SEG_CS ? 0x1b : 0x13;
        c->seg[s].sel = (uint16_t)(0x20 | cpl);
        c->seg[s].attr = (uint16_t)(0xc80 | type | cpl << 5);
    }
    c->cpl = cpl;
    c->gdtr = (struct table_reg){.base = GDT, .limit = 0x1f};
    c->idtr = (struct table_reg){.base = IDT, .limit = 0x7ff};
    c->tr =
        (struct segment){.sel = 0x10, .attr = 0x8b, .base = TSS, .limit = 0x67};
    c->trap_sensitive = 1;
    c->reg[REG_ESP] = STACK - 0x100;
}

/* Find bytes that decode as row `id`, by trying. */
static bool encode(int id, uint8_t bytes[16])
{
    for (unsigned opcode = 0; opcode < 512; opcode++)
        for (unsigned modrm = 0; modrm < 256; modrm++) {
            struct insn in;
            size_t n = 0;
            memset(bytes, 0, 16);
            if (opcode >= 256)
                bytes[n++] = 0x0f;
            bytes[n++] = (uint8_t)opcode;
            bytes[n] = (uint8_t)modrm;
            if (cpu_decode(bytes, 16, true, &in) == DECODE_OK && in.id == id)
                return true;
        }
    return false;
}

Test(theorem, the_processor_agrees)
{
    struct bare *b = calloc(1, sizeof *b);
    struct costs costs;
    struct cpu_bus bus = *bus_none();
    struct cpu_hooks hooks = {.who = b, .event = event};
    char err[200];
    int tried = 0;
    bus.frame = frame;
    cr_assert_eq(costs_load(&costs, "unit", err, sizeof err), 0, "%s", err);
    struct cpu *c = cpu_new(CPU_VT, &costs, &bus, b); /* has every row */
    for (int id = 1; id < INSN_COUNT; id++) {
        if (insn_rows[id].sens == SENS_INNOCUOUS)
            continue;
        for (uint8_t cpl = 1; cpl <= 3; cpl++) {
            put_tables(b);
            cr_assert(encode(id, b->ram + CODE), "%s", name_of(id));
            cpu_frame_changed(c, (mpa_t){CODE});
            enter_ring(c, cpl);
            c->efer = EFER_SVME;
            c->hooks = &hooks;
            b->faults = b->others = 0;
            cpu_step(c);
            cr_assert(b->faults == 1 && b->others == 0,
                      "%s in ring %d did not trap", name_of(id), cpl);
            cr_assert(c->cpl == 0 && c->eip == HANDLER);
            tried++;
        }
    }
    cr_assert(tried > 150);
    cpu_free(c);
    free(b);
}

/* The bit is set by WRMSR, and only where it exists. */
Test(theorem, the_bit_is_an_msr_of_virtualizable)
{
    static const uint8_t wrmsr[] = {0x0f, 0x30};
    for (int kind = 0; kind < CPU_KINDS; kind++) {
        struct bare *b = calloc(1, sizeof *b);
        struct costs costs;
        struct cpu_bus bus = *bus_none();
        struct cpu_hooks hooks = {.who = b, .event = event};
        char err[200];
        bus.frame = frame;
        cr_assert_eq(costs_load(&costs, "unit", err, sizeof err), 0);
        struct cpu *c = cpu_new((enum cpu_kind)kind, &costs, &bus, b);
        put_tables(b);
        enter_ring(c, 0);
        memcpy(b->ram + CODE, wrmsr, sizeof wrmsr);
        c->hooks = &hooks;
        c->trap_sensitive = 0;
        c->seg[SEG_CS].sel = 8;
        c->reg[REG_ECX] = MSR_TRAP_SENSITIVE;
        c->reg[REG_EAX] = 1;
        c->reg[REG_EDX] = 0;
        cpu_step(c);
        cr_assert_eq(c->trap_sensitive, kind != CPU_CLASSIC);
        cr_assert_eq(b->faults, kind == CPU_CLASSIC);
        cpu_free(c);
        free(b);
    }
}
