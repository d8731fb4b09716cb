/*
 * debug_break.c - the commands that make, list and delete stops.
 *
 * Parts:  reading one; listing; the commands; telling which was met.
 */
#include "debug.h"

#include <string.h>

/* ---------------------------------------------------------------- reading */

bool stop_condition(struct debug *d, struct stop *s, const struct words *w,
                    int i)
{
    if (i >= w->count) {
        return true;
    }
    if (strcmp(w->word[i], "if") != 0) {
        wrong(d, "'%s' is too much: a condition begins with 'if'", w->rest[i]);
        return false;
    }
    s->conditional = true;
    return debug_expr(d, w->rest[i + 1],
                      s->kind == ON_EXIT || s->kind == ON_PORT, &s->condition);
}

/* The command's own words are what it is called by in the list. */
static void name_it(struct stop *s, const char *text)
{
    snprintf(s->text, sizeof s->text, "%.*s", (int)sizeof s->text - 1, text);
}

/* What was begun and is not right is gone; NULL. */
static struct stop *unless(struct debug *d, struct stop *s, bool ok)
{
    if (!ok) {
        stop_drop(d, s);
    }
    return ok ? s : NULL;
}

struct stop *stop_place(struct debug *d, const struct words *w, int i)
{
    struct stop *s = stop_new(d, ON_PLACE);
    if (!s) {
        return NULL;
    }
    name_it(s, w->rest[i]);
    if (i + 1 < w->count && strlen(w->word[i]) == 1 &&
        strchr("vpm", w->word[i][0]) && strcmp(w->word[i + 1], "if") != 0) {
        s->space = w->word[i++][0];
    }
    return unless(d, s,
                  debug_address(d, w->word[i], &s->at) &&
                      stop_condition(d, s, w, i + 1));
}

/* A register or memory is watched itself; of an address, what is there, from
 * when it can be read. */
struct stop *stop_watch(struct debug *d, const char *text)
{
    struct stop *s = stop_new(d, ON_CHANGE);
    uint32_t name;
    if (!s) {
        return NULL;
    }
    name_it(s, text);
    if (!debug_expr(d, text, false, &s->of)) {
        return unless(d, s, false);
    }
    if (!expr_is_name(&s->of, &name) && !expr_is_memory(&s->of)) {
        expr_point(&s->of);
    }
    return s;
}

/* "port 0x3f8 if ...": its number, if there is one, and its condition. */
static struct stop *numbered(struct debug *d, const struct words *w, int i,
                             enum stop_kind kind)
{
    struct stop *s = stop_new(d, kind);
    if (!s) {
        return NULL;
    }
    s->any = i + 1 >= w->count || strcmp(w->word[i + 1], "if") == 0;
    return unless(d, s,
                  (s->any || debug_address(d, w->word[i + 1], &s->at)) &&
                      stop_condition(d, s, w, i + 1 + !s->any));
}

static struct stop *exits(struct debug *d, const struct words *w, int i)
{
    struct stop *s = stop_new(d, ON_EXIT);
    bool named = i + 1 < w->count && strcmp(w->word[i + 1], "if") != 0;
    if (!s) {
        return NULL;
    }
    if (named && (s->reason = debug_reason(d, w->word[i + 1])) < 0) {
        return unless(d, s, false);
    }
    return unless(d, s, stop_condition(d, s, w, i + 1 + named));
}

/* The guest's ring, or its address space, as a watch. */
static struct stop *changes(struct debug *d, const struct words *w, int i,
                            const char *what)
{
    struct stop *s = stop_watch(d, what);
    return s ? unless(d, s, stop_condition(d, s, w, i + 1)) : NULL;
}

/* The next source line of any function. */
static struct stop *lines(struct debug *d, const struct words *w, int i)
{
    struct stop *s = NULL;
    if (!debug_has_lines(d)) {
        wrong(d, "%s has no source lines: it was built without them",
              vm_name(d->vm));
    } else {
        s = stop_new(d, ON_LINE);
    }
    return s ? unless(d, s, stop_condition(d, s, w, i + 1)) : NULL;
}

struct stop *stop_event(struct debug *d, const struct words *w, int i)
{
    static const struct {
        const char *word;
        enum stop_kind kind;
    } words[] = {{"port", ON_PORT},
                 {"msr", ON_MSR},
                 {"injection", ON_INJECTION},
                 {"marker", ON_MARKER}};
    const char *word = w->word[i];
    struct stop *s = NULL;
    bool known = true;
    if (strcmp(word, "exit") == 0) {
        s = exits(d, w, i);
    } else if (strcmp(word, "ring") == 0) {
        s = changes(d, w, i, "ring");
    } else if (strcmp(word, "space") == 0) {
        s = changes(d, w, i, "cr3");
    } else if (strcmp(word, "line") == 0) {
        s = lines(d, w, i);
    } else {
        size_t k = 0;
        while (k < 4 && strcmp(word, words[k].word) != 0) {
            k++;
        }
        known = k < 4;
        s = known ? numbered(d, w, i, words[k].kind) : NULL;
    }
    if (!known) {
        wrong(d,
              "'%s' is no event: exit, port, msr, injection, marker, ring, "
              "space or line is",
              word);
    }
    if (s) {
        name_it(s, w->rest[i]);
    }
    return s;
}

/* ---------------------------------------------------------------- listing */

static void list_one(struct debug *d, const struct stop *s)
{
    char where[64] = "";
    if (s->kind == ON_PLACE) {
        fprintf(d->out, "  %d  %08x %s", s->number, s->at,
                s->space == 'v'
                    ? debug_place_name(d, s->at, where, sizeof where)
                    : (s->space == 'p' ? "guest physical" : "machine"));
        const char *condition = strstr(s->text, " if ");
        fprintf(d->out, "%s", condition ? condition : "");
    } else if (s->kind == ON_CHANGE && s->known) {
        fprintf(d->out, "  %d  watch %s, now %08llx", s->number, s->text,
                (unsigned long long)s->value);
    } else if (s->kind == ON_CHANGE) {
        fprintf(d->out, "  %d  watch %s, which nothing is mapped at yet",
                s->number, s->text);
    } else {
        fprintf(d->out, "  %d  %s", s->number, s->text);
    }
    if (s->hits) {
        fprintf(d->out, "   met %llu times", (unsigned long long)s->hits);
    }
    if (s->commands[0]) {
        fprintf(d->out, "   do %s", s->commands);
    }
    putc('\n', d->out);
}

static void list(struct debug *d)
{
    for (int i = 0; i < d->stops; i++) {
        list_one(d, &d->stop[i]);
    }
    if (d->stops == 0) {
        say(d, "  no breakpoints");
    }
}

/* It is there to stay, and gets its number. */
static void keep(struct debug *d, struct stop *s)
{
    if (s) {
        s->number = ++d->numbers;
        stops_look(d);
        stops_set(d);
        list(d);
    }
}

/* ----------------------------------------------------------- the commands */

void do_break(struct debug *d, const struct words *w)
{
    if (w->count < 2) {
        list(d);
    } else {
        keep(d, stop_place(d, w, 1));
    }
}

void do_watch(struct debug *d, const struct words *w)
{
    if (w->count < 2) {
        list(d);
    } else {
        keep(d, stop_watch(d, w->rest[1]));
    }
}

void do_catch(struct debug *d, const struct words *w)
{
    if (w->count < 2) {
        list(d);
    } else {
        keep(d, stop_event(d, w, 1));
    }
}

/* The stop of that number, or NULL, and said so. */
static struct stop *find_stop(struct debug *d, const struct words *w)
{
    uint64_t n;
    if (!debug_count(d, w, 1, 1, &n)) {
        return NULL;
    }
    for (int i = 0; i < d->stops; i++) {
        if ((uint64_t)d->stop[i].number == n) {
            return &d->stop[i];
        }
    }
    wrong(d, "there is no breakpoint %s", w->word[1]);
    return NULL;
}

void do_delete(struct debug *d, const struct words *w)
{
    if (w->count < 2) {
        d->stops = 0;
    } else {
        struct stop *s = find_stop(d, w);
        if (!s) {
            return;
        }
        stop_drop(d, s);
    }
    stops_set(d);
    list(d);
}

void do_at(struct debug *d, const struct words *w)
{
    struct stop *s = w->count > 1 ? find_stop(d, w) : NULL;
    if (w->count < 2) {
        wrong(d, "at which stop? 'at 1 do regs; continue'");
    }
    if (!s) {
        return;
    }
    const char *commands = w->rest[2];
    if (w->count > 2 && strcmp(w->word[2], "do") == 0) {
        commands = w->rest[3];
    }
    if (strlen(commands) >= sizeof s->commands) {
        wrong(d, "these commands are too long: %zu characters are the most",
              sizeof s->commands - 1);
        return;
    }
    snprintf(s->commands, sizeof s->commands, "%s", commands);
    list(d);
}

void do_info(struct debug *d, const struct words *w)
{
    if (w->count > 1 &&
        strncmp(w->word[1], "registers", strlen(w->word[1])) == 0) {
        do_regs(d, w);
    } else if (w->count > 1 &&
               strncmp(w->word[1], "breakpoints", strlen(w->word[1])) != 0) {
        wrong(d, "info tells of breakpoints and registers, not of '%s'",
              w->word[1]);
    } else {
        list(d);
    }
}

/* ---------------------------------------------------------------- telling */

void tell_hit(struct debug *d)
{
    const struct stop *s = d->hit;
    if (s->kind == ON_CHANGE) {
        fprintf(d->out, "%s has changed: %08llx, now %08llx\n", s->text,
                (unsigned long long)d->hit_was, (unsigned long long)d->hit_now);
    } else if (s->kind == ON_PLACE && s->number) {
        fprintf(d->out, "breakpoint %d\n", s->number);
    } else if (s->number) {
        fprintf(d->out, "stop %d: %s\n", s->number, s->text);
    } else if (s->kind != ON_PLACE && s->text[0]) {
        fprintf(d->out, "here: %s\n", s->text);
    }
}
