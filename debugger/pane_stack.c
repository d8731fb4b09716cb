/*
 * pane_stack.c - the guest's stack from ESP on, and which words of it look
 * like addresses in its code.
 */
#include "screen.h"

#define NEAR 0x4000u   /* a symbol further off names nothing */
#define LEAST 0x10000u /* below are numbers, and symbols that are none */
#define WORDS 64

static void draw_word(struct screen *s, struct box *b, uint32_t at,
                      uint32_t base)
{
    const struct virtual_cpu *g = &s->debug->now;
    uint32_t word, offset;
    put(b, "%s%08x ", at == base + g->reg[REG_ESP] ? "> " : "  ", at);
    if (vm_peek(s->debug->vm, (gva_t){at}, &word, 4) != 4) {
        put(b, "not mapped");
        put_row(b);
        return;
    }
    put(b, "%08x", word);
    const char *name = vm_symbol_at(s->debug->vm, (gva_t){word}, &offset);
    if (name && offset < NEAR && word >= LEAST) {
        put_ink(b, INK_FAINT, "  %s+0x%x", name, offset);
    }
    if (at == base + g->reg[REG_EBP]) {
        put_ink(b, INK_STRONG, "  <- ebp");
    }
    put_row(b);
}

void pane_stack(struct screen *s, struct box *b)
{
    const struct virtual_cpu *g = &s->debug->now;
    const struct segment *ss = &g->seg[SEG_SS];
    put_ink(b, INK_TITLE, "ss:esp %04x:%08x", ss->sel, g->reg[REG_ESP]);
    put(b, ", its top first");
    put_row(b);
    for (uint32_t i = 0; i < WORDS; i++) {
        draw_word(s, b, ss->base + g->reg[REG_ESP] + 4 * i, ss->base);
    }
}
