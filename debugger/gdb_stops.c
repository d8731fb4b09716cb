/*
 * gdb_stops.c - gdb's breakpoints and watches, as stops of ours.
 *
 * Source: the gdb manual, "Packets", Z0 to Z4; "Stop Reply Packets".
 *
 * None is in the guest's memory: software or hardware breakpoint is the same
 * to us, and its number is only given back. A watch of so many bytes is made
 * of stops on four, two and one. It stops where a value changes; reads leave
 * no trace, and so cannot be watched.
 */
#include "gdb_server.h"

#include <string.h>

enum { SOFTWARE, HARDWARE, WRITE };
#define WATCHED_MOST 32 /* bytes */

static bool has(const struct gdb *g, unsigned type, uint32_t at, uint32_t size)
{
    for (int i = 0; i < g->owns; i++) {
        const struct gdb_stop *s = &g->own[i];
        if (s->type == type && s->at == at && s->size == size) {
            return true;
        }
    }
    return false;
}

static void drop_number(struct debug *d, int number)
{
    for (int i = 0; i < d->stops; i++) {
        if (d->stop[i].number == number) {
            stop_drop(d, &d->stop[i]);
            return;
        }
    }
}

static void drop(struct gdb *g, unsigned type, uint32_t at, uint32_t size)
{
    int kept = 0;
    for (int i = 0; i < g->owns; i++) {
        struct gdb_stop s = g->own[i];
        if (s.type == type && s.at == at && s.size == size) {
            drop_number(g->debug, s.number);
        } else {
            g->own[kept++] = s;
        }
    }
    g->owns = kept;
}

void gdb_drop_stops(struct gdb *g)
{
    while (g->owns) {
        drop_number(g->debug, g->own[--g->owns].number);
    }
    stops_set(g->debug);
}

/* A stop of ours for it. False: there are too many. */
static bool own(struct gdb *g, const struct gdb_stop *wanted, struct stop *s)
{
    if (s && g->owns == STOPS_MAX) {
        stop_drop(g->debug, s); /* `monitor delete` left the list too long */
        s = NULL;
    }
    if (!s) {
        return false;
    }
    s->number = ++g->debug->numbers;
    g->own[g->owns] = *wanted;
    g->own[g->owns++].number = s->number;
    return true;
}

static bool add_watch(struct gdb *g, const struct gdb_stop *wanted)
{
    bool ok = wanted->size <= WATCHED_MOST;
    uint32_t at = wanted->at, left = wanted->size;
    while (ok && left > 0) {
        char text[32];
        uint32_t n = left >= 4 ? 4 : left >= 2 ? 2 : 1;
        snprintf(text, sizeof text, "%s[0x%x]",
                 n == 4   ? ""
                 : n == 2 ? "word "
                          : "byte ",
                 at);
        ok = own(g, wanted, stop_watch(g->debug, text));
        at += n;
        left -= n;
    }
    return ok;
}

static bool add(struct gdb *g, const struct gdb_stop *wanted)
{
    bool ok;
    if (wanted->type == WRITE) {
        ok = add_watch(g, wanted);
    } else {
        struct stop *s = stop_new(g->debug, ON_PLACE);
        ok = own(g, wanted, s);
        if (ok) {
            s->at = wanted->at;
        }
    }
    if (!ok) {
        drop(g, wanted->type, wanted->at, wanted->size);
    }
    return ok;
}

/* "type,address,kind"; of a watch the kind is its bytes. */
void gdb_change_stop(struct gdb *g, const char *packet)
{
    struct gdb_stop s = {0};
    if (sscanf(packet + 1, "%x,%x,%x", &s.type, &s.at, &s.size) != 3) {
        packet_write(&g->link, "E00");
        return;
    }
    if (s.type > WRITE) {
        packet_write(&g->link, "");
        return;
    }
    bool ok = true;
    if (packet[0] == 'z') {
        drop(g, s.type, s.at, s.size);
    } else if (!has(g, s.type, s.at, s.size)) {
        ok = add(g, &s);
    }
    stops_set(g->debug);
    packet_write(&g->link, ok ? "OK"
                              : "E.there can be no more of them, or none so "
                                "large");
}

void gdb_reason(const struct gdb *g, char *buf, size_t size)
{
    const struct stop *hit = g->debug->hit;
    buf[0] = 0;
    for (int i = 0; hit && i < g->owns; i++) {
        const struct gdb_stop *s = &g->own[i];
        if (s->number != hit->number) {
            continue;
        }
        if (s->type == WRITE) {
            snprintf(buf, size, "watch:%x;", s->at);
        } else if (g->knows_kinds) {
            snprintf(buf, size, "%s:;",
                     s->type == SOFTWARE ? "swbreak" : "hwbreak");
        }
    }
}
