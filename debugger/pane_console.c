/*
 * pane_console.c - what the guest has printed: its last lines.
 */
#include "screen.h"

#include <string.h>

/* The start of the last `rows` lines. */
static size_t last_lines(const struct kept *k, int rows)
{
    size_t at = k->size;
    if (at > 0 && k->bytes[at - 1] == '\n') {
        at--;
    }
    for (; at > 0; at--) {
        if (k->bytes[at - 1] == '\n' && --rows <= 0) {
            break;
        }
    }
    return at;
}

void pane_console(struct screen *s, struct box *b)
{
    const struct kept *k = &s->debug->console[vm_id(s->debug->vm) - 1];
    int above = -b->row; /* scrolled up, by so many */
    if (k->size == 0) {
        b->row = 0;
        put_ink(b, INK_FAINT, " nothing printed yet");
        put_row(b);
        return;
    }
    b->row = 0;
    for (size_t i = last_lines(k, b->h + above); i < k->size && !box_full(b);) {
        const char *line = k->bytes + i;
        const char *end = memchr(line, '\n', k->size - i);
        size_t n = end ? (size_t)(end - line) : k->size - i;
        put(b, "%.*s", (int)(n < 500 ? n : 500), line);
        put_row(b);
        i += n + (end ? 1 : 0);
    }
    b->row += above;
}
