/*
 * cmd_debug.c - ringside debug: a session of the plain debugger.
 *
 * Lines come from the terminal, from standard input, or from --batch FILE.
 * Nothing that is typed ends the session but quit and the input's end.
 */
#include "debug.h"
#include "evidence.h"
#include "gdb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONSOLE_MAX                                          \
    (16u << 20) /* of the guest's output, the oldest is kept \
                 */

static void on_exit_record(void *who, struct monitor *m,
                           const struct exit_record *x)
{
    struct debug *d = who;
    d->last = *x;
    d->vm = monitor_vm(m, x->vm - 1);
    d->exits_seen++;
    past_note(d, x, monitor_clock(m));
    stops_exit(d, x);
    if (d->screen) {
        screen_exit(d->screen, x);
    }
}

static void on_marker(void *who, struct vm *v, uint32_t id)
{
    struct debug *d = who;
    (void)v;
    d->marker = id;
    stops_marker(d, id);
}

static void on_output(void *who, struct vm *v, enum output_channel channel,
                      uint8_t byte)
{
    struct kept *k = &((struct debug *)who)->console[vm_id(v) - 1];
    (void)channel;
    if (k->size == k->room && k->room < CONSOLE_MAX) {
        size_t room = k->room ? k->room * 2 : 4096;
        char *bytes = realloc(k->bytes, room);
        if (!bytes) {
            return;
        }
        k->bytes = bytes;
        k->room = room;
    }
    if (k->size < k->room) {
        k->bytes[k->size++] = (char)byte;
    }
}

static void greet(struct debug *d)
{
    const struct technique *t = vm_technique(d->vm);
    char line[400];
    snprintf(line, sizeof line, "%s under %s: %s.", vm_name(d->vm),
             technique_name(t), technique_text(t));
    print_wrapped(d->out, 0, line);
    say(d, "'exit' runs to the next exit, 'help' lists the commands.");
    tell_place(d);
}

/* To the end of the lines. Of a file, each has its number. */
static void loop(struct debug *d, FILE *file)
{
    struct line_source *lines = lines_open(d, file);
    while (lines && !d->quit) {
        char *line = lines_next(lines);
        if (!line) {
            break;
        }
        debug_execute(d, line);
        fflush(d->out);
        free(line);
    }
    lines_close(lines);
}

static FILE *open_lines(const char *path, const char *what)
{
    FILE *f = path ? fopen(path, "r") : stdin;
    if (!f) {
        complain("the %s file '%s' cannot be read: %s", what, path,
                 strerror(errno));
    }
    return f;
}

/* On a terminal, and not asked otherwise: the full screen, where it can. */
static bool on_screen(struct debug *d, const struct options *o)
{
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    return terminal && !o->plain && !o->batch && screen_run(d);
}

/* What is to be done before anyone can type. */
static bool set_up(struct debug *d, const char *path)
{
    FILE *f = path ? open_lines(path, "setup") : NULL;
    if (f) {
        loop(d, f);
        fclose(f);
        d->line = 0;
    }
    return f || !path;
}

static int serve(struct debug *d, const struct options *o, FILE *file,
                 const struct evidence *e)
{
    if (o->gdb) {
        return gdb_serve(d, o->gdb);
    }
    if (e) {
        evidence_enter(e, d);
    }
    if (!set_up(d, o->setup)) {
        return STATUS_USAGE;
    }
    if (d->quit || on_screen(d, o)) {
        return STATUS_SUCCESS;
    }
    greet(d);
    loop(d, file);
    return o->batch && d->errors ? STATUS_USAGE : STATUS_SUCCESS;
}

static int run_session(struct debug *d, const struct options *o, FILE *file,
                       const struct evidence *e)
{
    int status = STATUS_USAGE;
    if (!session_open(&d->session, o, default_technique(o), o->name[0])) {
        return status;
    }
    d->vm = d->session.vm;
    vm_virtual_cpu(d->vm, &d->now);
    d->before = d->now;
    if (past_begin(d)) {
        status = serve(d, o, file, e);
    } else {
        complain("the host has no memory to go back with");
    }
    past_end(d);
    return session_close(&d->session) ? status : STATUS_FAILURE;
}

static int debug_with(const struct options *o, FILE *file,
                      const struct evidence *e)
{
    struct debug *d = calloc(1, sizeof *d);
    if (!d) {
        return STATUS_USAGE;
    }
    d->out = stdout;
    d->session.watch = (struct monitor_observer){.who = d,
                                                 .exit = on_exit_record,
                                                 .output = on_output,
                                                 .marker = on_marker};
    int status = run_session(d, o, file, e);
    for (int i = 0; i < GUESTS_MAX; i++) {
        free(d->console[i].bytes);
    }
    free(d);
    return status;
}

int cmd_debug(const struct options *given)
{
    struct options o = *given;
    struct evidence *e = NULL;
    FILE *file = open_lines(o.batch, "batch");
    int status = STATUS_USAGE;
    if (file && o.evidence && o.names) {
        complain("--evidence has its own guests: leave out '%s'", o.name[0]);
    } else if (file && (!o.evidence || (e = evidence_open(o.evidence, &o)))) {
        status = debug_with(&o, file, e);
    }
    evidence_free(e);
    if (file && file != stdin) {
        fclose(file);
    }
    return status;
}
