/*
 * screen_layout.c - which pane stands where, at every size of the window.
 *
 *     the strip                        always
 *     code            | registers      from 60 columns, 20 rows
 *     the chosen pane                  always; in a large window beside the
 *                                      one chosen before, and the rings
 *     what the last command said
 *     the command line                 always
 */
#include "screen.h"

#include <ncurses.h>
#include <string.h>

#define LEAST_COLUMNS 30
#define LEAST_ROWS 6
#define SPLIT_COLUMNS 60 /* from here code stands beside registers */
#define SPLIT_ROWS 20
#define TOP_LEAST 7      /* rows of code and registers */
#define WIDE_COLUMNS 110 /* from here everything is in two columns */
#define TALL_ROWS 34
#define REGISTER_COLUMNS 32
#define PANE_COLUMNS 80 /* of the chosen one, if it can be */

const struct pane panes[PANE_COUNT] = {
#define PANE(id, name, title, key, key_name, text) \
    [PANE_##id] = {name, title, text, key, key_name, pane_##id},
#include "panes.def"
#undef PANE
};

static struct box box_at(const struct screen *s, int y, int x, int h, int w)
{
    return (struct box){.y = y,
                        .x = x,
                        .h = h,
                        .w = w,
                        .utf8 = s->utf8,
                        .attribute = s->attribute};
}

/* ------------------------------------------------------------- the strip */

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

static void draw_strip(struct screen *s, struct box *b)
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

/* ------------------------------------------------------------- the panes */

/* A pane in its place: its title, then itself, at its scroll. */
static void draw_pane(struct screen *s, enum pane_id id, struct box *b)
{
    char more[80] = "";
    bool chosen = id == s->chosen;
    if (b->h < 2) {
        return;
    }
    snprintf(more, sizeof more, "[%s]%s", panes[id].key_name,
             chosen ? " <" : "");
    put_rule(b, panes[id].title, more);
    struct box inside = box_at(s, b->y + 1, b->x, b->h - 1, b->w);
    s->rows[id] = inside.h;
    inside.row = -s->scroll[id];
    panes[id].draw(s, &inside);
    /* Scrolled too far: there is always something to see. */
    int rows = inside.row + s->scroll[id];
    int most = rows > inside.h ? rows - inside.h : 0;
    if (s->scroll[id] > most) {
        s->scroll[id] = most;
        struct box again = box_at(s, b->y + 1, b->x, b->h - 1, b->w);
        again.row = -most;
        for (int y = 0; y < again.h; y++) {
            mvhline(again.y + y, again.x, ' ', again.w);
        }
        panes[id].draw(s, &again);
    }
}

static void draw_code_and_registers(struct screen *s, struct box *b)
{
    struct box registers = box_right(b, REGISTER_COLUMNS);
    draw_pane(s, PANE_code, b);
    draw_pane(s, PANE_registers, &registers);
}

/* One above the other: code and registers, the chosen pane. */
static void draw_small(struct screen *s, struct box all)
{
    struct box top = all, bottom = all;
    bool on_top = s->chosen == PANE_code || s->chosen == PANE_registers;
    if (s->alone || all.w < SPLIT_COLUMNS || all.h + 6 < SPLIT_ROWS) {
        draw_pane(s, s->chosen, &all);
        return;
    }
    top.h = s->chosen == PANE_output ? TOP_LEAST : all.h / 2 - 1;
    bottom.y = all.y + top.h;
    bottom.h = all.h - top.h;
    draw_code_and_registers(s, &top);
    draw_pane(s, on_top ? s->beside : s->chosen, &bottom);
}

static bool always_there(enum pane_id id)
{
    return id == PANE_code || id == PANE_registers || id == PANE_rings;
}

/* Left: code, the pane chosen before; right: registers, rings, the chosen. */
static void draw_large(struct screen *s, struct box all)
{
    static const int ring_rows = 7;
    struct box left = all, code, rings;
    enum pane_id chosen = s->chosen, other = s->beside;
    if (s->alone) {
        draw_pane(s, chosen, &all);
        return;
    }
    if (always_there(chosen)) {
        chosen = always_there(other) ? PANE_exits : other;
    }
    if (always_there(other) || other == chosen || other == PANE_output) {
        other = chosen == PANE_exits ? PANE_anatomy : PANE_exits;
    }
    code = all;
    code.h = all.h / 2;
    left.y += code.h;
    left.h -= code.h;
    int columns = all.w / 2 > PANE_COLUMNS ? all.w / 2 : PANE_COLUMNS;
    struct box right = box_right(&left, columns);
    struct box registers = box_right(&code, all.w * 3 / 5);
    rings = box_right(&registers, registers.w - REGISTER_COLUMNS - 1);
    struct box upper = rings;
    rings.h = ring_rows;
    upper.y += ring_rows;
    upper.h -= ring_rows;
    draw_pane(s, PANE_code, &code);
    draw_pane(s, PANE_registers, &registers);
    draw_pane(s, PANE_rings, &rings);
    draw_pane(s,
              s->chosen == PANE_stack || other == PANE_stack ? PANE_console
                                                             : PANE_stack,
              &upper);
    draw_pane(s, other, &left);
    draw_pane(s, chosen, &right);
}

/* What the last command said, under its echo. */
static void draw_log(struct screen *s, struct box *b)
{
    size_t echo = s->log.command, first = echo + 1;
    size_t left = s->log.lines > first ? s->log.lines - first : 0;
    size_t room = (size_t)(b->h - 1);
    size_t rows = left <= room ? left : room - 1;
    const char *command = log_line(&s->log, echo);
    put_rule(b, command ? command : "", "");
    s->log_rows = (int)room;
    for (size_t i = 0; i < rows; i++) {
        const char *line = log_line(&s->log, first + i);
        put(b, "%s", line ? line : "");
        put_row(b);
    }
    if (rows < left) {
        put_ink(b, INK_FAINT, "... %zu lines more: F12", left - rows);
    }
}

/* --------------------------------------------------------------- the help */

static void draw_help(struct box *b)
{
    put_rule(b, "keys", "any key goes back");
    for (const struct key_command *k = key_commands; k->key; k++) {
        put_ink(b, INK_STRONG, " %-10s", k->name);
        put(b, "%-10s %s", k->command, k->text);
        put_row(b);
    }
    put_ink(b, INK_STRONG, " %-10s", "Enter");
    put(b, "the last command again");
    put_row(b);
    put_ink(b, INK_STRONG, " %-10s", "letters");
    put(b, "a command; ':' before digits. Up history, Tab completes, Esc "
           "drops it");
    put_row(b);
    put_ink(b, INK_STRONG, " %-10s", "Tab Up Dn");
    put(b, "next view; choose or scroll in it. + gives it all the room, - "
           "less");
    put_row(b);
    put_ink(b, INK_STRONG, " %-10s", "quit");
    put(b, "or Ctrl-D leaves. 'help' lists the commands");
    put_row(b);
    put_rule(b, "views", "their keys, or: view NAME");
    int columns = b->w >= 100 ? 1 : 2;
    for (int p = 0; p < PANE_COUNT; p++) {
        int start = columns == 2 ? p % 2 * b->w / 2 : 0;
        put_to(b, start);
        put_ink(b, INK_STRONG, " %-4s", panes[p].key_name);
        const char *text = columns == 2 ? panes[p].title : panes[p].text;
        put(b, "%-11s%.*s", panes[p].name,
            columns == 2 ? (int)strcspn(text, ":") : 999, text);
        if (columns == 1 || p % 2 || p == PANE_COUNT - 1) {
            put_row(b);
        }
    }
}

/* ----------------------------------------------------------------- all */

/* A window in which nothing fits: say so, as far as that fits. */
static void draw_tiny(const struct screen *s, int h, int w)
{
    struct box b = box_at(s, 0, 0, h, w);
    put_text(&b, 0, "larger, please: 30x6 at least");
    move(0, 0);
}

void screen_layout(struct screen *s)
{
    int h, w;
    getmaxyx(stdscr, h, w);
    if (h < LEAST_ROWS || w < LEAST_COLUMNS) {
        draw_tiny(s, h, w);
        return;
    }
    struct box strip = box_at(s, 0, 0, 2, w);
    struct box line = box_at(s, h - 1, 0, 1, w);
    bool read = s->chosen == PANE_output && h < TALL_ROWS; /* it has all */
    int log = h < 12 || read ? 0 : h < TALL_ROWS ? 4 : 8;
    struct box said = box_at(s, h - 1 - log, 0, log, w);
    struct box body = box_at(s, 2, 0, h - 3 - log, w);
    draw_strip(s, &strip);
    if (s->help) {
        body.h += log;
        draw_help(&body);
    } else {
        if (w >= WIDE_COLUMNS && h >= TALL_ROWS) {
            draw_large(s, body);
        } else {
            draw_small(s, body);
        }
        if (log) {
            draw_log(s, &said);
        }
    }
    keys_draw(s, &line);
}

void screen_draw(struct screen *s)
{
    erase();
    screen_layout(s);
    refresh();
}
