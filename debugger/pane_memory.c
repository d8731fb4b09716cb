/*
 * pane_memory.c - the bytes that the next instruction accesses, or those
 * that were asked for, and which memory that is.
 */
#include "screen.h"

#include <string.h>

static void draw_where(struct screen *s, struct box *b, uint32_t at,
                       const char *why)
{
    gpa_t physical;
    mpa_t machine;
    put_ink(b, INK_TITLE, "%08x", at);
    put(b, ": %s", why);
    if (!vm_translate(s->debug->vm, (gva_t){at}, &physical)) {
        put(b, ", which the guest's tables do not map");
    } else if (vm_machine(s->debug->vm, physical, &machine)) {
        put(b, "; guest physical %08x, machine %08x", physical.v, machine.v);
    } else {
        put(b, "; guest physical %08x, where it has no memory", physical.v);
    }
    put_row(b);
}

static void draw_words(struct box *b, const uint8_t *bytes, size_t there)
{
    for (size_t i = 0; i < 16; i += 4) {
        uint32_t word;
        if (i + 4 <= there) {
            memcpy(&word, bytes + i, 4);
            put(b, " %08x", word);
        } else {
            put(b, " ........");
        }
    }
    put(b, "  ");
    for (size_t i = 0; i < 16; i++) {
        bool printable = i < there && bytes[i] >= 0x20 && bytes[i] < 0x7f;
        put(b, "%c", printable ? bytes[i] : '.');
    }
}

void pane_memory(struct screen *s, struct box *b)
{
    char why[64];
    uint32_t at = look_place(s, why, sizeof why);
    int rows = b->h * 2; /* a screen to scroll to */
    draw_where(s, b, at, why);
    for (int i = 0; i < rows; i++) {
        uint8_t bytes[16] = {0};
        uint32_t line = (at & ~15u) - 32 + 16 * (uint32_t)i;
        size_t n = vm_peek(s->debug->vm, (gva_t){line}, bytes, 16);
        bool here = line == (at & ~15u);
        put_ink(b, here ? INK_STRONG : INK_PLAIN, "%s%08x", here ? "> " : "  ",
                line);
        draw_words(b, bytes, n);
        put_row(b);
    }
}
