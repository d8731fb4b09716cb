/*
 * debug_machine.c - a machine with its guest, made to be debugged: watched
 * while it runs, and known from its first moment on.
 *
 * Of the guest's output the first 16 MiB are kept.
 */
#include "debug.h"

#include <stdlib.h>

#define CONSOLE_MAX (16u << 20)

static void on_exit_record(void *who, struct monitor *m,
                           const struct exit_record *x)
{
    struct debug *d = who;
    d->last = *x;
    d->vm = monitor_vm(m, x->vm - 1);
    d->exits_seen++;
    d->silent = x->reason == EXIT_silent && d->for_silent;
    if (d->silent) {
        monitor_stop_soon(m);
    }
    past_note(d, x, monitor_clock(m));
    stops_exit(d, x);
    if (d->screen) {
        screen_exit(d->screen, d, x);
    }
}

static void on_marker(void *who, struct vm *v, uint32_t id)
{
    struct debug *d = who;
    (void)v;
    d->marker = id;
    past_note_marker(d, id);
    stops_marker(d, id);
    if (d->session.markers == d->markers_wanted) {
        monitor_stop_soon(d->session.monitor);
    }
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

bool debug_open(struct debug *d, const struct options *o,
                const struct technique *t, const char *name)
{
    d->session.watch = (struct monitor_observer){.who = d,
                                                 .exit = on_exit_record,
                                                 .output = on_output,
                                                 .marker = on_marker};
    if (!session_open(&d->session, o, t, name)) {
        return false;
    }
    d->vm = d->session.vm;
    debug_look_anew(d);
    if (!past_begin(d)) {
        complain("the host has no memory to go back with");
        debug_close(d);
        return false;
    }
    return true;
}

bool debug_close(struct debug *d)
{
    past_end(d);
    debug_sources_end(d);
    for (int i = 0; i < GUESTS_MAX; i++) {
        free(d->console[i].bytes);
    }
    return session_close(&d->session);
}
