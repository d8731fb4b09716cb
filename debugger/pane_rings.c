/*
 * pane_rings.c - the ring diagram: who stands in which ring, as the guest
 * believes, and in truth.
 */
#include "screen.h"

#define LEFT 8   /* where the guest's column begins */
#define RIGHT 30 /* and the machine's */

static const char *believed(unsigned ring)
{
    return ring == 0 ? "guest kernel" : ring == 3 ? "programs" : "";
}

static const char *really(const struct screen *s, unsigned ring)
{
    if (look_bare(s)) {
        return believed(ring);
    }
    if (ring == 0) {
        return "the monitor";
    }
    if (vm_technique(s->debug->vm) == technique_find("emulate")) {
        return "";
    }
    return ring == 1 ? "guest kernel" : ring == 3 ? "programs" : "";
}

/* Who is there, in brackets, and an arrow to whoever runs. */
static void draw_seat(struct box *b, const char *who, bool here)
{
    put_ink(b, here ? INK_CHOSEN : INK_PLAIN, "%s[%-12s]%s", here ? ">" : " ",
            who, here ? "<" : " ");
}

void pane_rings(struct screen *s, struct box *b)
{
    const struct cpu *c = monitor_cpu(s->debug->session.monitor);
    const struct virtual_cpu *g = &s->debug->now;
    put_to(b, LEFT);
    put_ink(b, INK_TITLE, "the guest believes");
    put_to(b, RIGHT);
    put_ink(b, INK_TITLE, "the machine has");
    put_row(b);
    for (unsigned ring = 0; ring < 4; ring++) {
        put(b, "ring %u", ring);
        put_to(b, LEFT);
        draw_seat(b, believed(ring), ring == g->cpl);
        put_to(b, RIGHT);
        draw_seat(b, really(s, ring), ring == c->cpl);
        put_row(b);
    }
    put_ink(b, INK_FAINT, "%s",
            look_bare(s)       ? "no monitor: both are the same"
            : look_played(s)   ? "the monitor does its instructions for it"
            : c->cpl != g->cpl ? "deprivileged: ring 0 is the monitor's"
                               : "a program runs in the ring it believes in");
    put_row(b);
}
