/*
 * session.h - guests, each under a technique, made from the command line.
 */
#ifndef RINGSIDE_DEBUGGER_SESSION_H
#define RINGSIDE_DEBUGGER_SESSION_H

#include "options.h"

#include <stdio.h>

/* What a guest has said since its last line ended. */
struct console_line {
    char text[200];
    size_t length;
};

struct session {
    const struct options *o;
    struct monitor *monitor;
    struct vm *vm;                    /* the first */
    struct trace *trace;              /* NULL: none is written */
    uint64_t traced;                  /* exits that are in it */
    unsigned markers, markers_traced; /* of this run; and in it */
    const struct technique *technique;
    FILE *console;  /* where the guests' output goes; NULL: nowhere. Of
                       several, by lines, each with its guest's name */
    char last_byte; /* of that output */
    struct console_line line[GUESTS_MAX]; /* by VM, of several */
    const char *label;                    /* what the progress line calls it */
    /* Whoever else wants to see: set before session_open. */
    struct monitor_observer watch;
};

/*
 * Make a monitor and in it the guest `name`, and the command line's further
 * ones, if it has any; under `t`, but for those named GUEST@TECHNIQUE. The
 * session stays where it is: observers keep its address. False, and said why,
 * if it cannot be; s needs no closing then.
 */
bool session_open(struct session *s, const struct options *o,
                  const struct technique *t, const char *name);
/* False if the trace could not be written. */
bool session_close(struct session *s);

/*
 * Run until the guest has ended, the clock is at `limit`, or Ctrl-C. On a
 * terminal a long run shows how far it is, unless --quiet.
 */
enum monitor_stop session_run(struct session *s, uint64_t limit);
/* The program's exit status after that: of several guests the worst. And one
 * guest's, and its reason in a few words. */
int session_status(const struct session *s, enum monitor_stop stop);
int session_vm_status(const struct vm *v, enum monitor_stop stop);
const char *session_reason(const struct vm *v, enum monitor_stop stop);

/* "fork+0x12" for a guest virtual address, "" if no symbol is near. */
char *place_name(const struct vm *v, uint32_t at, char *buf, size_t size);

/* What a GUEST of the command line says: a name, and a technique, its own or
 * the options'. */
void session_guest(const struct options *o, const char *word, char *name,
                   size_t size, const struct technique **t);
/* The path of the i-th VM's image; false: it is no longer found. */
bool session_image(const struct session *s, size_t i, char *path, size_t size);
/* The technique to use where none was given. */
const struct technique *default_technique(const struct options *o);

/*
 * Ctrl-C: while a monitor is watched it asks that to stop; pressed again it
 * ends the program. NULL: as usual again.
 */
void interrupt_watch(struct monitor *m);
void interrupt_note(void);    /* only note that it was pressed: at a prompt */
bool interrupt_pending(void); /* was it pressed? */
void interrupt_press(void);   /* as if it were pressed now */
/* What a second one calls instead of ending the program; NULL: nothing. */
void interrupt_last(void (*handler)(int));
bool interrupt_pressed(void); /* the same, and forgotten */

#endif
