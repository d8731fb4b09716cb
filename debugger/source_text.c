/*
 * source_text.c - the text of source lines: files found, read and kept.
 *
 * Parts:  finding; reading; lines.
 */
#include "source.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MOST (1 << 24)

struct text {
    char *file;       /* as it was compiled */
    const char *path; /* that part of it by which it was found */
    char *bytes;      /* NULL: it was not found */
    char **line;      /* where each begins; one more: the end */
    size_t lines;
};
struct texts {
    struct text *text;
    size_t texts;
};

/* ---------------------------------------------------------------- finding */

static FILE *open_in(const char *folder, size_t n, const char *rest)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%.*s%s%s", (int)n, folder,
                        n ? "/" : "", rest);
    return size > 0 && (size_t)size < sizeof path ? fopen(path, "r") : NULL;
}

/* In the present folder; and in each above the image, the nearest first. */
static FILE *open_part(const char *rest, const char *image)
{
    FILE *f = open_in("", 0, rest);
    for (size_t n = strlen(image); !f && n > 0; n--) {
        if (image[n] == '/') {
            f = open_in(image, n, rest);
        }
    }
    return f;
}

static FILE *open_text(struct text *t, const char *image)
{
    char whole[PATH_MAX];
    const char *at = t->file;
    FILE *f = *at == '/' ? fopen(at, "r") : NULL;
    t->path = at;
    if (!realpath(image, whole)) {
        whole[0] = 0;
    }
    while (!f && *at) {
        t->path = at += strspn(at, "/");
        f = open_part(at, whole);
        at += strcspn(at, "/");
    }
    return f;
}

/* ---------------------------------------------------------------- reading */

static char *read_all(FILE *f)
{
    size_t size = 0, room = 1 << 16;
    char *bytes = malloc(room);
    while (bytes && size < BYTES_MOST) {
        size_t n = fread(bytes + size, 1, room - size - 1, f);
        if (n == 0) {
            break;
        }
        size += n;
        if (size == room - 1) {
            char *more = realloc(bytes, room *= 2);
            if (!more) {
                free(bytes);
            }
            bytes = more;
        }
    }
    if (bytes) {
        bytes[size] = 0;
    }
    return bytes;
}

/* What would move a terminal's cursor is a blank. */
static void make_plain(char *bytes)
{
    for (char *p = bytes; *p; p++) {
        if ((unsigned char)*p < ' ' && *p != '\n') {
            *p = ' ';
        }
    }
}

static void cut_lines(struct text *t)
{
    size_t n = 1;
    make_plain(t->bytes);
    for (const char *p = t->bytes; (p = strchr(p, '\n')); p++) {
        n++;
    }
    t->line = calloc(n + 1, sizeof *t->line);
    char *p = t->bytes;
    while (t->line && t->lines < n) {
        t->line[t->lines++] = p;
        p += strcspn(p, "\n") + 1;
    }
    if (t->line) {
        t->line[t->lines] = p;
    }
}

static struct text *find(struct texts *all, const char *file, const char *image)
{
    for (size_t i = 0; i < all->texts; i++) {
        if (strcmp(all->text[i].file, file) == 0) {
            return &all->text[i];
        }
    }
    struct text *more =
        realloc(all->text, (all->texts + 1) * sizeof *all->text);
    if (!more) {
        return NULL;
    }
    all->text = more;
    struct text *t = &all->text[all->texts];
    *t = (struct text){.file = strdup(file)};
    if (!t->file) {
        return NULL;
    }
    all->texts++;
    FILE *f = open_text(t, image);
    if (f) {
        t->bytes = read_all(f);
        fclose(f);
    }
    if (t->bytes) {
        cut_lines(t);
    }
    return t;
}

/* ------------------------------------------------------------------ lines */

struct texts *texts_new(void)
{
    return calloc(1, sizeof(struct texts));
}

void texts_free(struct texts *t)
{
    for (size_t i = 0; t && i < t->texts; i++) {
        free(t->text[i].file);
        free(t->text[i].bytes);
        free(t->text[i].line);
    }
    if (t) {
        free(t->text);
        free(t);
    }
}

const char *texts_path(struct texts *t, const char *file, const char *image)
{
    const struct text *text = find(t, file, image);
    return text && text->bytes ? text->path : NULL;
}

const char *texts_line(struct texts *t, const char *file, const char *image,
                       unsigned line, size_t *length)
{
    const struct text *text = find(t, file, image);
    if (!text || line == 0 || line > text->lines) {
        return NULL;
    }
    *length = strcspn(text->line[line - 1], "\n");
    return text->line[line - 1];
}
