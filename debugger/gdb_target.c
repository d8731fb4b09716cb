/*
 * gdb_target.c - what gdb is told of a guest: its registers, what they are
 * called and how they read, and its memory.
 *
 * Source: the gdb manual, "Target Descriptions", "i386 Features".
 *
 * Simplified: x87 registers are said to be unavailable.
 */
#include "gdb_server.h"

#include <stdlib.h>
#include <string.h>

/* -------------------------------------------------------------- registers */

/* gdb's first 32 are the processor's and the x87's, in its own order. */
struct reg_row {
    const char *name, *type;
    unsigned bits;
};
enum { CORE = 16, X87 = 16, OURS = CORE + X87 };
static const struct reg_row rows[] = {
    {"eax", "int32", 32},        {"ecx", "int32", 32},
    {"edx", "int32", 32},        {"ebx", "int32", 32},
    {"esp", "data_ptr", 32},     {"ebp", "data_ptr", 32},
    {"esi", "int32", 32},        {"edi", "int32", 32},
    {"eip", "code_ptr", 32},     {"eflags", "i386_eflags", 32},
    {"cs", "int32", 32},         {"ss", "int32", 32},
    {"ds", "int32", 32},         {"es", "int32", 32},
    {"fs", "int32", 32},         {"gs", "int32", 32},
    {"st0", "i387_ext", 80},     {"st1", "i387_ext", 80},
    {"st2", "i387_ext", 80},     {"st3", "i387_ext", 80},
    {"st4", "i387_ext", 80},     {"st5", "i387_ext", 80},
    {"st6", "i387_ext", 80},     {"st7", "i387_ext", 80},
    {"fctrl", "int", 32},        {"fstat", "int", 32},
    {"ftag", "int", 32},         {"fiseg", "int", 32},
    {"fioff", "int", 32},        {"foseg", "int", 32},
    {"fooff", "int", 32},        {"fop", "int", 32},
    {"cr0", "ringside_cr0", 32}, {"cr2", "data_ptr", 32},
    {"cr3", "int32", 32},        {"cr4", "ringside_cr4", 32},
    {"ring", "int32", 32},       {"gdtr", "data_ptr", 32},
    {"idtr", "data_ptr", 32},    {"ldtr", "int32", 32},
    {"tr", "int32", 32},         {"cs_base", "data_ptr", 32},
    {"ss_base", "data_ptr", 32}, {"ds_base", "data_ptr", 32},
    {"es_base", "data_ptr", 32}, {"fs_base", "data_ptr", 32},
    {"gs_base", "data_ptr", 32}};
#define REGISTERS (sizeof rows / sizeof rows[0])

/* gdb's order of segment registers. */
static const uint8_t segments[] = {SEG_CS, SEG_SS, SEG_DS,
                                   SEG_ES, SEG_FS, SEG_GS};

/* Register n of the guest's, or false: not available. */
static bool register_value(const struct virtual_cpu *c, size_t n, uint32_t *out)
{
    const uint32_t ours[] = {c->cr0,       c->cr2,      c->cr3,
                             c->cr4,       c->cpl,      c->gdtr.base,
                             c->idtr.base, c->ldtr.sel, c->tr.sel};
    const size_t named = sizeof ours / sizeof ours[0];
    if (n < 8) {
        *out = c->reg[n]; /* the manual's order, and gdb's */
    } else if (n < 10) {
        *out = n == 8 ? c->eip : c->eflags;
    } else if (n < CORE) {
        *out = c->seg[segments[n - 10]].sel;
    } else if (n < OURS) {
        return false;
    } else if (n < OURS + named) {
        *out = ours[n - OURS];
    } else {
        *out = c->seg[segments[n - OURS - named]].base;
    }
    return true;
}

/* Its digits, in the target's byte order; returns how many. */
static size_t put_register(const struct virtual_cpu *c, size_t n, char *to)
{
    uint32_t value;
    size_t size = rows[n].bits / 8;
    if (register_value(c, n, &value)) {
        uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8),
                            (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
        hex_encode(to, bytes, sizeof bytes);
    } else {
        memset(to, 'x', size * 2);
        to[size * 2] = 0;
    }
    return size * 2;
}

void gdb_all_registers(struct gdb *g)
{
    char reply[REGISTERS * 20 + 1];
    struct virtual_cpu c;
    size_t at = 0;
    vm_virtual_cpu(g->vm, &c);
    for (size_t n = 0; n < REGISTERS; n++) {
        at += put_register(&c, n, reply + at);
    }
    packet_write(&g->link, reply);
}

void gdb_one_register(struct gdb *g, const char *args)
{
    char reply[24], *end;
    struct virtual_cpu c;
    unsigned long n = strtoul(args, &end, 16);
    if (end == args || n >= REGISTERS) {
        packet_write(&g->link, "E00");
        return;
    }
    vm_virtual_cpu(g->vm, &c);
    put_register(&c, n, reply);
    packet_write(&g->link, reply);
}

/* ------------------------------------------------------------ description */

struct flag {
    const char *name;
    unsigned bit;
};
static const struct flag eflags[] = {
    {"CF", 0},  {"PF", 2},   {"AF", 4},   {"ZF", 6},  {"SF", 7},  {"TF", 8},
    {"IF", 9},  {"DF", 10},  {"OF", 11},  {"NT", 14}, {"RF", 16}, {"VM", 17},
    {"AC", 18}, {"VIF", 19}, {"VIP", 20}, {"ID", 21}, {NULL, 0}};
static const struct flag cr0[] = {
    {"PE", 0},  {"MP", 1},  {"EM", 2},  {"TS", 3},  {"ET", 4},  {"NE", 5},
    {"WP", 16}, {"AM", 18}, {"NW", 29}, {"CD", 30}, {"PG", 31}, {NULL, 0}};
static const struct flag cr4[] = {
    {"VME", 0}, {"PVI", 1}, {"TSD", 2}, {"DE", 3},  {"PSE", 4},
    {"PAE", 5}, {"MCE", 6}, {"PGE", 7}, {"PCE", 8}, {NULL, 0}};

static void put_flags(FILE *to, const char *id, const struct flag *flags)
{
    fprintf(to, "<flags id=\"%s\" size=\"4\">", id);
    for (const struct flag *f = flags; f->name; f++) {
        fprintf(to, "<field name=\"%s\" start=\"%u\" end=\"%u\"/>", f->name,
                f->bit, f->bit);
    }
    fputs("</flags>", to);
}

static void put_registers(FILE *to, size_t from, size_t end)
{
    for (size_t n = from; n < end; n++) {
        bool status = n >= CORE + 8 && n < OURS;
        fprintf(to, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"%s/>",
                rows[n].name, rows[n].bits, rows[n].type,
                status      ? " group=\"float\""
                : n >= OURS ? " group=\"system\""
                            : "");
    }
}

/* To be freed; NULL: no memory. */
static char *description(void)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to) {
        return NULL;
    }
    fputs("<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
          "<target><architecture>i386</architecture>"
          "<feature name=\"org.gnu.gdb.i386.core\">",
          to);
    put_flags(to, "i386_eflags", eflags);
    put_registers(to, 0, OURS);
    fputs("</feature><feature name=\"ringside.system\">", to);
    put_flags(to, "ringside_cr0", cr0);
    put_flags(to, "ringside_cr4", cr4);
    put_registers(to, OURS, REGISTERS);
    fputs("</feature></target>", to);
    fclose(to);
    return text;
}

/* So much of it, and whether it is the end. */
void gdb_describe(struct gdb *g, const char *args)
{
    char reply[PACKET_MAX];
    unsigned offset = 0, length = 0;
    if (!g->description) {
        g->description = description();
    }
    size_t all = g->description ? strlen(g->description) : 0;
    if (sscanf(args, "%x,%x", &offset, &length) != 2 || offset > all || !all) {
        packet_write(&g->link, "E00");
        return;
    }
    size_t n = all - offset < length ? all - offset : length;
    n = n < PACKET_MAX - 2 ? n : PACKET_MAX - 2;
    snprintf(reply, sizeof reply, "%c%.*s", offset + n < all ? 'm' : 'l',
             (int)n, g->description + offset);
    packet_write(&g->link, reply);
}

/* ----------------------------------------------------------------- memory */

/* What is mapped, up to the first byte that is not. */
void gdb_read_memory(struct gdb *g, const char *args)
{
    uint8_t bytes[PACKET_MAX / 2 - 1];
    char reply[PACKET_MAX];
    unsigned at = 0, n = 0;
    if (sscanf(args, "%x,%x", &at, &n) != 2) {
        packet_write(&g->link, "E00");
        return;
    }
    n = n < sizeof bytes ? n : (unsigned)sizeof bytes;
    size_t got = vm_peek(g->vm, (gva_t){at}, bytes, n);
    if (got == 0 && n > 0) {
        packet_write(&g->link, "E0e"); /* EFAULT: nothing is mapped */
        return;
    }
    hex_encode(reply, bytes, got);
    packet_write(&g->link, reply);
}
