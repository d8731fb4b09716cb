/*
 * gdb_move.c - gdb's motions: step and continue, forwards and backwards; and
 * what it is told when one has ended.
 *
 * Source: the gdb manual, "Packets" (s, c, bs, bc, vCont), "Stop Reply
 * Packets".
 *
 * A motion moves the whole machine, as time is one. A step of a thread goes
 * on until that one has run an instruction.
 */
#include "gdb_server.h"

#include <stdlib.h>
#include <string.h>

enum { SIGNAL_INTERRUPT = 2, SIGNAL_TRAP = 5 };

/* ---------------------------------------------------------------- telling */

/* What the guests have said since the last time, to gdb's console. */
static void tell_consoles(struct gdb *g)
{
    for (int i = 0; i < GUESTS_MAX; i++) {
        const struct kept *k = &g->debug->console[i];
        if (g->told[i] > k->size) {
            g->told[i] = k->size; /* we went back */
        }
        while (g->told[i] < k->size) {
            char packet[514] = "O";
            size_t n = k->size - g->told[i] < 256 ? k->size - g->told[i] : 256;
            hex_encode(packet + 1, k->bytes + g->told[i], n);
            packet_write(&g->link, packet);
            g->told[i] += n;
        }
    }
}

void gdb_tell_stop(struct gdb *g)
{
    struct debug *d = g->debug;
    char reply[96], why[40];
    gdb_reason(g, why, sizeof why);
    if (g->begins) {
        snprintf(why, sizeof why, "replaylog:begin;");
    } else if (debug_ended(d)) {
        snprintf(why, sizeof why, "replaylog:end;");
    }
    snprintf(reply, sizeof reply, "T%02xthread:%x;%s",
             g->link.interrupted ? SIGNAL_INTERRUPT : SIGNAL_TRAP, vm_id(d->vm),
             why);
    g->link.interrupted = false;
    packet_write(&g->link, reply);
}

/* ---------------------------------------------------------------- motions */

void gdb_execute(struct gdb *g, const char *command)
{
    debug_execute(g->debug, command);
    fflush(g->debug->out);
    g->leaves |= g->debug->quit;
    g->ends |= g->debug->quit;
}

/* Is it another VM's turn than that of `id`, which is wanted? */
static bool not_its_turn(const struct debug *d, uint32_t id)
{
    const struct vm *now = monitor_current(d->session.monitor);
    return id && now && vm_id(now) != id;
}

/* Until a stop, or one instruction of VM `id`; 0: of whichever runs. From one
 * to another it goes by exits alone. */
static void run_on(struct debug *d, bool one_step, uint32_t id)
{
    bool waits;
    enum monitor_stop stop;
    do {
        waits = one_step && not_its_turn(d, id);
        stop = debug_go(d, debug_limit(d), waits, one_step && !waits);
    } while (waits && stop == STOP_EXIT && !d->hit && !interrupt_pending());
}

static void go_on(struct gdb *g, bool one_step, uint32_t id)
{
    struct debug *d = g->debug;
    if (!debug_ended(d)) {
        interrupt_pressed();
        interrupt_watch(d->session.monitor);
        stops_set(d);
        stops_look(d);
        run_on(d, one_step, id);
        interrupt_pressed();
        interrupt_note();
        debug_arrive(d);
    }
}

/* Back: to the beginning, where there is nothing to stop at on the way. */
static void go_back(struct gdb *g, bool one_step)
{
    struct debug *d = g->debug;
    bool began = debug_clock(d) == 0;
    if (one_step) {
        gdb_execute(g, "rstep");
    } else if (d->stops) {
        gdb_execute(g, "rcontinue");
    } else {
        gdb_execute(g, "goto 0");
    }
    g->begins = began || (!one_step && debug_clock(d) == 0 && !d->hit);
}

static void move(struct gdb *g, bool back, bool one_step, uint32_t id)
{
    struct debug *d = g->debug;
    d->hit = NULL;
    g->begins = false;
    if (back) {
        go_back(g, one_step);
    } else {
        go_on(g, one_step, id);
    }
    g->vm = d->vm;
    tell_consoles(g);
    gdb_tell_stop(g);
}

void gdb_move(struct gdb *g, const char *packet)
{
    bool back = packet[0] == 'b';
    char how = packet[back];
    if (how != 's' && how != 'c') {
        packet_write(&g->link, "");
    } else {
        move(g, back, how == 's', 0);
    }
}

/* "vCont;s:1;c": each thread does the first that is said of it, and one that
 * steps is what all wait for. */
void gdb_actions(struct gdb *g, const char *packet)
{
    const char *step = NULL;
    bool any = false;
    for (const char *p = strchr(packet, ';'); p; p = strchr(p + 1, ';')) {
        bool steps = p[1] == 's' || p[1] == 'S';
        any |= steps || p[1] == 'c' || p[1] == 'C';
        if (steps && !step) {
            step = p + 1;
        }
    }
    if (!any) {
        packet_write(&g->link, "E00");
        return;
    }
    const char *colon = step ? strpbrk(step, ":;") : NULL;
    long id = colon && *colon == ':' ? strtol(colon + 1, NULL, 16) : 0;
    move(g, false, step != NULL, id > 0 ? (uint32_t)id : 0);
}
