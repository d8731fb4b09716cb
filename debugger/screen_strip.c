/*
 * screen_strip.c - the strip above all panes: which guest under which
 * technique, in which ring and address space, and what it has cost so far. Of
 * two machines each has a row, and a third has their totals.
 */
#include "screen.h"

#include <string.h>

/* Filled to the box's end, so that it reads as one bar. */
static void strip_row(struct box *b, const char *text)
{
    box_ink(b, INK_STRIP);
    put(b, "%s", text);
    put_to(b, b->w);
    box_ink(b, INK_PLAIN);
    put_row(b);
}

static const char *ring_text(const struct screen *s, char *buf, size_t size)
{
    const struct debug *d = s->debug;
    const struct cpu *c = monitor_cpu(d->session.monitor);
    if (look_bare(s)) {
        snprintf(buf, size, "ring %u", c->cpl);
    } else if (look_played(s)) {
        snprintf(buf, size, "ring %u, interpreted", d->now.cpl);
    } else {
        snprintf(buf, size, "virtual ring %u, real %u", d->now.cpl, c->cpl);
    }
    return buf;
}

static void draw_one(struct screen *s, struct box *b)
{
    const struct debug *d = s->debug;
    const struct cpu *c = monitor_cpu(d->session.monitor);
    const struct books *books = vm_books(d->vm);
    char ring[40], row[256], exits[GROUPED_SIZE], clock[GROUPED_SIZE];
    char cost[GROUPED_SIZE], number[16] = "";
    if (monitor_vm_count(d->session.monitor) > 1) {
        snprintf(number, sizeof number, "VM %u ", vm_id(d->vm));
    }
    snprintf(row, sizeof row, " %s%s | %s | %s | CR3 %08x, real %08x", number,
             vm_name(d->vm), technique_name(vm_technique(d->vm)),
             ring_text(s, ring, sizeof ring), d->now.cr3, c->cr3);
    strip_row(b, row);
    uint64_t passed = books->clock - books->since;
    snprintf(row, sizeof row,
             " exit %s | cycle %s | cost of exits %s, %.1f %%%s",
             grouped(d->last.number, exits),
             grouped(monitor_clock(d->session.monitor), clock),
             grouped(books->exits, cost),
             passed ? 100.0 * (double)books->exits / (double)passed : 0.0,
             s->running ? " | RUNNING, Ctrl-C stops" : "");
    strip_row(b, row);
}

/* One of two: ">" before the one that is looked at. */
static void draw_side(struct screen *s, struct box *b, int side)
{
    char ring[40], row[256], name[32];
    bool turned = s->side[0].debug->turned;
    screen_turn(s, &s->side[side]);
    const struct debug *d = s->debug;
    snprintf(name, sizeof name, "%s", vm_name(d->vm));
    name[strcspn(name, ".")] = 0;
    snprintf(row, sizeof row, "%c%d %s | %s | %s | CR3 %08x, real %08x",
             turned == side ? '>' : ' ', side + 1, name, beside_name(d),
             ring_text(s, ring, sizeof ring), d->now.cr3,
             monitor_cpu(d->session.monitor)->cr3);
    strip_row(b, row);
}

static void draw_pair(struct screen *s, struct box *b)
{
    const struct debug *first = s->side[0].debug;
    char totals[128], markers[64], row[256];
    draw_side(s, b, 0);
    draw_side(s, b, 1);
    screen_turn_back(s);
    snprintf(row, sizeof row, " %s | %s",
             s->running ? "RUNNING, Ctrl-C stops"
                        : beside_markers(first, markers, sizeof markers),
             beside_totals(first, totals, sizeof totals));
    strip_row(b, row);
}

int strip_rows(const struct screen *s)
{
    return screen_pair(s) ? 3 : 2;
}

void strip_draw(struct screen *s, struct box *b)
{
    screen_pair(s) ? draw_pair(s, b) : draw_one(s, b);
}
