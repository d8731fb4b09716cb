/*
 * screen.c - the full screen: a session of it.
 *
 * Keys become lines of the command language (screen_keys.c), a line is
 * executed as in the other faces, what it prints goes to the log, and then
 * the panes show the machine as it is now (screen_layout.c).
 */
#include "screen.h"

#include <errno.h>
#include <langinfo.h>
#include <ncurses.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ------------------------------------------------------------- a command */

/* What ran last: after a step the instruction that was next before it, after
 * an exit the one that caused it; after a way back nobody knows. */
static void note_ran(struct screen *s, uint32_t here, uint64_t clock,
                     uint64_t instructions, uint64_t exits)
{
    const struct debug *d = s->debug;
    const struct books *b = vm_books(d->vm);
    uint64_t done = b->instructions + b->interpreted_instructions;
    if (monitor_clock(d->session.monitor) == clock) {
        return;
    }
    s->exit = 0;
    s->ran_known = false;
    if (done == instructions + 1) {
        s->ran_known = true;
        s->ran = here;
    } else if (d->last.number > exits && d->last.vm == vm_id(d->vm)) {
        s->ran_known = true;
        s->ran = d->last.eip;
    }
}

/* What was written to standard error since: screen_run keeps it there. */
static void log_errors(struct screen *s)
{
    char text[1024];
    ssize_t n;
    off_t at = 0;
    if (!s->errors) {
        return;
    }
    fflush(stderr);
    while ((n = pread(fileno(s->errors), text, sizeof text - 1, at)) > 0) {
        text[n] = 0;
        log_text(&s->log, text);
        at += n;
    }
    if (at && ftruncate(fileno(s->errors), 0) == 0) {
        lseek(fileno(s->errors), 0, SEEK_SET);
    }
}

static void execute(struct screen *s, const char *line)
{
    struct debug *d = s->debug;
    char *said = NULL;
    size_t size;
    FILE *out = open_memstream(&said, &size);
    if (!out) {
        log_text(&s->log, "no memory for what the command would say");
        return;
    }
    d->out = out;
    debug_execute(d, line);
    d->out = stdout;
    if (fclose(out) == 0) {
        log_text(&s->log, said);
    }
    free(said);
    log_errors(s);
}

/* Is it a command that is given to read what it says, though it may run the
 * guest, too? */
static bool is_lesson(const char *line)
{
    size_t n = strcspn(line, " ");
    for (const struct debug_command *c = debug_commands; c->name; c++) {
        if (n > 1 && strncmp(c->name, line, n) == 0 &&
            strcmp(c->group, "learning") == 0) {
            return true;
        }
    }
    return false;
}

/* More was said than is seen: show it, until the next command. */
static void open_output(struct screen *s)
{
    if (s->log.lines - s->log.command > (size_t)s->log_rows + 1) {
        screen_view(s, PANE_output);
        s->opened = true;
    }
}

void screen_command(struct screen *s, const char *line)
{
    struct debug *d = s->debug;
    const struct books *b = vm_books(d->vm);
    uint64_t clock = monitor_clock(d->session.monitor);
    uint64_t done = b->instructions + b->interpreted_instructions;
    uint64_t exits = d->last.number;
    uint32_t here = look_here(s);
    char echo[SCREEN_LINE + 16];
    if (s->opened && s->chosen == PANE_output) {
        screen_view(s, s->beside);
    }
    s->opened = false;
    s->log.command = s->log.lines;
    s->scroll[PANE_output] = 0;
    snprintf(echo, sizeof echo, "(ringside) %s", line);
    log_text(&s->log, echo);
    s->running = true;
    screen_draw(s);
    execute(s, line);
    s->running = false;
    note_ran(s, here, clock, done, exits);
    if (monitor_clock(d->session.monitor) == clock || is_lesson(line)) {
        open_output(s);
    }
}

/* Ten times a second. A key that is pressed meanwhile waits its turn. */
void screen_tick(struct screen *s)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    long tenth = (long)t.tv_sec * 10 + t.tv_nsec / 100000000;
    if (tenth == s->tenth) {
        return;
    }
    s->tenth = tenth;
    int key = getch();
    if (key != ERR && key != KEY_RESIZE) {
        ungetch(key);
    }
    screen_draw(s);
}

void screen_exit(struct screen *s, const struct exit_record *x)
{
    records_note(s->records, x);
}

/* ----------------------------------------------------------- the command */

void screen_view(struct screen *s, enum pane_id pane)
{
    if (pane != s->chosen) {
        s->beside = s->chosen;
        s->chosen = pane;
    }
}

static const char *pane_name(size_t i)
{
    return i < PANE_COUNT ? panes[i].name : NULL;
}

/* A pane by its name, or the start of it; PANE_COUNT: none. */
static enum pane_id pane_find(const char *word)
{
    for (int p = 0; p < PANE_COUNT; p++) {
        if (strncmp(panes[p].name, word, strlen(word)) == 0) {
            return (enum pane_id)p;
        }
    }
    return PANE_COUNT;
}

/* The second word: an exit's number, or a place. */
static bool look_at(struct screen *s, const struct words *w)
{
    uint64_t number;
    if (s->chosen == PANE_exits || s->chosen == PANE_anatomy) {
        if (!debug_count(s->debug, w, 2, 0, &number)) {
            return false;
        }
        s->exit = number;
        if (number && !look_exit(s)) {
            fprintf(s->debug->out, "exit %s has not been, or is too long ago\n",
                    w->word[2]);
            s->exit = 0;
        }
        return true;
    }
    s->place_given =
        w->count > 2 && debug_address(s->debug, w->word[2], &s->place);
    return true;
}

void do_view(struct debug *d, const struct words *w)
{
    struct screen *s = d->screen;
    if (!s) {
        say(d, "views are the full screen's: ringside debug without --plain");
        return;
    }
    if (w->count < 2) {
        for (int p = 0; p < PANE_COUNT; p++) {
            fprintf(d->out, "  %-3s %-10s %s\n", panes[p].key_name,
                    panes[p].name, panes[p].text);
        }
        return;
    }
    enum pane_id pane = pane_find(w->word[1]);
    if (pane == PANE_COUNT) {
        fprintf(d->out, "there is no view '%s'; 'view' lists them\n",
                w->word[1]);
        suggest(d->out, w->word[1], pane_name);
        return;
    }
    screen_view(s, pane);
    look_at(s, w);
}

/* ----------------------------------------------------------- the session */

/* The next key; ERR: Ctrl-C, or the input's end. */
static int next_key(struct screen *s)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    for (;;) {
        int key = getch();
        if (key != ERR || interrupt_pending()) {
            return key;
        }
        if (in.revents & (POLLIN | POLLHUP | POLLERR)) {
            s->over = true; /* there was something, and it was the end */
            return ERR;
        }
        in.revents = 0;
        if (poll(&in, 1, -1) < 0 && errno != EINTR) {
            s->over = true;
            return ERR;
        }
    }
}

static void loop(struct screen *s)
{
    nodelay(stdscr, TRUE);
    while (!s->debug->quit && !s->over) {
        interrupt_note();
        screen_draw(s);
        int key = next_key(s);
        if (interrupt_pressed()) {
            keys_interrupt(s);
        }
        if (key == KEY_RESIZE) {
            erase();
        } else if (key != ERR) {
            keys_key(s, key);
        }
    }
}

/* What the program says to standard error would tear the screen: it is kept
 * and shown as what commands say. Not if it goes elsewhere anyhow. */
static int keep_errors(struct screen *s)
{
    int kept = isatty(STDERR_FILENO) ? dup(STDERR_FILENO) : -1;
    s->errors = kept >= 0 ? tmpfile() : NULL;
    if (s->errors) {
        fflush(stderr);
        dup2(fileno(s->errors), STDERR_FILENO);
    }
    return kept;
}

static void errors_again(struct screen *s, int kept)
{
    if (s->errors) {
        fflush(stderr);
        dup2(kept, STDERR_FILENO);
        fclose(s->errors);
    }
    if (kept >= 0) {
        close(kept);
    }
}

static void begin(struct screen *s)
{
    s->chosen = PANE_exits;
    s->beside = PANE_anatomy;
    s->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    snprintf(s->repeat, sizeof s->repeat, "exit");
    log_text(&s->log, "welcome");
    log_text(&s->log, "A guest stands before its first instruction. Right "
                      "runs to its next exit into");
    log_text(&s->log, "the monitor, Space runs one instruction, ? shows all "
                      "keys, 'help' all commands.");
}

bool screen_run(struct debug *d)
{
    struct screen *s = calloc(1, sizeof *s);
    bool ran = false;
    if (s) {
        s->debug = d;
        s->records = calloc(1, sizeof *s->records);
    }
    if (s && s->records && term_open(s)) {
        int kept = keep_errors(s);
        ran = keys_open(s);
        if (ran) {
            d->screen = s;
            begin(s);
            loop(s);
            d->screen = NULL;
            keys_close();
        }
        errors_again(s, kept);
        term_close();
    }
    if (s) {
        log_free(&s->log);
        free(s->records);
    }
    free(s);
    return ran;
}
