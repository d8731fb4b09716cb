/*
 * debug_words.c - what the words of a command mean: an expression, an
 * address, a count, a reason.
 */
#include "debug.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------ expressions */

/* Say what is wrong, under the text itself. */
static void tell_error(struct debug *d, const char *text,
                       const struct expr_error *e)
{
    wrong(d, "'%s': %s", *e->word ? e->word : text, e->text);
    fprintf(d->out, "    %s\n    %*s^\n", text, (int)e->at, "");
    if (*e->word) {
        suggest(d->out, e->word, debug_name);
    }
}

bool debug_expr(struct debug *d, const char *text, bool exits, struct expr *out)
{
    struct expr_world w = names_world(d);
    struct expr_error error;
    d->filtering = exits;
    bool ok = expr_parse(text, &w, out, &error);
    d->filtering = false;
    if (!ok) {
        tell_error(d, text, &error);
    }
    return ok;
}

bool debug_value(struct debug *d, const char *text, int64_t *out)
{
    struct expr_world w = names_world(d);
    struct expr e;
    if (!debug_expr(d, text, false, &e)) {
        return false;
    }
    if (!expr_value(&e, &w, out)) {
        wrong(d,
              "'%s' has no value here: memory that is not mapped, no exit "
              "yet, or a division by zero",
              text);
        return false;
    }
    return true;
}

bool debug_address(struct debug *d, const char *word, uint32_t *out)
{
    int64_t value;
    struct source_line line;
    if (debug_is_file_line(word)) {
        bool found = debug_file_line(d, word, &line);
        *out = found ? line.from : 0;
        return found;
    }
    if (!debug_value(d, word, &value)) {
        return false;
    }
    *out = (uint32_t)value;
    if (value < INT32_MIN || value > UINT32_MAX) {
        wrong(d, "'%s' is no address: an address has 32 bits", word);
        return false;
    }
    return true;
}

void do_print(struct debug *d, const struct words *w)
{
    int64_t value;
    char where[64];
    if (w->count < 2) {
        wrong(d, "print what? An expression: 'print [esp+4]', 'print "
                 "real.cr3'");
        return;
    }
    if (!debug_value(d, w->rest[1], &value)) {
        return;
    }
    fprintf(d->out, "  0x%llx = %lld", (unsigned long long)value,
            (long long)value);
    if (value >= 0 && value <= UINT32_MAX) {
        debug_place_name(d, (uint32_t)value, where, sizeof where);
        fprintf(d->out, "%s%s", *where ? " = " : "", where);
    }
    putc('\n', d->out);
}

/* ----------------------------------------------------- counts and reasons */

bool debug_count(struct debug *d, const struct words *w, int index,
                 uint64_t otherwise, uint64_t *out)
{
    char *end;
    *out = otherwise;
    if (index >= w->count) {
        return true;
    }
    errno = 0;
    *out = strtoull(w->word[index], &end, 0);
    if (w->word[index][0] >= '0' && w->word[index][0] <= '9' && !*end &&
        !errno && *out > 0) {
        return true;
    }
    wrong(d, "'%s' is no count; give a number from 1", w->word[index]);
    return false;
}

static const char *reason_name(size_t i)
{
    return i < EXIT_COUNT ? exit_names[i].name : NULL;
}

int debug_reason(struct debug *d, const char *word)
{
    for (int r = 0; r < EXIT_COUNT; r++) {
        if (strcmp(exit_names[r].name, word) == 0) {
            return r;
        }
    }
    wrong(d, "'%s' is no reason to exit; 'ringside explain reasons' lists them",
          word);
    suggest(d->out, word, reason_name);
    return -1;
}

/* ---------------------------------------------------------------- filters */

bool filter_read(struct debug *d, const struct words *w, struct filter *out)
{
    *out = (struct filter){.count = 1, .reason = -1};
    for (int i = 1; i < w->count; i++) {
        if (strcmp(w->word[i], "if") == 0) {
            out->conditional = true;
            if (i + 1 == w->count) {
                wrong(d, "if what? 'exit if cost > 2000', say");
                return false;
            }
            return debug_expr(d, w->rest[i + 1], true, &out->condition);
        }
        if (w->word[i][0] >= '0' && w->word[i][0] <= '9') {
            if (!debug_count(d, w, i, 1, &out->count)) {
                return false;
            }
        } else if ((out->reason = debug_reason(d, w->word[i])) < 0) {
            return false;
        }
    }
    return true;
}

bool filter_passes(struct debug *d, const struct filter *f,
                   const struct past_exit *x)
{
    struct expr_world world = names_world(d);
    int64_t value = 1;
    if (f->reason >= 0 && x->reason != f->reason) {
        return false;
    }
    d->field = x;
    if (f->conditional && !expr_value(&f->condition, &world, &value)) {
        value = 0;
    }
    d->field = NULL;
    return value != 0;
}
