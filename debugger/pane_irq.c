/*
 * pane_irq.c - the guest's interrupt controllers: which inputs ask, which are
 * masked, which are in service, and whether the guest listens; a paravirtual
 * guest's event channels, which it has in their place.
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

/* ------------------------------------------------ a paravirtual guest's */

static const char *yes(bool set)
{
    return set ? "1" : ".";
}

static void draw_channels(struct screen *s, struct box *b,
                          const struct vm_upcall *u)
{
    put_ink(b, INK_TITLE, "port pending masked raised by");
    put_row(b);
    for (uint32_t port = 0; port < u->ports; port++) {
        struct vm_channel c;
        if (vm_channel(s->debug->vm, port, &c)) {
            put(b, "%4u    ", port);
            put_ink(b, c.pending ? INK_STRONG : INK_FAINT, "%s",
                    yes(c.pending));
            put(b, "       ");
            put_ink(b, c.masked ? INK_STRONG : INK_FAINT, "%s", yes(c.masked));
            put(b, "   %s", c.text);
            put_row(b);
        }
    }
}

/* The shared page's bytes, in the order in which an event goes through them. */
static void draw_upcall(struct screen *s, struct box *b,
                        const struct vm_upcall *u)
{
    char where[64];
    put(b,
        "upcall_mask %d: the guest %s events (its IF, upside down: a byte "
        "that costs no exit)",
        u->masked, u->masked ? "holds" : "takes");
    put_row(b);
    put(b, "upcall_pending %d, pending_sel %08x: %s", u->pending, u->selector,
        !u->pending ? "no event waits"
        : u->masked ? "an event waits until the mask is 0"
                    : "an upcall is due");
    put_row(b);
    place_name(s->debug->vm, u->eip, where, sizeof where);
    if (u->eip) {
        put(b, "an upcall enters %04x:%08x %s", u->cs, u->eip, where);
    } else {
        put(b, "no upcall yet: the guest has not said where");
    }
    put_row(b);
    draw_channels(s, b, u);
    put_text(b, 0,
             "Event channels are what a paravirtual guest has instead of "
             "interrupts: the monitor sets a bit in a page that both "
             "share, and calls the guest if the mask lets it.");
}

void pane_irq(struct screen *s, struct box *b)
{
    const struct board *board = vm_board(s->debug->vm);
    const struct virtual_cpu *g = &s->debug->now;
    struct vm_upcall upcall;
    bool open = g->eflags & FL_IF;
    if (vm_upcall(s->debug->vm, &upcall)) {
        draw_upcall(s, b, &upcall);
        return;
    }
    if (!board) {
        put(b, "no interrupt controllers");
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
