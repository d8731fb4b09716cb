/*
 * pane_control.c - the control block of guest mode, as the command `control`
 * tells of it (debug_control.c).
 */
#include "screen.h"

#include <stdlib.h>
#include <string.h>

/* Text with "*" where something changed: those words are inked. */
static void draw_line(struct box *b, const char *line, int n)
{
    bool whole = n > 1 && line[0] == '*' && line[1] == ' ';
    for (int i = 0; i < n;) {
        int next = i + 1;
        while (next < n && line[next] != '*') {
            next++;
        }
        bool mark = whole || line[i] == '*';
        put_ink(b, mark ? INK_CHANGED : INK_PLAIN, "%.*s", next - i, line + i);
        i = next;
    }
    put_row(b);
}

void pane_control(struct screen *s, struct box *b)
{
    struct debug *d = s->debug;
    FILE *before = d->out;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        put(b, "no memory");
        return;
    }
    d->out = out;
    do_control(d, NULL);
    d->out = before;
    fclose(out);
    for (const char *line = text; line && *line;) {
        int n = (int)strcspn(line, "\n");
        draw_line(b, line, n);
        line += n + (line[n] == '\n');
    }
    free(text);
}
