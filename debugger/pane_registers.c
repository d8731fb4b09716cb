/*
 * pane_registers.c - registers: the guest's, and beside them the machine's.
 *
 * '*' stands before what changed since the last stop, '!' behind what the
 * machine holds otherwise than the guest believes.
 */
#include "screen.h"

static void draw_general(struct screen *s, struct box *b)
{
    static const uint8_t order[] = {REG_EAX, REG_EBX, REG_ECX, REG_EDX,
                                    REG_ESI, REG_EDI, REG_EBP, REG_ESP};
    const struct debug *d = s->debug;
    for (int i = 0; i < 8; i++) {
        uint8_t r = order[i];
        bool changed = d->now.reg[r] != d->before.reg[r];
        put_ink(b, changed ? INK_CHANGED : INK_PLAIN, "%c%s %08x ",
                changed ? '*' : ' ', debug_register_name(r), d->now.reg[r]);
        if (i % 2) {
            put_row(b);
        }
    }
}

static void draw_pair(struct box *b, const char *name, uint32_t guest,
                      uint32_t before, uint32_t real)
{
    bool changed = guest != before;
    put_ink(b, changed ? INK_CHANGED : INK_PLAIN, "%c%-6s %08x",
            changed ? '*' : ' ', name, guest);
    put(b, "  ");
    put_ink(b, real != guest ? INK_DIFFERS : INK_PLAIN, "%08x", real);
    put(b, "%s", real != guest ? " !" : "");
    put_row(b);
}

static void draw_segments(const struct debug *d, struct box *b)
{
    static const struct {
        const char *name;
        enum seg seg;
    } order[] = {
        {"ds", SEG_DS}, {"es", SEG_ES}, {"fs", SEG_FS}, {"gs", SEG_GS}};
    const struct cpu *c = monitor_cpu(d->session.monitor);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        enum seg r = order[i].seg;
        draw_pair(b, order[i].name, d->now.seg[r].sel, d->before.seg[r].sel,
                  c->seg[r].sel);
    }
}

void pane_registers(struct screen *s, struct box *b)
{
    const struct debug *d = s->debug;
    const struct cpu *c = monitor_cpu(d->session.monitor);
    const struct virtual_cpu *g = &d->now, *was = &d->before;
    draw_pair(b, "eip", g->eip, was->eip, c->eip);
    draw_pair(b, "eflags", g->eflags, was->eflags, cpu_eflags(c));
    draw_general(s, b);
    draw_pair(b, "cs", g->seg[SEG_CS].sel, was->seg[SEG_CS].sel,
              c->seg[SEG_CS].sel);
    draw_pair(b, "cr3", g->cr3, was->cr3, c->cr3);
    draw_pair(b, "cr0", g->cr0, was->cr0, c->cr0);
    draw_pair(b, "cr2", g->cr2, was->cr2, c->cr2);
    draw_pair(b, "ss", g->seg[SEG_SS].sel, was->seg[SEG_SS].sel,
              c->seg[SEG_SS].sel);
    draw_pair(b, "cr4", g->cr4, was->cr4, c->cr4);
    draw_pair(b, "gdtr", g->gdtr.base, was->gdtr.base, c->gdtr.base);
    draw_pair(b, "idtr", g->idtr.base, was->idtr.base, c->idtr.base);
    draw_pair(b, "ldtr", g->ldtr.sel, was->ldtr.sel, c->ldtr.sel);
    draw_pair(b, "tr", g->tr.sel, was->tr.sel, c->tr.sel);
    draw_segments(d, b);
}
