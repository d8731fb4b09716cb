/*
 * debug_table.c - the debugger's commands: one table, from which the help,
 * the completion and the calls are all made.
 */
#include "debug.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const struct debug_command debug_commands[] = {
#define DEBUG_COMMAND(id, short, chapter, arguments, line, completes, rest) \
    {.group = chapter,                                                      \
     .name = #id,                                                           \
     .alias = short,                                                        \
     .args = arguments,                                                     \
     .text = line,                                                          \
     .run = do_##id,                                                        \
     .complete = completes,                                                 \
     .more = rest},
#include "debug_commands.def"
#undef DEBUG_COMMAND
    {0},
};

const char *debug_command_name(size_t i)
{
    return debug_commands[i].name; /* NULL in the last row */
}

/* ---------------------------------------------------------------- talking */

void say(const struct debug *d, const char *line)
{
    fprintf(d->out, "%s\n", line);
}

void wrong(struct debug *d, const char *fmt, ...)
{
    va_list args;
    d->errors++;
    if (d->line) {
        fprintf(d->out, "line %u: ", d->line);
    }
    va_start(args, fmt);
    vfprintf(d->out, fmt, args);
    va_end(args);
    putc('\n', d->out);
}

/* -------------------------------------------------------------- executing */

/* Whose machine a command means, where there are two: both's, for motions;
 * the one that is looked at; or the first's, as the run's own. */
enum whom { BOTH, LOOKED_AT, FIRST };

static enum whom whom(const struct debug_command *c)
{
    static const struct {
        const char *group;
        enum whom whom;
    } groups[] = {{"going on", BOTH},     {"going back", BOTH},
                  {"time", BOTH},         {"stops", BOTH},
                  {"looking", LOOKED_AT}, {"learning", LOOKED_AT}};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (strcmp(groups[i].group, c->group) == 0) {
            return groups[i].whom;
        }
    }
    return FIRST;
}

const struct debug_command *debug_command_find(struct debug *d,
                                               const char *word)
{
    const struct debug_command *found = NULL;
    int begins = 0;
    word = spelling_of(word);
    for (const struct debug_command *c = debug_commands; c->name; c++) {
        if (strcmp(c->name, word) == 0 || strcmp(c->alias, word) == 0) {
            return c;
        }
        if (strncmp(c->name, word, strlen(word)) == 0) {
            found = c;
            begins++;
        }
    }
    if (begins == 1) {
        return found;
    }
    wrong(d, "%s '%s'; 'help' lists the commands",
          begins ? "more than one command begins with" : "there is no command",
          word);
    suggest(d->out, word, debug_command_name);
    for (size_t i = 0; view_name(i); i++) {
        if (strcmp(view_name(i), word) == 0) {
            fprintf(d->out, "  'view %s' shows it, on the full screen\n", word);
        }
    }
    return NULL;
}

/* Cut `text` into words, whose letters go to `room`; what is too much is left
 * to the last one's rest. */
static void split(const char *text, char *room, struct words *w)
{
    static const char blank[] = " \t\r\n";
    w->count = 0;
    text += strspn(text, blank);
    while (*text && w->count < WORDS_MAX) {
        size_t n = strcspn(text, blank);
        memcpy(room, text, n);
        room[n] = 0;
        w->word[w->count] = room;
        w->rest[w->count++] = text;
        room += n + 1;
        text += n;
        text += strspn(text, blank);
    }
    for (int i = w->count; i <= WORDS_MAX; i++) {
        w->rest[i] = "";
    }
}

static void run(struct debug *d, const struct debug_command *c,
                const struct words *w)
{
    bool alone = d->alone;
    if (!d->beside || whom(c) == FIRST) {
        d->hit = NULL;
        c->run(d, w);
        return;
    }
    d->alone = alone || whom(c) == LOOKED_AT;
    if (d->alone) {
        debug_looked_at(d)->hit = NULL;
    } else {
        d->hit = d->beside->hit = NULL;
    }
    beside_run(d, c, w);
    d->alone = alone;
}

void debug_execute_one(struct debug *d, const char *line)
{
    char text[LINE_MAX_BYTES], room[2 * LINE_MAX_BYTES];
    struct words w;
    size_t n = strlen(line);
    if (n >= sizeof text) {
        wrong(d, "a line of %zu characters: %d are the most", n,
              LINE_MAX_BYTES - 1);
        return;
    }
    memcpy(text, line, n + 1);
    while (n > 0 && isspace((unsigned char)text[n - 1])) {
        text[--n] = 0;
    }
    spelling_read(text, sizeof text);
    split(text, room, &w);
    if (w.count == 0 || w.word[0][0] == '#') {
        return; /* a comment of a batch file */
    }
    const struct debug_command *c = debug_command_find(d, w.word[0]);
    if (c && (d->locked & (uint64_t)1 << (c - debug_commands))) {
        wrong(d, "'%s' is locked, by whoever set this debugger up", c->name);
    } else if (c) {
        run(d, c, &w);
    }
}

/* Each of "CMD; CMD". */
static void execute_all(struct debug *d, const char *commands)
{
    char one[LINE_MAX_BYTES];
    while (*commands && !d->quit && !interrupt_pending()) {
        size_t n = strcspn(commands, ";");
        snprintf(one, sizeof one, "%.*s", (int)n, commands);
        debug_execute_one(d, one);
        commands += n + (commands[n] == ';');
    }
}

/* What a stop of `its` wants done, on that machine alone; it may lead to the
 * next stop, and so on, and to the end of that machine. */
static void execute_at_stop(struct debug *d, struct debug *its)
{
    bool turned = d->turned, alone = d->alone;
    while ((its == d || its == d->beside) && its->hit &&
           its->hit->commands[0] && !d->quit && !interrupt_pending()) {
        char commands[sizeof its->hit->commands];
        memcpy(commands, its->hit->commands, sizeof commands);
        its->hit = NULL;
        if (d->beside) {
            fprintf(d->out, "-- %d: %s\n", its == d ? 1 : 2, commands);
        }
        d->turned = its != d;
        d->alone = true;
        execute_all(d, commands);
        d->turned = turned;
        d->alone = alone;
    }
}

void debug_execute(struct debug *d, const char *line)
{
    debug_execute_one(d, line);
    execute_at_stop(d, d);
    if (d->beside) {
        execute_at_stop(d, d->beside);
    }
}

/* ------------------------------------------------------------------- help */

static void print_row(const struct debug *d, const struct debug_command *c)
{
    char head[80];
    snprintf(head, sizeof head, "  %-2s %-9s %-22s ", c->alias, c->name,
             c->args);
    print_hanging(d->out, head, 38, c->text);
}

static void help_all(struct debug *d)
{
    const char *group = "";
    for (const struct debug_command *c = debug_commands; c->name; c++) {
        if (strcmp(c->group, group) != 0) {
            fprintf(d->out, "%s%s%s\n", paint(d->out, STYLE_BOLD), c->group,
                    paint(d->out, STYLE_NONE));
            group = c->group;
        }
        print_row(d, c);
    }
    say(d,
        "  PLACE is a number, a symbol of the guest, a register, 7c0:0 as "
        "real mode\n  has it, or one + N. 'help print' tells of EXPR, 'help "
        "exit' of filters.\n  An empty line repeats the last command. Ctrl-C "
        "stops the guest.\n  'ringside explain NAME' tells more of any name "
        "you see here.");
}

void do_help(struct debug *d, const struct words *w)
{
    if (w->count < 2) {
        help_all(d);
        return;
    }
    const struct debug_command *c = debug_command_find(d, w->word[1]);
    if (c) {
        print_row(d, c);
        if (c->more) {
            print_wrapped(d->out, 5, c->more);
        }
    }
}

/* Does `text` have `word` in it, whatever the case? */
static bool mentions(const char *text, const char *word)
{
    for (; text && *text; text++) {
        size_t i = 0;
        while (word[i] && tolower((unsigned char)text[i]) ==
                              tolower((unsigned char)word[i])) {
            i++;
        }
        if (!word[i]) {
            return true;
        }
    }
    return false;
}

void do_apropos(struct debug *d, const struct words *w)
{
    bool any = false;
    if (w->count < 2) {
        wrong(d, "apropos what? A word: 'apropos memory'");
        return;
    }
    for (const struct debug_command *c = debug_commands; c->name; c++) {
        if (mentions(c->name, w->rest[1]) || mentions(c->args, w->rest[1]) ||
            mentions(c->text, w->rest[1]) || mentions(c->more, w->rest[1]) ||
            mentions(c->group, w->rest[1])) {
            print_row(d, c);
            any = true;
        }
    }
    if (!any) {
        fprintf(d->out, "no command speaks of '%s'; 'help' lists all\n",
                w->rest[1]);
    }
}

void do_quit(struct debug *d, const struct words *w)
{
    (void)w;
    d->quit = true;
}
