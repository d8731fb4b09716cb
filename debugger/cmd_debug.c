/*
 * cmd_debug.c - ringside debug: a session of the plain debugger.
 *
 * Lines come from the terminal, from standard input, or from --batch FILE.
 * Nothing that is typed ends the session but quit and the input's end.
 */
#include "debug.h"
#include "evidence.h"
#include "gdb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void greet(struct debug *d)
{
    const struct technique *t = vm_technique(d->vm);
    char line[400];
    snprintf(line, sizeof line, "%s under %s: %s.", vm_name(d->vm),
             technique_name(t), technique_text(t));
    print_wrapped(d->out, 0, line);
    say(d, "'exit' runs to the next exit, 'tour' shows the first five minutes, "
           "'help'\nlists the commands.");
    tell_place(d);
}

/* To the end of the lines. Of a file, each has its number. */
static void loop(struct debug *d, FILE *file)
{
    struct line_source *lines = lines_open(d, file);
    while (lines && !d->quit) {
        char *line = lines_next(lines);
        if (!line) {
            break;
        }
        debug_execute(d, line);
        fflush(d->out);
        free(line);
    }
    lines_close(lines);
}

static FILE *open_lines(const char *path, const char *what)
{
    FILE *f = path ? fopen(path, "r") : stdin;
    struct stat is;
    if (f && fstat(fileno(f), &is) == 0 && S_ISDIR(is.st_mode)) {
        fclose(f); /* a folder can be opened, but not read */
        f = NULL;
        errno = EISDIR;
    }
    if (!f) {
        complain("the %s file '%s' cannot be read: %s", what, path,
                 strerror(errno));
    }
    return f;
}

/* On a terminal, and not asked otherwise: the full screen, where it can. */
static bool on_screen(struct debug *d, const struct options *o)
{
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    return terminal && !o->plain && !o->batch && screen_run(d);
}

/* What is to be done before anyone can type. */
static bool set_up(struct debug *d, const char *path)
{
    FILE *f = path ? open_lines(path, "setup") : NULL;
    if (f) {
        loop(d, f);
        fclose(f);
        d->line = 0;
    }
    return f || !path;
}

/* Said at once, and kept for the full screen, which would cover it. */
static void enter_evidence(const struct evidence *e, struct debug *d)
{
    size_t size;
    FILE *out = open_memstream(&d->greeting, &size);
    d->out = out ? out : stdout;
    evidence_enter(e, d);
    d->out = stdout;
    if (out && fclose(out) == 0) {
        fputs(d->greeting, stdout);
    }
}

static int serve(struct debug *d, const struct options *o, FILE *file,
                 const struct evidence *e)
{
    if (o->gdb) {
        return gdb_serve(d, o->gdb);
    }
    if (e) {
        enter_evidence(e, d);
    }
    d->out = stderr; /* what is said of a bad --beside */
    bool ready = !o->beside || beside_open(d, o->beside);
    d->out = stdout;
    if (!ready || !set_up(d, o->setup)) {
        return STATUS_USAGE;
    }
    if (d->quit || on_screen(d, o)) {
        return STATUS_SUCCESS;
    }
    greet(d);
    loop(d, file);
    return o->batch && d->errors ? STATUS_USAGE : STATUS_SUCCESS;
}

static int debug_with(const struct options *o, FILE *file,
                      const struct evidence *e)
{
    struct debug *d = calloc(1, sizeof *d);
    int status = STATUS_USAGE;
    if (!d) {
        return status;
    }
    d->out = stdout;
    if (debug_open(d, o, default_technique(o), o->name[0])) {
        status = serve(d, o, file, e);
        beside_close(d);
        status = debug_close(d) ? status : STATUS_FAILURE;
    }
    free(d->greeting);
    free(d);
    return status;
}

int cmd_debug(const struct options *given)
{
    struct options o = *given;
    struct evidence *e = NULL;
    FILE *file = open_lines(o.batch, "batch");
    int status = STATUS_USAGE;
    if (file && o.evidence && o.names) {
        complain("--evidence has its own guests: leave out '%s'", o.name[0]);
    } else if (file && (!o.evidence || (e = evidence_open(o.evidence, &o)))) {
        status = debug_with(&o, file, e);
    }
    evidence_free(e);
    if (file && file != stdin) {
        fclose(file);
    }
    return status;
}
