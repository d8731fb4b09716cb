/*
 * screen_term.c - the terminal: taken for a full screen, and given back as it
 * was, however the program ends.
 *
 * Parts:  what ink looks like; keys; signals; taking and giving back.
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

/*
 * Nobody can ask a terminal whether it is light or dark. So the background is
 * always its own, and a foreground is one that has a contrast of 3 or more to
 * both, black and white (WCAG 2, large text): of 256 colours there are some,
 * of eight only red and magenta; what has neither goes without.
 */
static const struct {
    attr_t attributes;
    short of_8, of_256; /* -1: the terminal's own */
} inks[INK_COUNT] = {
    [INK_PLAIN] = {A_NORMAL, -1, -1},
    [INK_TITLE] = {A_BOLD, -1, 31},
    [INK_STRONG] = {A_BOLD, -1, -1},
    [INK_FAINT] = {A_DIM, -1, -1},
    [INK_CHANGED] = {A_BOLD, COLOR_MAGENTA, 133},
    [INK_DIFFERS] = {A_UNDERLINE, -1, -1},
    [INK_GOOD] = {A_NORMAL, -1, 28},
    [INK_BAD] = {A_BOLD, COLOR_RED, 160},
    [INK_CHOSEN] = {A_REVERSE, -1, -1},
    [INK_STRIP] = {A_REVERSE, -1, -1},
};

static void mix_inks(struct screen *s)
{
    const char *off = getenv("NO_COLOR");
    bool colour = has_colors() && !(off && *off) && start_color() == OK &&
                  use_default_colors() == OK;
    for (int i = 0; i < INK_COUNT; i++) {
        bool many = COLORS >= 256;
        short its = many ? inks[i].of_256 : inks[i].of_8;
        attr_t attributes = inks[i].attributes;
        if (colour && its >= 0) {
            init_pair((short)(i + 1), its, -1);
            attributes &= many ? ~(attr_t)0 : ~A_BOLD; /* it lightens those */
            attributes |= COLOR_PAIR(i + 1);
        }
        s->attribute[i] = (int)attributes;
    }
}

/* ------------------------------------------------------------------- keys */

/* What terminals send for a key, whatever TERM says they are: a window that
 * calls itself vt100 has function keys, too. */
static void name_keys(void)
{
    static const struct {
        const char *bytes;
        int key;
    } keys[] = {{"\033OP", KEY_F(1)},    {"\033[11~", KEY_F(1)},
                {"\033OQ", KEY_F(2)},    {"\033[12~", KEY_F(2)},
                {"\033OR", KEY_F(3)},    {"\033[13~", KEY_F(3)},
                {"\033OS", KEY_F(4)},    {"\033[14~", KEY_F(4)},
                {"\033[15~", KEY_F(5)},  {"\033[17~", KEY_F(6)},
                {"\033[18~", KEY_F(7)},  {"\033[19~", KEY_F(8)},
                {"\033[20~", KEY_F(9)},  {"\033[21~", KEY_F(10)},
                {"\033[24~", KEY_F(12)}, {"\033[5~", KEY_PPAGE},
                {"\033[6~", KEY_NPAGE},  {"\033[3~", KEY_DC},
                {"\033[A", KEY_UP},      {"\033[B", KEY_DOWN},
                {"\033[C", KEY_RIGHT},   {"\033[D", KEY_LEFT},
                {"\033OA", KEY_UP},      {"\033OB", KEY_DOWN},
                {"\033OC", KEY_RIGHT},   {"\033OD", KEY_LEFT},
                {"\033[H", KEY_HOME},    {"\033[F", KEY_END},
                {"\033[1~", KEY_HOME},   {"\033[4~", KEY_END},
                {"\033[Z", KEY_BTAB}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        define_key(keys[i].bytes, keys[i].key);
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
    nodelay(stdscr, TRUE);
    set_escdelay(50);
    name_keys();
    mix_inks(s);
    handle_ends(give_back);
    return true;
}
