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
#include <sys/stat.h>
#include <unistd.h>

#define HISTORY_LINES 1000

struct line_source {
    struct debug *debug;
    FILE *file;
    bool terminal;
    char *last;         /* what an empty line repeats */
    char history[4096]; /* the file's path; "": none */
};

static struct debug *reading;

/* Of two machines it says so when the second is looked at. */
static const char *prompt(const struct debug *d)
{
    return d->turned ? "(ringside 2) " : "(ringside) ";
}

/* ------------------------------------------------------------- completion */

static const char *reason_name(size_t i)
{
    return i < EXIT_COUNT ? exit_names[i].name : NULL;
}

static const char *symbol_name(size_t i)
{
    return reading ? vm_symbol_name(debug_looked_at(reading)->vm, i) : NULL;
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

/* Registers and fields first, then symbols. */
static const char *place_at(size_t i)
{
    size_t names = 0;
    while (debug_name(names)) {
        names++;
    }
    return i < names ? debug_name(i) : symbol_name(i - names);
}

/* "syscall.c:", and then its lines that have code. */
static char *match_file(const char *text, int state)
{
    static size_t at;
    char name[300];
    bool lines = strchr(text, ':');
    at = state ? at : 0;
    while (reading &&
           debug_completion(reading, at++, lines, name, sizeof name)) {
        if (strncmp(name, text, strlen(text)) == 0) {
            rl_completion_append_character = lines ? ' ' : 0;
            return strdup(name);
        }
    }
    return NULL;
}

static char *match_place(const char *text, int state)
{
    static size_t at;
    static bool files;
    files = state && files;
    rl_completion_append_character =
        files ? rl_completion_append_character : ' ';
    char *match = files ? NULL : next_match(text, state, place_at, &at);
    if (!match) {
        match = match_file(text, files);
        files = true;
    }
    return match;
}

/* In a condition: reasons, too, as in "if reason=cr3". */
static const char *condition_at(size_t i)
{
    return i < EXIT_COUNT ? reason_name(i) : place_at(i - EXIT_COUNT);
}

static char *match_condition(const char *text, int state)
{
    static size_t at;
    return next_match(text, state, condition_at, &at);
}

/* Is what is typed at `start` behind an "if"? */
static bool in_condition(int start)
{
    const char *is = strstr(rl_line_buffer, " if ");
    return is && is - rl_line_buffer < start;
}

/* Views; and after one's name, where it is to look. */
static const char *view_at(size_t i)
{
    size_t views = 0;
    while (view_name(views)) {
        views++;
    }
    return i < views ? view_name(i) : place_at(i - views);
}

static char *match_view(const char *text, int state)
{
    static size_t at;
    return next_match(text, state, view_at, &at);
}

static const char *technique_at_name(size_t i)
{
    const struct technique *t = technique_at(i);
    return t ? technique_name(t) : NULL;
}

static char *match_technique(const char *text, int state)
{
    static size_t at;
    return next_match(text, state, technique_at_name, &at);
}

/* What a word that is not the first can be, after command c. */
static char **complete_argument(const struct debug_command *c, const char *text)
{
    switch (c->complete) {
    case COMPLETE_PLACE:
        return rl_completion_matches(text, match_place);
    case COMPLETE_REASON:
        return rl_completion_matches(text, match_reason);
    case COMPLETE_COMMAND:
        return rl_completion_matches(text, match_command);
    case COMPLETE_TECHNIQUE:
        return rl_completion_matches(text, match_technique);
    case COMPLETE_VIEW:
        return rl_completion_matches(text, match_view);
    case COMPLETE_NOTHING:
        return NULL;
    }
    return NULL;
}

static char **complete(const char *text, int start, int end)
{
    char word[16];
    (void)end;
    rl_attempted_completion_over = 1; /* no file names */
    if (start == 0) {
        return rl_completion_matches(text, match_command);
    }
    if (in_condition(start)) {
        return rl_completion_matches(text, match_condition);
    }
    size_t n = strcspn(rl_line_buffer, " ");
    snprintf(word, sizeof word, "%.*s", (int)n, rl_line_buffer);
    for (const struct debug_command *c = debug_commands; c->name; c++) {
        if (strcmp(word, c->name) == 0 || strcmp(word, c->alias) == 0) {
            return complete_argument(c, text);
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
    rl_completer_word_break_characters = " \t()[]+*/%=<>!&|^~,;";
    using_history();
}

/*
 * What was typed is kept for the next session, for its user alone: in
 * $RINGSIDE_HISTORY (empty: nowhere), else where XDG wants such things.
 */
static void history_begin(struct line_source *s)
{
    const char *own = getenv("RINGSIDE_HISTORY");
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    stifle_history(HISTORY_LINES);
    if (own) {
        snprintf(s->history, sizeof s->history, "%s", own);
    } else if (state && *state == '/') {
        snprintf(s->history, sizeof s->history, "%s/ringside_history", state);
    } else if (home && *home == '/') {
        snprintf(s->history, sizeof s->history, "%s/.ringside_history", home);
    }
    if (*s->history) {
        read_history(s->history);
    }
}

/* Where it cannot be written, it is not kept, and no harm is done. */
static void history_end(const struct line_source *s)
{
    if (*s->history) {
        mode_t before = umask(077);
        write_history(s->history);
        umask(before);
    }
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
        history_begin(s);
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
    fprintf(s->debug->out, "%s%s\n", prompt(s->debug), line);
    return line;
}

static char *from_terminal(const struct line_source *s)
{
    interrupt_note();
    char *line = readline(prompt(s->debug));
    if (line && *line) {
        add_history(line);
    }
    return line;
}

char *lines_next(struct line_source *s)
{
    char *line = s->terminal ? from_terminal(s) : from_file(s);
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
        if (s->terminal) {
            history_end(s);
        }
        free(s->last);
        free(s);
    }
}
