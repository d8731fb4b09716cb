/*
 * cmd_debug.c - ringside debug: a session of the plain debugger.
 *
 * Lines come from the terminal, from standard input, or from --batch FILE.
 * Nothing that is typed ends the session but quit and the input's end.
 */
#include "debug.h"
#include "gdb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONSOLE_MAX                                          \
    (16u << 20) /* of the guest's output, the oldest is kept \
                 */

/* Of a run that is played again, this is known. */
static void note_past(struct debug *d, const struct exit_record *x,
                      uint64_t clock)
{
    if (x->number != d->pasts + 1) {
        return;
    }
    if (d->pasts == d->past_room) {
        size_t room = d->past_room ? d->past_room * 2 : 4096;
        struct past_exit *more = realloc(d->past, room * sizeof *more);
        if (!more) {
            return; /* then there is no way back to it */
        }
        d->past = more;
        d->past_room = room;
    }
    d->past[d->pasts++] = (struct past_exit){clock, x->reason};
}

static void on_exit_record(void *who, struct monitor *m,
                           const struct exit_record *x)
{
    struct debug *d = who;
    d->last = *x;
    d->vm = monitor_vm(m, x->vm - 1);
    d->exits_seen++;
    note_past(d, x, monitor_clock(m));
    stops_exit(d);
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

static void loop(struct debug *d, FILE *file)
{
    struct line_source *lines = lines_open(d, file);
    while (lines && !d->quit) {
        char *line = lines_next(lines);
        if (!line) {
            break;
        }
        debug_execute(d, line);
        fflush(stdout);
        free(line);
    }
    lines_close(lines);
}

static FILE *open_batch(const char *path)
{
    FILE *f = path ? fopen(path, "r") : stdin;
    if (!f) {
        complain("the batch file '%s' cannot be read: %s", path,
                 strerror(errno));
    }
    return f;
}

int cmd_debug(const struct options *o)
{
    FILE *file = open_batch(o->batch);
    struct debug *d = file ? calloc(1, sizeof *d) : NULL;
    int status = STATUS_USAGE;
    if (!d) {
        return status;
    }
    d->out = stdout;
    d->session.watch = (struct monitor_observer){
        .who = d, .exit = on_exit_record, .output = on_output};
    if (session_open(&d->session, o, default_technique(o), o->name[0])) {
        d->vm = d->session.vm;
        vm_virtual_cpu(d->vm, &d->now);
        d->before = d->now;
        status = STATUS_SUCCESS;
        if (o->gdb) {
            status = gdb_serve(d, o->gdb);
        } else {
            greet(d);
            loop(d, file);
        }
        if (!session_close(&d->session)) {
            status = STATUS_FAILURE;
        }
    }
    if (file != stdin) {
        fclose(file);
    }
    for (int i = 0; i < GUESTS_MAX; i++) {
        free(d->console[i].bytes);
    }
    free(d->past);
    free(d);
    return status;
}
