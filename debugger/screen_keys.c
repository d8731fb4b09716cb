/*
 * screen_keys.c - keys: which command each stands for, and the command line.
 *
 * Letters go to the command line, whose editing, history and completion are
 * readline's, fed one byte at a time and drawn here. While the line is empty
 * the other keys stand for commands, which are echoed, so that using the keys
 * teaches the language; ':' gives all keys to the line.
 *
 * Readline has one line in a program, and its functions get no argument:
 * hence the static variables, as in debug_line.c.
 */
#include "screen.h"

#include <ncurses.h>
#include <readline/history.h>
#include <readline/readline.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------ keys and commands */

const struct key_command key_commands[] = {
    {' ', "Space", "step", "step: one instruction"},
    {KEY_BACKSPACE, "Backspace", "rstep", "rstep: one back"},
    {KEY_RIGHT, "Right", "exit", "exit: to the next exit"},
    {KEY_LEFT, "Left", "rexit", "rexit: to the one before"},
    {'>', ">", "run to marker", "run to marker: next phase"},
    {'<', "<", "back to marker", "back to marker: phase before"},
    {KEY_F(5), "F5", "continue", "continue; Ctrl-C stops it"},
    {KEY_F(6), "F6", "rcontinue", "rcontinue: back to a stop"},
    {KEY_F(7), "F7", "side", "side: the other of two machines"},
    {0},
};

static const char *command_of(int key, char *buf, size_t size)
{
    for (const struct key_command *k = key_commands; k->key; k++) {
        if (k->key == key) {
            return k->command;
        }
    }
    for (int p = 0; p < PANE_COUNT; p++) {
        if (panes[p].key == key) {
            snprintf(buf, size, "view %s", panes[p].name);
            return buf;
        }
    }
    return NULL;
}

/* ------------------------------------------------------- the command line */

static struct screen *shown;
static int fed = -1;
static FILE *nowhere; /* what readline would write itself */

static int next_byte(FILE *unused)
{
    int c = fed;
    (void)unused;
    fed = -1;
    return c >= 0 ? c : EOF;
}

/* Readline would look for more that has been typed already. */
static int byte_waits(void)
{
    return fed >= 0;
}

static void draw_nothing(void)
{
}

static void line_done(char *line)
{
    free(line); /* Enter does not come to readline */
}

static void show_matches(char **matches, int count, int longest)
{
    char row[COLUMNS + 1];
    size_t n = 0;
    (void)longest;
    for (int i = 1; i <= count; i++) {
        if (n && n + strlen(matches[i]) + 2 > sizeof row) {
            log_text(&shown->log, row);
            n = 0;
        }
        int more = snprintf(row + n, sizeof row - n, "  %s", matches[i]);
        n = n + (size_t)more < sizeof row ? n + (size_t)more : sizeof row - 1;
    }
    if (n) {
        log_text(&shown->log, row);
    }
}

bool keys_open(struct screen *s)
{
    nowhere = fopen("/dev/null", "w");
    if (!nowhere) {
        return false;
    }
    shown = s;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_prep_term_function = NULL;
    rl_deprep_term_function = NULL;
    rl_outstream = nowhere;
    rl_getc_function = next_byte;
    rl_input_available_hook = byte_waits;
    rl_redisplay_function = draw_nothing;
    rl_completion_display_matches_hook = show_matches;
    lines_complete(s->debug);
    rl_variable_bind("bell-style", "none");
    rl_callback_handler_install("", line_done);
    return true;
}

void keys_close(void)
{
    rl_callback_handler_remove();
    fclose(nowhere);
    shown = NULL;
}

static void feed(int byte)
{
    fed = byte;
    rl_callback_read_char();
    fed = -1;
}

static void line_set(const char *text)
{
    rl_replace_line(text, 1);
    rl_point = rl_end;
}

/* The line as it was typed; an empty one does the last again. */
static void enter(struct screen *s)
{
    char line[SCREEN_LINE];
    bool empty = rl_line_buffer[strspn(rl_line_buffer, " \t")] == 0;
    snprintf(line, sizeof line, "%s", empty ? s->repeat : rl_line_buffer);
    line_set("");
    s->typing = false;
    using_history();
    if (*line) {
        if (!empty) {
            add_history(line);
        }
        snprintf(s->repeat, sizeof s->repeat, "%s", line);
        screen_command(s, line);
    }
}

/* Keys of editing, as the bytes that readline knows them by. */
static int byte_of(int key)
{
    static const struct {
        int key, byte;
    } bytes[] = {{KEY_UP, CTRL('P')},   {KEY_DOWN, CTRL('N')},
                 {KEY_LEFT, CTRL('B')}, {KEY_RIGHT, CTRL('F')},
                 {KEY_HOME, CTRL('A')}, {KEY_END, CTRL('E')},
                 {KEY_DC, CTRL('D')},   {KEY_BACKSPACE, 0x7f}};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        if (bytes[i].key == key) {
            return bytes[i].byte;
        }
    }
    return key < 0x100 ? key : -1;
}

static void key_of_line(struct screen *s, int key)
{
    int byte = byte_of(key);
    if (key == '\r' || key == '\n' || key == KEY_ENTER) {
        enter(s);
    } else if (key == 0x1b) {
        line_set("");
        s->typing = false;
    } else if (byte >= 0) {
        feed(byte);
        s->typing = s->typing && rl_end > 0;
    }
}

/* ---------------------------------------------------------- an empty line */

static void choose(struct screen *s, int by)
{
    char line[SCREEN_LINE];
    int next = ((int)s->chosen + by + PANE_COUNT) % PANE_COUNT;
    snprintf(line, sizeof line, "view %s", panes[next].name);
    screen_command(s, line);
}

/* Up and down: of exits the next is chosen, all else is scrolled. */
static void move_by(struct screen *s, int by)
{
    const struct exit_record *x = look_exit(s);
    bool exits = s->chosen == PANE_exits || s->chosen == PANE_anatomy;
    if (!exits || !x) {
        int *at = &s->scroll[s->chosen];
        by = s->chosen == PANE_console ? -by : by; /* from its end */
        *at = *at + by > 0 ? *at + by : 0;
        return;
    }
    uint64_t last = s->debug->last.number;
    uint64_t to = x->number + (uint64_t)(int64_t)by;
    if (by < 0 && x->number <= (uint64_t)-by) {
        to = 1;
    }
    s->at->exit = to >= last ? 0 : to;
    if (!look_exit(s)) {
        s->at->exit = x->number; /* too long ago to be known */
    }
}

/* Keys that change what is seen, and are no commands. */
static bool key_of_view(struct screen *s, int key)
{
    int page = s->rows[s->chosen] > 1 ? s->rows[s->chosen] - 1 : 1;
    switch (key) {
    case KEY_UP:
        move_by(s, -1);
        return true;
    case KEY_DOWN:
        move_by(s, 1);
        return true;
    case KEY_PPAGE:
        move_by(s, -page);
        return true;
    case KEY_NPAGE:
        move_by(s, page);
        return true;
    case '\t':
        choose(s, 1);
        return true;
    case KEY_BTAB:
        choose(s, -1);
        return true;
    case '+':
    case '-':
        s->alone = key == '+';
        return true;
    case '?':
    case KEY_F(1):
        s->help = true;
        return true;
    case ':':
        s->typing = true;
        return true;
    case CTRL('D'):
        s->over = true;
        return true;
    default:
        return false;
    }
}

void keys_key(struct screen *s, int key)
{
    char line[SCREEN_LINE];
    if (s->help) {
        s->help = false;
        return;
    }
    if (key == 0x7f || key == CTRL('H')) {
        key = KEY_BACKSPACE;
    }
    if (s->typing || rl_end > 0) {
        key_of_line(s, key);
        return;
    }
    const char *command = command_of(key, line, sizeof line);
    if (command) {
        snprintf(s->repeat, sizeof s->repeat, "%s", command);
        screen_command(s, command);
    } else if (!key_of_view(s, key)) {
        key_of_line(s, key);
    }
}

void keys_interrupt(struct screen *s)
{
    line_set("");
    s->typing = false;
}

void keys_draw(struct screen *s, struct box *b)
{
    int from = 0, prompt;
    put_ink(b, INK_STRONG, s->typing ? ":" : "(ringside)");
    put(b, " ");
    prompt = b->col;
    if (rl_end == 0 && !s->typing) {
        put_ink(b, INK_FAINT,
                "type a command, or: ? keys  Right next exit  Space step");
    } else if (rl_point >= b->w - prompt) {
        from = rl_point - (b->w - prompt) + 1;
    }
    if (rl_end > from) {
        put(b, "%s", rl_line_buffer + from);
    }
    int at = prompt + rl_point - from;
    move(b->y, b->x + (at < b->w ? at : b->w - 1));
}
