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

struct box box_at(const struct screen *s, int y, int x, int h, int w)
{
    return (struct box){.y = y,
                        .x = x,
                        .h = h,
                        .w = w,
                        .utf8 = s->utf8,
                        .attribute = s->attribute};
}

/* ------------------------------------------------------------- the panes */

/* On the title of a pane that has more below. */
static void draw_more(const struct box *b, int rows)
{
    char more[32];
    int n = snprintf(more, sizeof more, " %d more: Down ", rows);
    if (rows > 0 && b->w > 3 * n) {
        struct box end = *b;
        end.row = 0;
        end.col = b->w - n;
        put_ink(&end, INK_STRONG, "%s", more);
    }
}

/* A pane in its place: its title, then itself, at its scroll. */
static void draw_pane(struct screen *s, enum pane_id id, struct box *b)
{
    char more[80] = "", whose[40] = "", title[120];
    bool pair = screen_pair(s) && id != PANE_beside && id != PANE_output;
    bool turned = s->at == &s->side[s->side[0].debug->turned];
    bool chosen = id == s->chosen && (turned || !pair);
    if (b->h < 2) {
        return;
    }
    snprintf(more, sizeof more, "[%s]%s", panes[id].key_name,
             chosen ? " <" : "");
    if (pair) {
        snprintf(whose, sizeof whose, "%d %s: ", s->at == &s->side[0] ? 1 : 2,
                 beside_name(s->debug));
    }
    snprintf(title, sizeof title, "%s%s", whose, panes[id].title);
    put_rule(b, title, more);
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
    if (chosen) {
        draw_more(b, rows - inside.h - s->scroll[id]);
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

/* ------------------------------------------------------ of two machines */

/* That both have, or that is neither's. */
static bool is_shared(enum pane_id id)
{
    return id == PANE_beside || id == PANE_output;
}

static void draw_sides(struct screen *s, struct box half[2],
                       void (*draw)(struct screen *s, struct box b))
{
    for (int i = 0; i < 2; i++) {
        screen_turn(s, &s->side[i]);
        draw(s, half[i]);
    }
    screen_turn_back(s);
}

static void draw_chosen(struct screen *s, struct box b)
{
    draw_pane(s, s->chosen, &b);
}

static void draw_top(struct screen *s, struct box b)
{
    draw_code_and_registers(s, &b);
}

/* The same panes of both, left and right, or one above the other; what is of
 * both has the whole width. */
static void draw_two(struct screen *s, struct box all)
{
    struct box half[2] = {all, all}, rest = all;
    bool wide = all.w >= 2 * SPLIT_COLUMNS + 1 && all.h + 6 >= SPLIT_ROWS;
    if (s->alone || (is_shared(s->chosen) && !wide)) {
        draw_pane(s, s->chosen, &all);
        return;
    }
    if (!wide) {
        half[0].h = all.h / 2;
        half[1].y += half[0].h;
        half[1].h -= half[0].h;
        draw_sides(s, half, draw_chosen);
        return;
    }
    half[1] = box_right(&half[0], (all.w - 1) / 2);
    if (!is_shared(s->chosen)) {
        draw_sides(s, half, draw_small);
        return;
    }
    half[0].h = half[1].h = all.h / 2 - 1;
    rest.y += half[0].h;
    rest.h -= half[0].h;
    draw_sides(s, half, draw_top);
    draw_pane(s, s->chosen, &rest);
}

static void draw_body(struct screen *s, struct box all, bool tall)
{
    if (screen_pair(s)) {
        draw_two(s, all);
    } else if (all.w >= WIDE_COLUMNS && tall) {
        draw_large(s, all);
    } else {
        draw_small(s, all);
    }
}

/* ------------------------------------------------------- what was said */

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
    int strip_h = strip_rows(s);
    struct box strip = box_at(s, 0, 0, strip_h, w);
    struct box line = box_at(s, h - 1, 0, 1, w);
    bool read = s->chosen == PANE_output && h < TALL_ROWS; /* it has all */
    int log = h < 12 || read ? 0 : h < TALL_ROWS ? 4 : 8;
    struct box said = box_at(s, h - 1 - log, 0, log, w);
    struct box body = box_at(s, strip_h, 0, h - 1 - strip_h - log, w);
    strip_draw(s, &strip);
    if (s->help) {
        body.h += log;
        help_draw(&body);
    } else {
        draw_body(s, body, h >= TALL_ROWS);
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
