/*
 * debug_look.c - looking: registers from both sides, memory by each kind of
 * address, and disassembly. Nothing here costs the guest a cycle.
 *
 * In real and virtual-8086 mode an address of code is written as its segment
 * and offset.
 */
#include "debug.h"

#include <string.h>

/* ---------------------------------------------------------------- registers */

/*
 * One row of the table: a star where it changed since the stop before, and a
 * word why the machine's value is another than the guest's.
 */
static void print_pair(const struct debug *d, const char *name, uint32_t guest,
                       uint32_t before, uint32_t real, const char *why)
{
    bool differs = guest != real;
    fprintf(d->out, "%s%c %-7s %08x   %08x  %s%s\n",
            differs ? paint(d->out, STYLE_NOTE) : "",
            guest != before ? '*' : ' ', name, guest, real, differs ? why : "",
            differs ? paint(d->out, STYLE_NONE) : "");
}

static void print_general(const struct debug *d)
{
    static const uint8_t order[] = {REG_EAX, REG_EBX, REG_ECX, REG_EDX,
                                    REG_ESI, REG_EDI, REG_EBP, REG_ESP};
    for (size_t i = 0; i < 8; i++) {
        uint8_t r = order[i];
        fprintf(d->out, "%c %-4s%08x%s",
                d->now.reg[r] != d->before.reg[r] ? '*' : ' ',
                debug_register_name(r), d->now.reg[r],
                i % 4 == 3 ? "\n" : "  ");
    }
}

static void print_table(const struct debug *d, const char *name,
                        const struct table_reg *guest,
                        const struct table_reg *before,
                        const struct table_reg *real)
{
    bool changed = guest->base != before->base || guest->limit != before->limit;
    fprintf(d->out, "%c %-7s %08x   %08x  limit %04x, real %04x%s\n",
            changed ? '*' : ' ', name, guest->base, real->base, guest->limit,
            real->limit,
            guest->base != real->base ? ": the monitor's own" : "");
}

static void print_segments(const struct debug *d, const struct cpu *c)
{
    static const char *const names[SEG_COUNT] = {"es", "cs", "ss",
                                                 "ds", "fs", "gs"};
    for (int s = 0; s < SEG_COUNT; s++) {
        print_pair(d, names[s], d->now.seg[s].sel, d->before.seg[s].sel,
                   c->seg[s].sel, "RPL shows the ring it really runs in");
    }
}

static enum cpu_mode mode_of(const struct virtual_cpu *g)
{
    return cpu_mode(g->cr0, g->eflags);
}

const char *debug_mode_name(const struct virtual_cpu *g)
{
    static const char *const names[] = {[MODE_REAL] = "real mode",
                                        [MODE_VM86] = "virtual-8086 mode",
                                        [MODE_PROTECTED] = "protected mode"};
    return names[mode_of(g)];
}

/* Of code or stack; with no attributes it has not run yet. */
static bool is_32bit(const struct segment *s)
{
    return s->attr == 0 || (s->attr & SEG_DB);
}

void do_regs(struct debug *d, const struct words *w)
{
    const struct cpu *c = monitor_cpu(d->session.monitor);
    const struct virtual_cpu *g = &d->now, *b = &d->before;
    (void)w;
    print_general(d);
    fprintf(d->out, "  %s, %d-bit code, %d-bit stack, paging %s\n",
            debug_mode_name(g), is_32bit(&g->seg[SEG_CS]) ? 32 : 16,
            is_32bit(&g->seg[SEG_SS]) ? 32 : 16,
            g->cr0 & CR0_PG ? "on" : "off");
    say(d, "          guest      machine   (* changed since the last stop)");
    print_pair(d, "ring", g->cpl, b->cpl, c->cpl,
               "deprivileged: ring 0 is the monitor's");
    print_pair(d, "eip", g->eip, b->eip, c->eip, "");
    print_pair(d, "eflags", g->eflags, b->eflags, cpu_eflags(c),
               "the real IF and IOPL are the monitor's");
    print_segments(d, c);
    print_pair(d, "cr0", g->cr0, b->cr0, c->cr0, "the monitor's");
    print_pair(d, "cr2", g->cr2, b->cr2, c->cr2, "hidden faults set it, too");
    print_pair(d, "cr3", g->cr3, b->cr3, c->cr3,
               "the processor walks the monitor's tables");
    print_pair(d, "cr4", g->cr4, b->cr4, c->cr4, "the monitor's");
    print_table(d, "gdtr", &g->gdtr, &b->gdtr, &c->gdtr);
    print_table(d, "idtr", &g->idtr, &b->idtr, &c->idtr);
    print_pair(d, "ldtr", g->ldtr.sel, b->ldtr.sel, c->ldtr.sel,
               "the monitor's");
    print_pair(d, "tr", g->tr.sel, b->tr.sel, c->tr.sel, "the monitor's");
}

/* ------------------------------------------------------------------ memory */

/* Read n bytes at an address of kind 'v', 'p' or 'm'. */
static bool read_memory(struct debug *d, char kind, uint32_t at, void *to,
                        size_t n)
{
    mpa_t machine = {at};
    if (kind == 'v') {
        return vm_peek(d->vm, (gva_t){at}, to, n) == n;
    }
    if (kind == 'p' && !vm_machine(d->vm, (gpa_t){at}, &machine)) {
        return false;
    }
    return cpu_phys_read(monitor_cpu(d->session.monitor), machine, to, n);
}

/* "virtual c0100000 = guest physical 00100000 = machine 00340000". */
static void print_translation(struct debug *d, char kind, uint32_t at)
{
    gpa_t physical = {at};
    mpa_t machine;
    if (kind == 'm') {
        fprintf(d->out, "machine %08x\n", at);
        return;
    }
    if (kind == 'v') {
        fprintf(d->out, "virtual %08x", at);
        if (!vm_translate(d->vm, (gva_t){at}, &physical)) {
            say(d, ": the guest's page tables map nothing there");
            return;
        }
        fprintf(d->out, " = ");
    }
    fprintf(d->out, "guest physical %08x", physical.v);
    if (vm_machine(d->vm, physical, &machine)) {
        fprintf(d->out, " = machine %08x\n", machine.v);
    } else {
        say(d, ": outside the guest's memory");
    }
}

static void print_line(struct debug *d, char kind, uint32_t at, unsigned words)
{
    uint32_t word;
    fprintf(d->out, "  %08x ", at);
    for (unsigned i = 0; i < words; i++) {
        if (read_memory(d, kind, at + 4 * i, &word, sizeof word)) {
            fprintf(d->out, " %08x", word);
        } else {
            fprintf(d->out, " ........");
        }
    }
    fprintf(d->out, "  ");
    for (unsigned i = 0; i < words * 4; i++) {
        uint8_t byte;
        bool there = read_memory(d, kind, at + i, &byte, 1);
        putc(there && byte >= 0x20 && byte < 0x7f ? byte : '.', d->out);
    }
    putc('\n', d->out);
}

void do_x(struct debug *d, const struct words *w)
{
    int i = 1;
    char kind = 'v';
    uint32_t at;
    uint64_t n;
    if (w->count > 2 && strlen(w->word[1]) == 1 &&
        strchr("vpm", w->word[1][0])) {
        kind = w->word[i++][0];
    }
    if (i >= w->count) {
        wrong(d, "x needs a place: x [v|p|m] PLACE [N]");
        return;
    }
    if (!debug_address(d, w->word[i], &at) ||
        !debug_count(d, w, i + 1, 8, &n)) {
        return;
    }
    print_translation(d, kind, at);
    for (n = n < 1024 ? n : 1024; n > 0; at += 16) {
        unsigned words = n < 4 ? (unsigned)n : 4;
        print_line(d, kind, at, words);
        n -= words;
    }
}

/* ------------------------------------------------------------- disassembly */

const char *debug_code_address(const struct virtual_cpu *g, uint32_t at,
                               char *buf, size_t size)
{
    uint32_t offset = at - g->seg[SEG_CS].base;
    if (mode_of(g) == MODE_PROTECTED || offset > 0xffff) {
        snprintf(buf, size, "%08x", at);
    } else {
        snprintf(buf, size, "%04x:%04x", g->seg[SEG_CS].sel, offset);
    }
    return buf;
}

bool debug_decode(struct debug *d, uint32_t at, struct insn *out)
{
    uint8_t bytes[16];
    struct virtual_cpu c;
    size_t n = vm_peek(d->vm, (gva_t){at}, bytes, 15);
    vm_virtual_cpu(d->vm, &c);
    return n > 0 &&
           cpu_decode(bytes, n, is_32bit(&c.seg[SEG_CS]), out) == DECODE_OK;
}

unsigned debug_instruction(struct debug *d, uint32_t at, char *buf, size_t size)
{
    uint8_t bytes[16];
    struct insn in;
    size_t n = vm_peek(d->vm, (gva_t){at}, bytes, 15);
    bool code32 = is_32bit(&d->now.seg[SEG_CS]);
    if (n == 0) {
        return 0;
    }
    if (cpu_decode(bytes, n, code32, &in) != DECODE_OK) {
        snprintf(buf, size, "db 0x%02x", bytes[0]);
        return 1;
    }
    cpu_disassemble(&in, at - d->now.seg[SEG_CS].base, buf, size);
    return in.len;
}

void do_disas(struct debug *d, const struct words *w)
{
    uint32_t at = d->now.seg[SEG_CS].base + d->now.eip;
    uint32_t here = at;
    uint64_t n;
    if ((w->count > 1 && !debug_address(d, w->word[1], &at)) ||
        !debug_count(d, w, 2, 8, &n)) {
        return;
    }
    for (n = n < 1000 ? n : 1000; n > 0; n--) {
        char text[80], where[64], address[16];
        struct source_line line;
        unsigned length = debug_instruction(d, at, text, sizeof text);
        debug_code_address(&d->now, at, address, sizeof address);
        if (!length) {
            fprintf(d->out, "   %s  not mapped\n", address);
            return;
        }
        if (debug_line_at(d, at, &line) && at == line.from) {
            tell_line(d, &line);
        }
        fprintf(d->out, "%s %s %-20s %s\n", at == here ? "->" : "  ", address,
                debug_place_name(d, at, where, sizeof where), text);
        at += length;
    }
}
