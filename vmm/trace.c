/*
 * trace.c - a run's exits, written to a file as they happen.
 *
 * Job:    open the file, choose the format by its ending, and let it appear
 *         under its name only when it is whole: it is written as NAME.part
 *         and renamed at the end.
 * Parts:  JSON's strings; what both formats say of an exit; the file.
 *
 * The same run gives the same bytes: nothing here depends on the host.
 */
#include "trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ JSON */

void trace_string(struct trace *t, const char *name, const char *text)
{
    fprintf(t->file, "\"%s\":\"", name);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            fprintf(t->file, "\\%c", *c);
        } else if ((unsigned char)*c < ' ' || (unsigned char)*c > '~') {
            fprintf(t->file, "\\u%04x", (unsigned char)*c);
        } else {
            fputc(*c, t->file);
        }
    }
    fputc('"', t->file);
}

void trace_details(struct trace *t, const struct exit_record *x)
{
    char text[96];
    fprintf(t->file, "\"cost\":%" PRIu64 ",\"reason\":\"%s\",", exit_cost(x),
            exit_names[x->reason].name);
    fprintf(t->file, "\"disposition\":\"%s\",\"vector\":%u,",
            disposition_names[x->disposition].name, x->vector);
    if (x->has_error) {
        fprintf(t->file, "\"error\":%u,", x->error);
    }
    if (x->vector == VEC_PF) {
        fprintf(t->file, "\"address\":\"%08x\",", x->address);
    }
    fprintf(t->file, "\"cs\":\"%04x\",\"eip\":\"%08x\",", x->cs, x->eip);
    if (x->insn.id != I_INVALID) {
        trace_string(t, "insn",
                     cpu_disassemble(&x->insn, x->eip, text, sizeof text));
        fputc(',', t->file);
    }
    fprintf(t->file, "\"ring\":%u,\"virtual_ring\":%u,\"detail\":%u",
            x->real_ring, x->virtual_ring, x->detail);
    if (x->note[0]) {
        fputc(',', t->file);
        trace_string(t, "note", x->note);
    }
}

/* -------------------------------------------------------------- the file */

static const struct trace_format *format_of(const char *path)
{
    static const struct trace_format *const all[] = {&trace_jsonl,
                                                     &trace_chrome};
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        size_t e = strlen(all[i]->ending);
        if (n > e && strcmp(path + n - e, all[i]->ending) == 0) {
            return all[i];
        }
    }
    return NULL;
}

static void trace_free(struct trace *t)
{
    free(t->path);
    free(t->part);
    free(t);
}

static struct trace *new_trace(const char *path, struct monitor *m)
{
    size_t n = strlen(path);
    struct trace *t = calloc(1, sizeof *t);
    if (!t) {
        return NULL;
    }
    t->format = format_of(path);
    t->monitor = m;
    t->path = malloc(n + 1);
    t->part = malloc(n + sizeof ".part");
    if (!t->path || !t->part) {
        trace_free(t);
        return NULL;
    }
    strcpy(t->path, path);
    strcpy(t->part, path);
    strcat(t->part, ".part");
    return t;
}

struct trace *trace_open(const char *path, struct monitor *m, char *err,
                         size_t errsize)
{
    if (!format_of(path)) {
        snprintf(err, errsize,
                 "%s: a trace's name ends in .jsonl (a line an exit) or .json "
                 "(Chrome trace events, for Perfetto)",
                 path);
        return NULL;
    }
    struct trace *t = new_trace(path, m);
    if (!t || !(t->file = fopen(t->part, "w"))) {
        snprintf(err, errsize, "%s: it cannot be written: %s", path,
                 strerror(errno));
        if (t) {
            trace_free(t);
        }
        return NULL;
    }
    t->format->begin(t);
    return t;
}

void trace_exit(struct trace *t, const struct exit_record *x)
{
    t->format->exit(t, x);
}

void trace_marker(struct trace *t, struct vm *v, uint32_t id)
{
    t->format->marker(t, v, id);
}

bool trace_close(struct trace *t, char *err, size_t errsize)
{
    t->format->end(t);
    bool ok = !ferror(t->file);
    ok = fclose(t->file) == 0 && ok;
    ok = ok && rename(t->part, t->path) == 0;
    if (!ok) {
        snprintf(err, errsize, "%s: it could not be written whole: %s", t->path,
                 strerror(errno));
        remove(t->part);
    }
    trace_free(t);
    return ok;
}
