/*
 * screen_draw.c - text in a box of the terminal.
 *
 * A pane writes rows from its first to its last and never asks for room:
 * what is outside its box is not shown. So scrolling is to begin at a row
 * above the box.
 *
 * A text's bytes are columns, but for bars and lines: names and what a guest
 * prints are ASCII, and any other byte is shown as a dot.
 */
#include "screen.h"

#include <ncurses.h>
#include <stdarg.h>
#include <string.h>

static bool shown(const struct box *b)
{
    return b->row >= 0 && b->row < b->h && b->col < b->w;
}

bool box_full(const struct box *b)
{
    return b->row >= b->h;
}

void box_ink(struct box *b, enum ink ink)
{
    attrset(b->attribute[ink]);
}

/* `columns` of text at the present place; they are `bytes` long. */
static void put_bytes(struct box *b, const char *text, int bytes, int columns)
{
    if (shown(b)) {
        mvaddnstr(b->y + b->row, b->x + b->col, text, bytes);
    }
    b->col += columns;
}

/* A block of a bar, as print_bar writes them: U+2580 to U+259F. */
static bool is_block(const struct box *b, const char *text)
{
    return b->utf8 && text[0] == '\xe2' && text[1] == '\x96' &&
           ((unsigned char)text[2] & 0xe0) == 0x80;
}

static void put_va(struct box *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
static void put_va(struct box *b, const char *fmt, va_list ap)
{
    char text[512];
    int length = vsnprintf(text, sizeof text, fmt, ap), columns = 0, fit = 0;
    int n = length < (int)sizeof text ? length : (int)sizeof text - 1;
    for (int i = 0; i < n; columns++) {
        int bytes = is_block(b, text + i) ? 3 : 1;
        if (bytes == 1 && (text[i] < 0x20 || text[i] > 0x7e)) {
            text[i] = '.';
        }
        i += bytes;
        if (columns < b->w - b->col) {
            fit = i;
        }
    }
    put_bytes(b, text, fit, columns);
}

void put(struct box *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    put_va(b, fmt, ap);
    va_end(ap);
}

void put_ink(struct box *b, enum ink ink, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    box_ink(b, ink);
    put_va(b, fmt, ap);
    box_ink(b, INK_PLAIN);
    va_end(ap);
}

void put_to(struct box *b, int col)
{
    while (b->col < col) {
        put_bytes(b, " ", 1, 1);
    }
}

void put_row(struct box *b)
{
    b->row++;
    b->col = 0;
}

void put_text(struct box *b, int indent, const char *text)
{
    bool first = true;
    put_to(b, indent);
    while (*text) {
        int word = (int)strcspn(text, " \n");
        if (!first && b->col + 1 + word > b->w) {
            put_row(b);
            put_to(b, indent);
            first = true;
        }
        put(b, "%s%.*s", first ? "" : " ", word, text);
        first = false;
        text += word;
        text += strspn(text, " \n");
    }
    put_row(b);
}

/* In eighths of a column where the terminal can show them. */
void put_bar(struct box *b, uint64_t part, uint64_t whole, int width)
{
    static const char *const eighth[] = {"▏", "▎", "▍", "▌",
                                         "▋", "▊", "▉", "█"};
    double share = whole ? (double)part / (double)whole : 0;
    int eighths = (int)((share > 1 ? 1 : share) * width * 8 + 0.5);
    if (part > 0 && eighths == 0) {
        eighths = 1;
    }
    if (!b->utf8) {
        eighths = (eighths + 7) / 8 * 8;
    }
    for (; eighths > 0; eighths -= 8) {
        const char *glyph = eighth[eighths < 8 ? eighths - 1 : 7];
        put_bytes(b, b->utf8 ? glyph : "#", b->utf8 ? (int)strlen(glyph) : 1,
                  1);
    }
}

void put_rule(struct box *b, const char *title, const char *more)
{
    const char *line = b->utf8 ? "─" : "-";
    int length = (int)strlen(line);
    box_ink(b, INK_FAINT);
    put_bytes(b, line, length, 1);
    put_ink(b, INK_TITLE, " %s ", title);
    if (*more) {
        put_ink(b, INK_FAINT, "%s ", more);
    }
    box_ink(b, INK_FAINT);
    while (b->col < b->w) {
        put_bytes(b, line, length, 1);
    }
    box_ink(b, INK_PLAIN);
    put_row(b);
}

struct box box_right(struct box *b, int columns)
{
    struct box right = *b;
    right.x = b->x + b->w - columns;
    right.w = columns;
    b->w -= columns + 1;
    return right;
}
