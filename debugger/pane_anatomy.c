/*
 * pane_anatomy.c - one exit taken apart: what happened, and the phases that
 * sum to its cost, each with what it is.
 */
#include "screen.h"

#define BAR 10
#define ROOMY 16 /* rows */
#define TEXT 32  /* where a phase's sentence begins */

static void draw_cause(struct screen *s, struct box *b,
                       const struct exit_record *x)
{
    char text[80] = "", where[64], number[GROUPED_SIZE], cost[GROUPED_SIZE];
    const struct name_text *reason = &exit_names[x->reason];
    if (x->insn.id != I_INVALID) {
        cpu_disassemble(&x->insn, x->eip, text, sizeof text);
    }
    place_name(monitor_vm(s->debug->session.monitor, x->vm - 1), x->eip, where,
               sizeof where);
    put_ink(b, INK_STRONG, "exit %s: %s", grouped(x->number, number),
            reason->name);
    put(b, ", %s, %s: ", reason->title, disposition_names[x->disposition].name);
    put_ink(b, INK_STRONG, "%s cycles", grouped(exit_cost(x), cost));
    put_row(b);
    put(b, "  at %08x %s%s%s%s%s", x->eip, where, *text ? "  " : "", text,
        *x->note ? "; " : "", x->note);
    put_row(b);
}

/* Where there is room for it, its sentence whole. */
static void draw_phase(struct box *b, const struct exit_record *x, int p,
                       bool whole)
{
    char cycles[GROUPED_SIZE];
    put(b, "  %-9s %7s ", phase_names[p].name, grouped(x->phase[p], cycles));
    int bar = b->col;
    put_bar(b, x->phase[p], exit_cost(x), BAR);
    put_to(b, bar + BAR + 1);
    if (whole && b->w > TEXT + 30) {
        put_text(b, TEXT, phase_names[p].text);
    } else {
        put(b, "%s", phase_names[p].text);
        put_row(b);
    }
}

void pane_anatomy(struct screen *s, struct box *b)
{
    const struct exit_record *x = look_exit(s);
    char cost[GROUPED_SIZE];
    if (!x) {
        put_text(b, 1, "No exit yet. Right runs to the first.");
        return;
    }
    draw_cause(s, b, x);
    for (int p = 0; p < PHASE_COUNT; p++) {
        if (x->phase[p]) {
            draw_phase(b, x, p, b->h > ROOMY);
        }
    }
    put_ink(b, INK_STRONG, "  %-9s %7s", "cost", grouped(exit_cost(x), cost));
    put(b, " cycles in all, the sum of the above");
    put_row(b);
    put_text(b, 2, exit_names[x->reason].text);
    put(b, "  %s: ", disposition_names[x->disposition].name);
    put_text(b, b->col, disposition_names[x->disposition].text);
}
