/*
 * pane_irq.c - the guest's interrupt controllers: which inputs ask, which are
 * masked, which are in service, and whether the guest listens.
 */
#include "screen.h"

static void draw_bits(struct box *b, const char *name, uint8_t bits,
                      const char *text)
{
    put(b, "  %-4s ", name);
    for (int i = 0; i < 8; i++) {
        bool set = bits >> i & 1;
        put_ink(b, set ? INK_STRONG : INK_FAINT, " %c ", set ? '1' : '.');
    }
    put(b, " %s", text);
    put_row(b);
}

static void draw_chip(struct box *b, const struct board *board, unsigned n)
{
    struct pic_state p = board_pic(board, n);
    put_ink(b, INK_TITLE, "%s", n ? "slave " : "master");
    for (unsigned i = 0; i < 8; i++) {
        put(b, "%3u", 8 * n + i);
    }
    if (p.ready) {
        put(b, "  vectors 0x%02x to 0x%02x%s", p.base, p.base + 7,
            p.auto_eoi ? ", automatic EOI" : "");
    } else {
        put(b, "  being initialized");
    }
    put_row(b);
    draw_bits(b, "IRR", p.irr, "asked");
    draw_bits(b, "IMR", p.imr, "masked");
    draw_bits(b, "ISR", p.isr, "in service");
}

void pane_irq(struct screen *s, struct box *b)
{
    const struct board *board = vm_board(s->debug->vm);
    const struct virtual_cpu *g = &s->debug->now;
    bool open = g->eflags & FL_IF;
    if (!board) {
        put_text(b, 1,
                 "A paravirtual guest has no interrupt controllers: events "
                 "come through event channels, bits in a page that it shares "
                 "with the monitor.");
        put(b, " Virtual IF: events are %s", open ? "open" : "masked");
        put_row(b);
        return;
    }
    put(b, "virtual IF %d: the guest %s interrupts", open,
        open ? "takes" : "does not take");
    put_row(b);
    draw_chip(b, board, 0);
    draw_chip(b, board, 1);
    put_ink(b, INK_FAINT, "0 timer, 1 keyboard, 2 the slave, 4 COM1, 8 clock");
    put_row(b);
}
