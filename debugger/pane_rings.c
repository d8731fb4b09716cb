/*
 * pane_rings.c - the ring diagram: who stands in which ring, as the guest
 * believes, and in truth.
 */
#include "screen.h"

#define SEAT 16   /* columns of >[guest kernel]< */
#define NARROW 52 /* columns: below, what is between them goes */

static const char *believed(unsigned ring)
{
    return ring == 0 ? "guest kernel" : ring == 3 ? "programs" : "";
}

/* In guest mode: rings of its own, and the monitor outside all of them. */
static bool in_guest_mode(const struct screen *s)
{
    mpa_t block;
    return vm_control_block(s->debug->vm, &block) && s->debug->last.number;
}

static const char *really(const struct screen *s, unsigned ring)
{
    if (look_bare(s) || in_guest_mode(s)) {
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
    bool narrow = b->w < NARROW;
    int left = narrow ? 7 : 8, right = left + SEAT + (narrow ? 0 : 6);
    put_to(b, left);
    put_ink(b, INK_TITLE, narrow ? "guest believes" : "the guest believes");
    put_to(b, right);
    put_ink(b, INK_TITLE, narrow ? "machine has" : "the machine has");
    put_row(b);
    for (unsigned ring = 0; ring < 4; ring++) {
        put(b, "ring %u", ring);
        put_to(b, left);
        draw_seat(b, believed(ring), ring == g->cpl);
        put_to(b, right);
        draw_seat(b, really(s, ring), ring == c->cpl);
        put_row(b);
    }
    put_ink(b, INK_FAINT, "%s",
            look_bare(s)       ? "no monitor: both are the same"
            : in_guest_mode(s) ? "guest mode: the monitor is outside its rings"
            : look_played(s)   ? "the monitor does its instructions for it"
            : c->cpl != g->cpl ? "deprivileged: ring 0 is the monitor's"
            : c->cpl == 0      ? "the monitor has not let the guest in yet"
            : g->cpl == 3      ? "a program runs in the ring it believes in"
                          : "its kernel knows that ring 0 is the monitor's");
    put_row(b);
}
