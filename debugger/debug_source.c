/*
 * debug_source.c - source lines of the guest that is looked at.
 *
 * Job:    say which line of which source an address is, where its text is,
 *         and where FILE:LINE is.
 * Parts:  a guest's files; lines; texts; FILE:LINE; names; the end.
 *
 * A guest's lines are in NAME.debug beside its image NAME.elf, or in that
 * itself; its programs' in the folder `user` beside it. Two programs may lie
 * at the same address, one after the other: a file's lines count where the
 * guest's memory holds what that file says.
 */
#include "debug.h"
#include "guests.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MOST 16
#define COMPARED 16 /* bytes, at most */

struct guest_files {
    char image[GUEST_PATH_MAX]; /* "": not looked for, yet */
    struct source *source[FILES_MOST];
    int count;
};
struct sources {
    struct guest_files guest[GUESTS_MAX]; /* by VM */
    struct texts *texts;
};

/* --------------------------------------------------------- a guest's files */

static void add_file(struct guest_files *g, const char *path)
{
    struct source *s = g->count < FILES_MOST ? source_open(path) : NULL;
    if (s && source_any(s)) {
        g->source[g->count++] = s;
    } else {
        source_close(s);
    }
}

/* The image's own: NAME.debug, or else itself. */
static void add_image(struct guest_files *g)
{
    char path[GUEST_PATH_MAX + 8];
    size_t n = strlen(g->image);
    if (n > 4 && strcmp(g->image + n - 4, ".elf") == 0) {
        snprintf(path, sizeof path, "%.*s.debug", (int)n - 4, g->image);
        add_file(g, path);
    }
    if (g->count == 0) {
        add_file(g, g->image);
    }
}

static void add_programs(struct guest_files *g)
{
    char pattern[GUEST_PATH_MAX + 16];
    const char *slash = strrchr(g->image, '/');
    glob_t found;
    snprintf(pattern, sizeof pattern, "%.*suser/*.debug",
             slash ? (int)(slash + 1 - g->image) : 0, g->image);
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            add_file(g, found.gl_pathv[i]);
        }
        globfree(&found);
    }
}

/* The files of the guest that is looked at; NULL: the host has no memory. */
static struct guest_files *files_of(struct debug *d)
{
    uint32_t i = vm_id(d->vm) - 1;
    if (!d->sources) {
        d->sources = calloc(1, sizeof *d->sources);
    }
    if (!d->sources || i >= GUESTS_MAX) {
        return NULL;
    }
    struct guest_files *g = &d->sources->guest[i];
    if (!g->image[0]) {
        session_image(&d->session, i, g->image, sizeof g->image);
        add_image(g);
        if (g->count > 0) {
            add_programs(g);
        }
    }
    return g;
}

bool debug_has_lines(struct debug *d)
{
    const struct guest_files *g = files_of(d);
    return g && g->count > 0;
}

/* ------------------------------------------------------------------ lines */

/* The file whose code the guest has at `at`; *own is the address that it has
 * there. */
static const struct source *source_of(struct debug *d, uint32_t at,
                                      uint32_t *own)
{
    const struct guest_files *g = files_of(d);
    uint8_t said[COMPARED], there[COMPARED];
    for (int i = 0; g && i < g->count; i++) {
        *own = at;
        size_t n = source_bytes(g->source[i], own, said, sizeof said);
        if (n > 0 && vm_peek(d->vm, (gva_t){at}, there, n) == n &&
            memcmp(said, there, n) == 0) {
            return g->source[i];
        }
    }
    return NULL;
}

bool debug_line_at(struct debug *d, uint32_t at, struct source_line *out)
{
    uint32_t own;
    const struct source *s = source_of(d, at, &own);
    if (!s || !source_line_at(s, own, out)) {
        return false;
    }
    out->from += at - own;
    out->to += at - own;
    return true;
}

bool debug_caller(struct debug *d, const struct source_memory *m,
                  struct source_frame *f)
{
    uint32_t own;
    const struct source *s = source_of(d, f->eip, &own);
    struct source_frame moved = *f;
    moved.eip = own;
    if (!s || !source_caller(s, m, &moved)) {
        return false;
    }
    *f = moved;
    return true;
}

/* ------------------------------------------------------------------ texts */

static struct texts *texts_of(struct debug *d)
{
    if (d->sources && !d->sources->texts) {
        d->sources->texts = texts_new();
    }
    return d->sources ? d->sources->texts : NULL;
}

const char *debug_line_text(struct debug *d, const char *file, unsigned line,
                            size_t *length)
{
    const struct guest_files *g = files_of(d);
    struct texts *t = texts_of(d);
    return g && t ? texts_line(t, file, g->image, line, length) : NULL;
}

const char *debug_file_path(struct debug *d, const char *file)
{
    const struct guest_files *g = files_of(d);
    struct texts *t = texts_of(d);
    return g && t ? texts_path(t, file, g->image) : NULL;
}

const char *debug_base_name(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

void tell_line(struct debug *d, const struct source_line *l)
{
    size_t n;
    const char *text = debug_line_text(d, l->file, l->line, &n);
    int used =
        fprintf(d->out, "      %s:%u: ", debug_base_name(l->file), l->line);
    if (!text) {
        fprintf(d->out, "%s is not found here\n", l->file);
        return;
    }
    size_t blank = strspn(text, " \t");
    int room = used > 0 && used < COLUMNS - 10 ? COLUMNS - 1 - used : 10;
    blank = blank < n ? blank : n;
    n -= blank;
    fprintf(d->out, "%.*s\n", n < (size_t)room ? (int)n : room, text + blank);
}

/* -------------------------------------------------------------- FILE:LINE */

bool debug_is_file_line(const char *word)
{
    const char *colon = strrchr(word, ':');
    size_t n = colon ? (size_t)(colon - word) : 0;
    return n > 0 && strspn(word, "0123456789abcdefABCDEF") < n && colon[1] &&
           strspn(colon + 1, "0123456789") == strlen(colon + 1);
}

bool debug_file_line(struct debug *d, const char *word, struct source_line *out)
{
    const struct guest_files *g = files_of(d);
    char file[256];
    const char *colon = strrchr(word, ':');
    unsigned long line = strtoul(colon + 1, NULL, 10);
    snprintf(file, sizeof file, "%.*s", (int)(colon - word), word);
    if (!debug_has_lines(d)) {
        wrong(d, "%s: %s has no source lines: it was built without them", word,
              vm_name(d->vm));
        return false;
    }
    for (int i = 0; i < g->count; i++) {
        if (line <= INT32_MAX &&
            source_place(g->source[i], file, (unsigned)line, out)) {
            return true;
        }
    }
    wrong(d, "%s: there is no code of %s at that line or behind it", word,
          file);
    return false;
}

bool debug_completion(struct debug *d, size_t i, bool lines, char *buf,
                      size_t size)
{
    const struct guest_files *g = files_of(d);
    struct source_line l;
    buf[0] = 0;
    for (int k = 0; g && k < g->count; k++) {
        size_t n = 0;
        for (; !lines && source_file(g->source[k], n); n++) {
            if (i-- == 0) {
                snprintf(buf, size,
                         "%s:", debug_base_name(source_file(g->source[k], n)));
                return true;
            }
        }
        for (; lines && source_piece(g->source[k], n, &l); n++) {
            if (i-- == 0) {
                snprintf(buf, size, "%s:%u", debug_base_name(l.file), l.line);
                return true;
            }
        }
    }
    return false;
}

/* ------------------------------------------------------------------ names */

/* The one that is in memory, if several have such a name. */
bool debug_program_name(struct debug *d, const char *word, uint32_t *at)
{
    const struct guest_files *g = files_of(d);
    bool found = false;
    uint32_t own, its;
    for (int i = 0; g && i < g->count; i++) {
        if (source_name(g->source[i], word, &its)) {
            *at = found ? *at : its;
            found = true;
            if (source_of(d, its, &own) == g->source[i]) {
                *at = its;
                break;
            }
        }
    }
    return found;
}

/* As place_name, and the names of programs besides. */
char *debug_place_name(struct debug *d, uint32_t at, char *buf, size_t size)
{
    uint32_t own, offset;
    const struct source *s = source_of(d, at, &own);
    const char *name = s ? source_name_at(s, own, &offset) : NULL;
    place_name(d->vm, at, buf, size);
    if (!*buf && name) {
        snprintf(buf, size, offset ? "%s+0x%x" : "%s", name, offset);
    }
    return buf;
}

/* ---------------------------------------------------------------- the end */

void debug_sources_end(struct debug *d)
{
    for (int i = 0; d->sources && i < GUESTS_MAX; i++) {
        for (int k = 0; k < d->sources->guest[i].count; k++) {
            source_close(d->sources->guest[i].source[k]);
        }
    }
    if (d->sources) {
        texts_free(d->sources->texts);
        free(d->sources);
    }
}
