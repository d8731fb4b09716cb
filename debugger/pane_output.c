/*
 * pane_output.c - what the last command said, whole.
 */
#include "screen.h"

void pane_output(struct screen *s, struct box *b)
{
    for (size_t i = s->log.command; i < s->log.lines; i++) {
        const char *line = log_line(&s->log, i);
        put_ink(b, i == s->log.command ? INK_STRONG : INK_PLAIN, "%s",
                line ? line : "");
        put_row(b);
    }
}
