/*
 * gdb_server.h - inside the face for gdb: what its files share.
 *
 * Parts:  gdb.c (connections and packets), gdb_target.c (what is said of a
 *         guest: registers, memory), gdb_stops.c (breakpoints and watches),
 *         gdb_move.c (motions, and where they ended), gdb_packet.c (packets).
 */
#ifndef RINGSIDE_DEBUGGER_GDB_SERVER_H
#define RINGSIDE_DEBUGGER_GDB_SERVER_H

#include "debug.h"
#include "gdb_packet.h"

/* What gdb asked for by a Z packet; its watch may be several of our stops. */
struct gdb_stop {
    int number; /* of the stop */
    unsigned type;
    uint32_t at, size;
};

struct gdb {
    struct debug *debug;
    struct link link;
    struct vm *vm;           /* whose registers and memory are asked for */
    size_t told[GUESTS_MAX]; /* of each guest's console */
    struct gdb_stop own[STOPS_MAX];
    int owns;
    char *description; /* of the target, in XML; made when asked for */
    bool knows_kinds;  /* it wants to hear which kind of breakpoint it was */
    bool begins;       /* the last motion came to the beginning */
    bool leaves;       /* this gdb does, */
    bool ends;         /* and the program with it */
};

/* gdb_target.c */
void gdb_all_registers(struct gdb *g);
void gdb_one_register(struct gdb *g, const char *args);
void gdb_describe(struct gdb *g, const char *args); /* "offset,length" */
void gdb_read_memory(struct gdb *g, const char *args);

/* gdb_stops.c */
void gdb_change_stop(struct gdb *g, const char *packet); /* Z... or z... */
void gdb_drop_stops(struct gdb *g);
/* "swbreak:;" or "watch:c0105000;" of the stop that was met; "" else. */
void gdb_reason(const struct gdb *g, char *buf, size_t size);

/* gdb_move.c */
void gdb_tell_stop(struct gdb *g);
void gdb_move(struct gdb *g, const char *packet);    /* s, c, bs or bc */
void gdb_actions(struct gdb *g, const char *packet); /* vCont... */
/* Run a command of the plain debugger; what it says goes to d->out. */
void gdb_execute(struct gdb *g, const char *command);

#endif
