/*
 * costs.c - the price list: reading presets, and naming their rows.
 *
 * A preset is a text of lines "name = value", each with a comment that tells
 * its source:
 *
 *     title = Pentium 4 672 with VT, 3.8 GHz, 2005
 *     mhz = 3800
 *     flag_if = 60        # Adams and Agesen 2006: CLI, native
 *
 * Every row of costs.def must be given once, and nothing else: a price that
 * is missing would silently be free. The files of cpu/costs/ are compiled in
 * (presets.c, generated), so that the program needs no folder of its own.
 */
#include "cpu.h"
#include "presets.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_LENGTH 512
#define PRICE_MAX 10000000u /* above any machine's dearest operation */

static const struct {
    const char *name, *text;
} rows[PRICE_COUNT] = {
#define PRICE(id, group, text) [PRICE_##id] = {#id, text},
#include "costs.def"
#undef PRICE
};

const char *price_name(enum price p)
{
    return rows[p].name;
}

const char *price_text(enum price p)
{
    return rows[p].text;
}

const char *costs_preset(size_t i)
{
    return i < preset_count ? presets[i].name : NULL;
}

/* A file being read: where we are, and the first thing that is wrong. */
struct reader {
    struct costs *out;
    const char *file;
    int line; /* 0: not a file's */
    bool seen[PRICE_COUNT];
    char *err;
    size_t errsize;
};

static int complain(const struct reader *r, const char *what, const char *word)
{
    if (r->line) {
        snprintf(r->err, r->errsize, "%s:%d: %s '%s'", r->file, r->line, what,
                 word);
    } else {
        snprintf(r->err, r->errsize, "%s: %s '%s'", r->file, what, word);
    }
    return -1;
}

/* Cut blanks off both ends, in place. */
static char *trim(char *s)
{
    while (isspace((unsigned char)*s)) {
        s++;
    }
    char *end = s + strlen(s);
    while (end > s && isspace((unsigned char)end[-1])) {
        end--;
    }
    *end = 0;
    return s;
}

static int parse_number(const struct reader *r, const char *s, uint32_t *out)
{
    char *end;
    errno = 0;
    unsigned long v = strtoul(s, &end, 10);
    if (!isdigit((unsigned char)*s) || *end || errno || v > PRICE_MAX) {
        return complain(r, "not a number of cycles from 0 to 10000000:", s);
    }
    *out = (uint32_t)v;
    return 0;
}

static int set_price(struct reader *r, const char *name, const char *value)
{
    for (int p = 0; p < PRICE_COUNT; p++) {
        if (strcmp(name, rows[p].name) != 0) {
            continue;
        }
        if (r->seen[p]) {
            return complain(r, "price given twice:", name);
        }
        r->seen[p] = true;
        return parse_number(r, value, &r->out->price[p]);
    }
    return complain(r, "no such price (see 'ringside explain costs'):", name);
}

static int set_row(struct reader *r, const char *text)
{
    char line[LINE_MAX_LENGTH];
    if (strlen(text) >= sizeof line) {
        return complain(r, "line too long, it begins", "");
    }
    strcpy(line, text);
    line[strcspn(line, "#")] = 0;
    char *name = trim(line);
    if (!*name) {
        return 0;
    }
    char *equals = strchr(name, '=');
    if (!equals) {
        return complain(r, "expected 'name = value', got", name);
    }
    *equals = 0;
    char *value = trim(equals + 1);
    name = trim(name);
    if (strcmp(name, "title") == 0) {
        snprintf(r->out->title, sizeof r->out->title, "%s", value);
        return 0;
    }
    if (strcmp(name, "mhz") == 0) {
        return parse_number(r, value, &r->out->mhz);
    }
    return set_price(r, name, value);
}

static int read_line(struct reader *r, const char *text)
{
    r->line++;
    return set_row(r, text);
}

/* After the last line: is everything there? */
static int check_complete(const struct reader *r)
{
    if (r->out->mhz == 0) {
        return complain(r, "missing, or zero:", "mhz");
    }
    for (int p = 0; p < PRICE_COUNT; p++) {
        if (!r->seen[p]) {
            return complain(r, "missing price", rows[p].name);
        }
    }
    return 0;
}

static int read_file(struct reader *r, const char *path)
{
    FILE *f = fopen(path, "r");
    if (!f) {
        snprintf(r->err, r->errsize, "%s: cannot read cost file: %s", path,
                 strerror(errno));
        return -1;
    }
    char line[LINE_MAX_LENGTH];
    int status = 0;
    while (status == 0 && fgets(line, sizeof line, f)) {
        status = read_line(r, line);
    }
    if (status == 0 && ferror(f)) {
        snprintf(r->err, r->errsize, "%s: cannot read cost file: %s", path,
                 strerror(errno));
        status = -1;
    }
    fclose(f);
    return status ? status : check_complete(r);
}

static int read_preset(struct reader *r, const struct preset *p)
{
    for (const char *const *line = p->lines; *line; line++) {
        if (read_line(r, *line)) {
            return -1;
        }
    }
    return check_complete(r);
}

/* "cpu/costs/p4.cost" is named "p4". */
static void name_from_path(struct costs *out, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    snprintf(out->name, sizeof out->name, "%.*s", (int)strcspn(base, "."),
             base);
}

static bool is_path(const char *name)
{
    const char *dot = strrchr(name, '.');
    return strchr(name, '/') || (dot && strcmp(dot, ".cost") == 0);
}

int costs_load(struct costs *out, const char *name, char *err, size_t errsize)
{
    struct reader r = {
        .out = out, .file = name, .err = err, .errsize = errsize};
    *out = (struct costs){0};
    name_from_path(out, name);
    if (is_path(name)) {
        return read_file(&r, name);
    }
    int used = snprintf(err, errsize, "no price preset '%s': there are", name);
    for (size_t i = 0; i < preset_count; i++) {
        if (strcmp(presets[i].name, name) == 0) {
            return read_preset(&r, &presets[i]);
        }
        if (used > 0 && (size_t)used < errsize) {
            used += snprintf(err + used, errsize - (size_t)used, " %s",
                             presets[i].name);
        }
    }
    if (used > 0 && (size_t)used < errsize) {
        snprintf(err + used, errsize - (size_t)used,
                 "; or give a file's path, with its '.cost' ending");
    }
    return -1;
}

int costs_set(struct costs *out, const char *row, char *err, size_t errsize)
{
    struct reader r = {.out = out, .file = row, .err = err, .errsize = errsize};
    struct costs as_it_was = *out;
    if (!strchr(row, '=') || strchr(row, '#')
            ? complain(&r, "expected 'name = value', got", row)
            : set_row(&r, row)) {
        *out = as_it_was;
        return -1;
    }
    size_t n = strlen(out->title);
    snprintf(out->title + n, sizeof out->title - n, "%s%s",
             strstr(out->title, ", but ") ? ", " : ", but ", row);
    n = strlen(out->name);
    if (n + 1 < sizeof out->name && out->name[n - 1] != '+') {
        strcpy(out->name + n, "+");
    }
    return 0;
}
