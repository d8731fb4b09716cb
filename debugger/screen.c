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

static uint64_t instructions_of(const struct debug *d)
{
    const struct books *b = vm_books(d->vm);
    return b->instructions + b->interpreted_instructions;
}

static void note_was(struct screen *s, struct seen *e)
{
    struct debug *d = e->debug;
    screen_turn(s, e);
    e->was.clock = debug_clock(d);
    e->was.instructions = instructions_of(d);
    e->was.exits = d->last.number;
    e->was.here = look_here(s);
}

/* What ran last: after a step the instruction that was next before it, after
 * an exit the one that caused it; after a way back nobody knows. */
static void note_ran(struct seen *e)
{
    const struct debug *d = e->debug;
    if (debug_clock(d) == e->was.clock) {
        return;
    }
    e->exit = 0;
    e->ran_known = false;
    if (instructions_of(d) == e->was.instructions + 1) {
        e->ran_known = true;
        e->ran = e->was.here;
    } else if (d->last.number > e->was.exits && d->last.vm == vm_id(d->vm)) {
        e->ran_known = true;
        e->ran = d->last.eip;
    }
}

/* Has the machine of this side moved? */
static bool has_moved(const struct seen *e)
{
    return debug_clock(e->debug) != e->was.clock;
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
    struct debug *d = s->side[0].debug;
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
    char echo[SCREEN_LINE + 16];
    if (s->opened && s->chosen == PANE_output) {
        screen_view(s, s->beside);
    }
    for (int i = 0; i < screen_sides(s); i++) {
        note_was(s, &s->side[i]);
    }
    screen_turn_back(s);
    size_t before = s->log.command;
    s->opened = false;
    s->log.command = s->log.lines;
    s->scroll[PANE_output] = 0;
    snprintf(echo, sizeof echo, "(ringside) %s", line);
    log_text(&s->log, echo);
    s->running = true;
    screen_draw(s);
    execute(s, line);
    s->running = false;
    if (s->chosen == PANE_output && s->log.lines == s->log.command + 1) {
        s->log.command = before; /* `view output` means the one before it */
    }
    bool moved = false;
    for (int i = 0; i < screen_sides(s); i++) {
        note_ran(&s->side[i]);
        moved = moved || has_moved(&s->side[i]);
    }
    screen_turn_back(s);
    if (!moved || is_lesson(line)) {
        open_output(s);
    }
}

/* ------------------------------------------------------------- the sides */

bool screen_pair(const struct screen *s)
{
    return s->side[1].debug != NULL;
}

int screen_sides(const struct screen *s)
{
    return screen_pair(s) ? 2 : 1;
}

void screen_turn(struct screen *s, struct seen *side)
{
    s->at = side;
    s->debug = side->debug;
}

void screen_turn_back(struct screen *s)
{
    screen_turn(s, &s->side[screen_pair(s) && s->side[0].debug->turned]);
}

static bool seen_open(struct seen *e, struct debug *d)
{
    *e = (struct seen){.debug = d, .records = calloc(1, sizeof *e->records)};
    return e->records != NULL;
}

#define KNOWN 256u /* exits */

/* What has been before there was a screen: the last exits are played again. */
static void seen_fill(struct screen *s, struct seen *e)
{
    struct debug *d = e->debug;
    uint64_t last = d->last.number, now = debug_clock(d);
    d->screen = s;
    if (last > 0 && last <= d->past.exits) {
        d->looking = false;
        past_seek(d, last > KNOWN ? d->past.exit[last - KNOWN - 1].clock : 0);
        past_seek(d, now);
        stops_set(d);
    }
}

static void seen_close(struct seen *e)
{
    free(e->records);
    *e = (struct seen){0};
}

bool screen_beside(struct screen *s, struct debug *d)
{
    seen_close(&s->side[1]);
    bool ok = !d || seen_open(&s->side[1], d);
    if (!ok) {
        seen_close(&s->side[1]);
    }
    if (d && ok) {
        s->side[1].was.clock = debug_clock(d);
        screen_view(s, PANE_beside);
    } else if (s->chosen == PANE_beside) {
        screen_view(s, PANE_exits);
    }
    screen_turn(s, &s->side[0]);
    return ok;
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

void screen_exit(struct screen *s, const struct debug *d,
                 const struct exit_record *x)
{
    records_note(s->side[d != s->side[0].debug].records, x);
}

/* ----------------------------------------------------------- the command */

void screen_view(struct screen *s, enum pane_id pane)
{
    if (pane != s->chosen) {
        s->beside = s->chosen;
        s->chosen = pane;
    }
}

const char *view_name(size_t i)
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
        s->at->exit = number;
        if (number && !look_exit(s)) {
            fprintf(s->debug->out, "exit %s has not been, or is too long ago\n",
                    w->word[2]);
            s->at->exit = 0;
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
        suggest(d->out, w->word[1], view_name);
        return;
    }
    screen_view(s, pane);
    look_at(s, w);
}

/* ----------------------------------------------------------- the session */

/* Something is there to be read, and yet there is no key: that is the input's
 * end, but for what the shell has read while the program was stopped. */
static bool is_end(struct pollfd *in)
{
    if (!in->revents || poll(in, 1, 0) <= 0) {
        return false;
    }
    int key = getch();
    if (key != ERR) {
        ungetch(key);
    }
    return key == ERR && poll(in, 1, 0) > 0;
}

/* The next key; ERR: Ctrl-C, or the input's end. */
static int next_key(struct screen *s)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    for (;;) {
        int key = getch();
        if (key != ERR || interrupt_pending()) {
            return key;
        }
        if (is_end(&in)) {
            s->over = true;
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
    while (!s->side[0].debug->quit && !s->over) {
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
    s->chosen = screen_pair(s) ? PANE_beside : PANE_exits;
    s->beside = PANE_anatomy;
    s->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    snprintf(s->repeat, sizeof s->repeat, "exit");
    log_text(&s->log, "welcome");
    if (s->debug->greeting) {
        log_text(&s->log, s->debug->greeting);
        screen_view(s, PANE_output); /* the whole of it */
        s->opened = true;
        return;
    }
    log_text(&s->log, "A guest stands before its first instruction. Right "
                      "runs to its next exit into");
    log_text(&s->log, "the monitor, Space runs one instruction. 'tour' shows "
                      "the first five minutes,");
    log_text(&s->log, "? all keys, 'help' all commands.");
}

bool screen_run(struct debug *d)
{
    struct screen *s = calloc(1, sizeof *s);
    bool ran = false;
    bool ready = s && seen_open(&s->side[0], d);
    if (ready && d->beside) {
        ready = seen_open(&s->side[1], d->beside);
    }
    if (ready) {
        screen_turn_back(s);
    }
    if (ready && term_open(s)) {
        int kept = keep_errors(s);
        ran = keys_open(s);
        if (ran) {
            d->screen = s;
            begin(s);
            for (int i = 0; i < screen_sides(s); i++) {
                seen_fill(s, &s->side[i]);
            }
            loop(s);
            d->screen = NULL;
            keys_close();
        }
        errors_again(s, kept);
        term_close();
    }
    if (s) {
        log_free(&s->log);
        seen_close(&s->side[0]);
        seen_close(&s->side[1]);
    }
    free(s);
    return ran;
}
