/*
 * debug_lines.c - going by source lines, forwards and backwards.
 *
 * Forwards instructions are stepped until another line begins; calls, and
 * what comes in between, are run over. Backwards it is the last time that a
 * line began on this stack or higher up.
 */
#include "debug.h"

#include <string.h>

static uint32_t here(const struct debug *d)
{
    return d->now.seg[SEG_CS].base + d->now.eip;
}

/* May it go elsewhere than to the next by itself? */
static bool jumps(const struct insn *in)
{
    static const char *const begin[] = {"j",   "loop", "ret", "iret",
                                        "int", "call", "sys"};
    char name[16];
    insn_mnemonic(in, name, sizeof name);
    for (size_t i = 0; i < sizeof begin / sizeof begin[0]; i++) {
        if (strncmp(name, begin[i], strlen(begin[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* An interrupt or a fault came: on until it is back, before or behind the
 * instruction that stood at `was`. */
static enum monitor_stop come_back(struct debug *d,
                                   const struct virtual_cpu *was, unsigned len)
{
    char text[160];
    struct stop *s = stop_new(d, ON_TRUE);
    enum monitor_stop stop = STOP_ASKED;
    snprintf(text, sizeof text,
             "ring == %u && cr3 == 0x%x && (eip == 0x%x || eip == 0x%x) && "
             "esp + 64 >= 0x%x",
             was->cpl, was->cr3, was->eip, was->eip + len, was->reg[REG_ESP]);
    if (s && debug_expr(d, text, false, &s->of)) {
        stops_set(d);
        stop = debug_go(d, debug_limit(d), false, false);
    }
    if (s) {
        stop_drop(d, s);
        stops_set(d);
    }
    return stop;
}

/* One instruction of this function. */
static enum monitor_stop go_one(struct debug *d)
{
    struct virtual_cpu was = d->now;
    struct insn in = {0};
    bool known = debug_decode(d, here(d), &in);
    enum monitor_stop stop = debug_over(d);
    vm_virtual_cpu(d->vm, &d->now);
    bool led = d->now.eip == was.eip || d->now.eip == was.eip + in.len;
    if (known && !led && !jumps(&in) && !d->hit && stop == STOP_STEP &&
        !debug_ended(d)) {
        stop = come_back(d, &was, in.len);
        vm_virtual_cpu(d->vm, &d->now);
    }
    return stop;
}

static bool same_line(const struct source_line *a, const struct source_line *b)
{
    return a->line == b->line && strcmp(a->file, b->file) == 0;
}

static void next_line(struct debug *d, const struct source_line *from)
{
    struct source_line to;
    enum monitor_stop stop;
    char count[GROUPED_SIZE];
    do {
        stop = go_one(d);
    } while (!d->hit && !debug_ended(d) && !interrupt_pending() &&
             stop != STOP_LIMIT && debug_line_at(d, here(d), &to) &&
             (same_line(&to, from) || to.from != here(d)));
    if (d->exits_seen) {
        fprintf(d->out, "%s exit%s passed by\n", grouped(d->exits_seen, count),
                d->exits_seen == 1 ? "" : "s");
    }
    debug_finish(d, stop);
}

void do_next(struct debug *d, const struct words *w)
{
    struct source_line from;
    if (!debug_line_at(d, here(d), &from)) {
        say(d, "no source line is known here: one instruction");
        do_over(d, w);
    } else if (debug_begin(d)) {
        next_line(d, &from);
    }
}

void do_rnext(struct debug *d, const struct words *w)
{
    char text[96];
    struct source_line from;
    struct stop *s;
    if (!debug_line_at(d, here(d), &from)) {
        say(d, "no source line is known here: one instruction");
        do_rover(d, w);
        return;
    }
    snprintf(text, sizeof text, "ring == %u && cr3 == 0x%x && esp >= 0x%x",
             d->now.cpl, d->now.cr3, d->now.reg[REG_ESP]);
    s = stop_new(d, ON_LINE);
    if (s && debug_expr(d, text, false, &s->condition)) {
        s->conditional = true;
        debug_back_to(d, s);
    }
}
