/*
 * screen_term.c - the terminal: taken for a full screen, and given back as it
 * was, however the program ends.
 *
 * Parts:  what ink looks like; signals; taking and giving back.
 *
 * A signal's handler gets no argument and may call little, so what it needs
 * is written down beforehand in a variable: the terminal's settings, and the
 * bytes that make it leave its full screen. A process has one terminal.
 */
#include "screen.h"

#include <errno.h>
#include <ncurses.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

/* ------------------------------------------------------------------- ink */

/* Colours go with attributes, and no colour is needed: default background,
 * and foregrounds that are read on light and dark. */
static const struct {
    attr_t attributes;
    short colour;
} inks[INK_COUNT] = {
    [INK_PLAIN] = {A_NORMAL, -1},
    [INK_TITLE] = {A_BOLD, COLOR_CYAN},
    [INK_STRONG] = {A_BOLD, -1},
    [INK_FAINT] = {A_DIM, -1},
    [INK_CHANGED] = {A_BOLD, COLOR_MAGENTA},
    [INK_DIFFERS] = {A_UNDERLINE, -1},
    [INK_GOOD] = {A_NORMAL, COLOR_GREEN},
    [INK_BAD] = {A_BOLD, COLOR_RED},
    [INK_CHOSEN] = {A_REVERSE, -1},
    [INK_STRIP] = {A_REVERSE, -1},
};

static void mix_inks(struct screen *s)
{
    const char *off = getenv("NO_COLOR");
    bool colour = has_colors() && !(off && *off) && start_color() == OK &&
                  use_default_colors() == OK;
    for (int i = 0; i < INK_COUNT; i++) {
        s->attribute[i] = (int)inks[i].attributes;
        if (colour && inks[i].colour >= 0) {
            init_pair((short)(i + 1), inks[i].colour, -1);
            s->attribute[i] |= (int)COLOR_PAIR(i + 1);
        }
    }
}

/* --------------------------------------------------------------- signals */

static struct {
    struct termios settings; /* before */
    char leave[256];         /* what the terminal is sent */
    size_t length;
} before;

/* Those that end a program. */
static const int ends[] = {SIGTERM, SIGHUP, SIGQUIT, SIGABRT,
                           SIGSEGV, SIGBUS, SIGFPE,  SIGILL};
#define ENDS (sizeof ends / sizeof *ends)

static void give_back(int signal_number)
{
    ssize_t written = write(STDOUT_FILENO, before.leave, before.length);
    (void)written;
    tcsetattr(STDIN_FILENO, TCSANOW, &before.settings);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void handle_ends(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ENDS; i++) {
        sigaction(ends[i], &action, NULL);
    }
    interrupt_last(handler == SIG_DFL ? NULL : handler);
}

/* `bytes` is a capability of the terminal; NULL: it has not that. */
static void note_leaving(const char *bytes)
{
    size_t n = bytes ? strlen(bytes) : 0;
    if (n && before.length + n < sizeof before.leave) {
        memcpy(before.leave + before.length, bytes, n);
        before.length += n;
    }
}

/* ----------------------------------------------- taking and giving back */

static SCREEN *taken; /* as ncurses has it, which has one at a time */

void term_close(void)
{
    handle_ends(SIG_DFL);
    endwin();
    delscreen(taken);
    taken = NULL;
}

bool term_open(struct screen *s)
{
    const char *name = getenv("TERM");
    bool known = tcgetattr(STDIN_FILENO, &before.settings) == 0;
    taken = known ? newterm(NULL, stdout, stdin) : NULL;
    if (!taken || !cursor_address) {
        if (taken) {
            term_close();
        }
        complain("the terminal '%s' has no full screen (TERM says which it "
                 "is): going on line by line",
                 name ? name : "");
        return false;
    }
    before.length = 0;
    note_leaving(exit_attribute_mode);
    note_leaving(keypad_local);
    note_leaving(cursor_normal);
    note_leaving(exit_ca_mode);
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    set_escdelay(50);
    mix_inks(s);
    handle_ends(give_back);
    return true;
}
