/*
 * debug_line.c - where the debugger's lines come from: a terminal, with
 * readline's editing, history and completion; or a file, which is echoed, so
 * that a transcript reads like a session.
 *
 * Readline's callbacks get no argument of their own, hence the one static
 * pointer here, to the session whose lines are read.
 */
#include "debug.h"

#include <readline/history.h>
#include <readline/readline.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROMPT "(ringside) "

struct line_source {
    struct debug *debug;
    FILE *file;
    bool terminal;
    char *last; /* what an empty line repeats */
};

static struct debug *reading;

/* ------------------------------------------------------------- completion */

static const char *reason_name(size_t i)
{
    return i < EXIT_COUNT ? exit_names[i].name : NULL;
}

static const char *symbol_name(size_t i)
{
    return reading ? vm_symbol_name(reading->vm, i) : NULL;
}

/* The next of the names that begins with `text`; state 0 starts anew. */
static char *next_match(const char *text, int state,
                        const char *(*name)(size_t i), size_t *at)
{
    if (state == 0) {
        *at = 0;
    }
    while (name(*at)) {
        const char *candidate = name((*at)++);
        if (strncmp(candidate, text, strlen(text)) == 0) {
            return strdup(candidate);
        }
    }
    return NULL;
}

static char *match_command(const char *text, int state)
{
    static size_t at;
    return next_match(text, state, debug_command_name, &at);
}

static char *match_reason(const char *text, int state)
{
    static size_t at;
    return next_match(text, state, reason_name, &at);
}

/* Registers first, then symbols. */
static const char *place_at(size_t i)
{
    size_t registers = 0;
    while (debug_register_name(registers)) {
        registers++;
    }
    return i < registers ? debug_register_name(i) : symbol_name(i - registers);
}

static char *match_place(const char *text, int state)
{
    static size_t at;
    return next_match(text, state, place_at, &at);
}

static char **complete(const char *text, int start, int end)
{
    char word[16];
    (void)end;
    rl_attempted_completion_over = 1; /* no file names */
    if (start == 0) {
        return rl_completion_matches(text, match_command);
    }
    size_t n = strcspn(rl_line_buffer, " ");
    snprintf(word, sizeof word, "%.*s", (int)n, rl_line_buffer);
    for (const struct debug_command *c = debug_commands; c->name; c++) {
        if (strcmp(word, c->name) != 0 && strcmp(word, c->alias) != 0) {
            continue;
        }
        switch (c->complete) {
        case COMPLETE_PLACE:
            return rl_completion_matches(text, match_place);
        case COMPLETE_REASON:
            return rl_completion_matches(text, match_reason);
        case COMPLETE_COMMAND:
            return rl_completion_matches(text, match_command);
        case COMPLETE_NOTHING:
            return NULL;
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------ lines */

/* Ctrl-C at the prompt: what was typed is dropped, a new line begins. */
static int on_signal(void)
{
    if (interrupt_pressed()) {
        putc('\n', stdout);
        rl_on_new_line();
        rl_replace_line("", 0);
        rl_redisplay();
    }
    return 0;
}

void lines_complete(struct debug *d)
{
    reading = d;
    rl_readline_name = "ringside";
    rl_attempted_completion_function = complete;
    using_history();
}

struct line_source *lines_open(struct debug *d, FILE *file)
{
    struct line_source *s = calloc(1, sizeof *s);
    if (!s) {
        return NULL;
    }
    s->debug = d;
    s->file = file;
    s->terminal = isatty(fileno(file)) && isatty(STDOUT_FILENO);
    if (s->terminal) {
        lines_complete(d);
        rl_signal_event_hook = on_signal;
    }
    return s;
}

static char *from_file(struct line_source *s)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n = getline(&line, &room, s->file);
    if (n < 0) {
        free(line);
        return NULL;
    }
    line[strcspn(line, "\r\n")] = 0;
    s->debug->line++;
    fprintf(s->debug->out, PROMPT "%s\n", line);
    return line;
}

static char *from_terminal(void)
{
    interrupt_note();
    char *line = readline(PROMPT);
    if (line && *line) {
        add_history(line);
    }
    return line;
}

char *lines_next(struct line_source *s)
{
    char *line = s->terminal ? from_terminal() : from_file(s);
    if (!line) {
        return NULL;
    }
    bool empty = line[strspn(line, " \t")] == 0;
    if (empty && s->last && s->terminal) {
        free(line);
        return strdup(s->last);
    }
    if (!empty) {
        free(s->last);
        s->last = strdup(line);
    }
    return line;
}

void lines_close(struct line_source *s)
{
    reading = NULL;
    if (s) {
        free(s->last);
        free(s);
    }
}
