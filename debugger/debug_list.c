/*
 * debug_list.c - source lines shown.
 */
#include "debug.h"

#include <stdlib.h>
#include <string.h>

#define LINES 10
#define LINES_MOST 1000

/* Is there a breakpoint on that line? */
static bool stops_at(struct debug *d, const char *file, unsigned line)
{
    struct source_line l;
    for (int i = 0; i < d->stops; i++) {
        const struct stop *s = &d->stop[i];
        if (s->kind == ON_PLACE && s->space == 'v' &&
            debug_line_at(d, s->at, &l) && l.line == line &&
            strcmp(l.file, file) == 0) {
            return true;
        }
    }
    return false;
}

static void list_line(struct debug *d, const struct source_line *l,
                      unsigned line, const struct source_line *here)
{
    size_t n;
    const char *text = debug_line_text(d, l->file, line, &n);
    bool is_here = here->line == line && strcmp(here->file, l->file) == 0;
    if (text) {
        fprintf(d->out, "%s%c %5u  %.*s\n", is_here ? "->" : "  ",
                stops_at(d, l->file, line) ? 'b' : ' ', line, (int)n, text);
    }
}

/* `n` lines, `around` in their middle. */
static void list_around(struct debug *d, const struct source_line *l,
                        unsigned around, uint64_t n)
{
    struct source_line here = {.file = ""};
    const char *path = debug_file_path(d, l->file);
    uint64_t first = around > n / 2 ? around - n / 2 : 1;
    debug_line_at(d, d->now.seg[SEG_CS].base + d->now.eip, &here);
    if (!path) {
        wrong(d,
              "the source file %s is not found: neither in this folder nor in "
              "one above the guest's; 'disas' shows its instructions",
              l->file);
        return;
    }
    fprintf(d->out, "%s\n", path);
    for (uint64_t k = first; k < first + n && k <= UINT32_MAX; k++) {
        list_line(d, l, (unsigned)k, &here);
    }
}

void do_list(struct debug *d, const struct words *w)
{
    uint32_t at = d->now.seg[SEG_CS].base + d->now.eip;
    struct source_line l;
    uint64_t n;
    char address[16];
    bool named = w->count > 1 && debug_is_file_line(w->word[1]);
    if (!debug_count(d, w, 2, LINES, &n)) {
        return;
    }
    n = n < LINES_MOST ? n : LINES_MOST;
    if (named) {
        if (debug_file_line(d, w->word[1], &l)) {
            const char *line = strrchr(w->word[1], ':') + 1;
            list_around(d, &l, (unsigned)strtoul(line, NULL, 10), n);
        }
        return;
    }
    if (w->count > 1 && !debug_address(d, w->word[1], &at)) {
        return;
    }
    if (debug_line_at(d, at, &l)) {
        list_around(d, &l, l.line, n);
        return;
    }
    debug_code_address(&d->now, at, address, sizeof address);
    wrong(d, "no source line is known of %s; 'disas' shows its instructions%s",
          address,
          debug_has_lines(d) ? "" : ". The guest was built without lines");
}
