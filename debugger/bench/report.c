/*
 * report.c - what a sweep's results say: the files, and what sections share.
 *
 * No date, no host and no path is written: the same command gives the same
 * bytes.
 */
#include "report.h"

#include "../guests.h"
#include "../talk.h"
#include "figure.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------- what is known */

static const struct result *find(const struct report *r, size_t workload,
                                 const struct technique *t, size_t preset,
                                 uint32_t size)
{
    const struct sweep *s = r->sweep;
    for (size_t i = 0; i < s->runs; i++) {
        const struct run *run = &s->run[i];
        if (run->workload == s->workload[workload] && run->technique == t &&
            run->costs == &s->costs[preset] && run->size == size) {
            return &r->result[i];
        }
    }
    return NULL;
}

static const struct result *succeeded(const struct result *x)
{
    return x && x->known && x->status == STATUS_SUCCESS ? x : NULL;
}

const struct books *report_books_of(const struct report *r, size_t workload,
                                    const struct technique *t, size_t preset,
                                    uint32_t size)
{
    const struct result *x =
        succeeded(t ? find(r, workload, t, preset, size) : NULL);
    return x ? &x->books : NULL;
}

const struct result *report_result(const struct report *r, size_t workload,
                                   const struct technique *t, size_t preset)
{
    return succeeded(find(r, workload, t, preset, r->sweep->size[workload][0]));
}

const struct books *report_books(const struct report *r, size_t workload,
                                 const struct technique *t, size_t preset)
{
    return report_books_of(r, workload, t, preset, r->sweep->size[workload][0]);
}

double report_times(const struct report *r, size_t workload,
                    const struct technique *t, size_t preset)
{
    const struct books *b = report_books(r, workload, t, preset);
    const struct books *bare =
        report_books(r, workload, technique_find("bare"), preset);
    return b && bare && bare->clock ? (double)b->clock / (double)bare->clock
                                    : 0;
}

static const struct nanobenchmark *nano_of(const struct report *r,
                                           size_t workload)
{
    for (size_t i = 0; nanobenchmark_at(i); i++) {
        if (strcmp(nanobenchmark_at(i)->name, r->sweep->workload[workload]) ==
            0) {
            return nanobenchmark_at(i);
        }
    }
    return NULL;
}

bool report_is_nano(const struct report *r, size_t workload)
{
    return nano_of(r, workload) != NULL;
}

double report_operation(const struct report *r, size_t workload,
                        const struct technique *t, size_t preset)
{
    const struct nanobenchmark *n = nano_of(r, workload);
    const struct books *b = report_books(r, workload, t, preset);
    const struct books *loop = NULL;
    for (size_t i = 0; i < r->sweep->workloads; i++) {
        if (strcmp(r->sweep->workload[i], nanobenchmark_at(0)->name) == 0) {
            loop = report_books(r, i, t, preset);
        }
    }
    if (!n || !b || !loop) {
        return -1;
    }
    double cycles = (double)b->clock - (double)loop->clock;
    return cycles > 0 ? cycles / n->rounds : 0;
}

void report_figure(struct report *r, const struct figure *f,
                   const char *caption)
{
    if (r->figures && figure_draw(r->d.folder, f)) {
        document_figure(&r->d, f->name, caption);
        document_command(&r->d, "ringside bench%s", r->name);
    }
}

/* ------------------------------------------------------------------ files */

/* A file of the folder under a temporary name, and its taking the real one. */
struct output {
    const char *folder, *name;
    FILE *file;
};

static bool output_path(const struct output *o, const char *end,
                        char path[4200])
{
    int n = snprintf(path, 4200, "%s/%s%s", o->folder, o->name, end);
    return n > 0 && n < 4200;
}

static bool output_open(struct output *o, const char *folder, const char *name)
{
    char path[4200];
    *o = (struct output){.folder = folder, .name = name};
    o->file = output_path(o, ".part", path) ? fopen(path, "w") : NULL;
    if (!o->file) {
        complain("%s/%s: cannot be written: %s", folder, name, strerror(errno));
    }
    return o->file != NULL;
}

static bool output_close(struct output *o)
{
    char part[4200], path[4200];
    bool ok = fflush(o->file) == 0 && !ferror(o->file);
    ok &= fclose(o->file) == 0;
    if (!output_path(o, ".part", part) || !output_path(o, "", path) || !ok ||
        rename(part, path)) {
        complain("%s/%s: cannot be written: %s", o->folder, o->name,
                 strerror(errno));
        remove(part);
        return false;
    }
    return true;
}

static void print_csv(FILE *to, const struct run *run, const struct result *x)
{
    const struct books *b = &x->books;
    fprintf(to,
            "%s,%s,%s,%" PRIu32 ",%d,%" PRIu64 ",%" PRIu64 ",%" PRIu64
            ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n",
            run->workload, technique_name(run->technique), run->costs->name,
            run->size, x->status, b->clock, b->guest, b->interpreted, b->exits,
            b->idle, b->instructions, b->interpreted_instructions, b->count);
}

static bool write_tables(const struct report *r, const char *folder)
{
    struct output csv, json;
    if (!output_open(&csv, folder, "results.csv")) {
        return false;
    }
    if (!output_open(&json, folder, "results.jsonl")) {
        fclose(csv.file);
        return false;
    }
    fputs("workload,technique,preset,size,status,cycles,guest_cycles,"
          "interpreted_cycles,exit_cycles,idle_cycles,instructions,"
          "interpreted,exits\n",
          csv.file);
    for (size_t i = 0; i < r->sweep->runs; i++) {
        const struct run *run = &r->sweep->run[i];
        if (!r->result[i].known) {
            continue;
        }
        print_csv(csv.file, run, &r->result[i]);
        cJSON *line = result_json(run, &r->result[i]);
        char *text = cJSON_PrintUnformatted(line);
        fprintf(json.file, "%s\n", text ? text : "");
        cJSON_free(text);
        cJSON_Delete(line);
    }
    bool ok = output_close(&csv);
    return output_close(&json) && ok;
}

/* ------------------------------------------------------------ the document */

/* What did not succeed is said before anything is concluded. */
static void section_failures(struct report *r)
{
    char key[RUN_KEY_SIZE];
    size_t bad = 0;
    for (size_t i = 0; i < r->sweep->runs; i++) {
        const struct result *x = &r->result[i];
        if (x->known && x->status == STATUS_SUCCESS) {
            continue;
        }
        if (bad++ == 0) {
            document_heading(&r->d, "Runs that are no measurement");
        }
        if (bad <= 20) {
            document_text(&r->d, "%s: %s.", run_key(&r->sweep->run[i], key),
                          x->known ? x->reason : "it has not been run");
        }
    }
    if (bad > 20) {
        document_text(&r->d, "And %zu more.", bad - 20);
    }
}

static bool write_document(struct report *r)
{
    struct document *d = &r->d;
    if (!document_begin(d, r->sweep->title)) {
        complain("no memory for the report");
        return false;
    }
    document_text(d,
                  "Simulated cycles of Ringside's machine, between each "
                  "workload's markers; nothing here was timed on a host, and "
                  "the same command gives the same numbers anywhere. Prices "
                  "are a model: trust ratios and reasons more than absolute "
                  "cycles (docs/COSTS.md tells where prices come from).");
    document_command(d, "ringside bench%s", r->name);
    for (size_t p = 0; p < r->sweep->presets; p++) {
        document_text(d, "%s%s: %s.", p ? "" : "Prices unless said otherwise: ",
                      r->sweep->costs[p].name, r->sweep->costs[p].title);
    }
    section_failures(r);
    section_overview(r);
    section_sizes(r);
    section_phases(r);
    section_para(r);
    section_machines(r);
    section_what_if(r);
    section_break_even(r);
    section_nano(r);
    section_published(r);
    document_end(d);
    return true;
}

bool report_write(const struct sweep *s, const struct result *results,
                  const struct options *o)
{
    char name[256];
    struct output md, html;
    struct report r = {.sweep = s,
                       .result = results,
                       .name = name,
                       .figures = figure_possible()};
    snprintf(name, sizeof name, "%s%s", o->names ? " " : "",
             o->names ? o->name[0] : "");
    if (!r.figures) {
        complain("gnuplot is not here: the report has tables, but no figures");
    }
    if (!write_tables(&r, o->out) || !output_open(&md, o->out, "report.md")) {
        return false;
    }
    if (!output_open(&html, o->out, "report.html")) {
        fclose(md.file);
        return false;
    }
    r.d = (struct document){.md = md.file, .html = html.file, .folder = o->out};
    bool written = write_document(&r), ok = output_close(&md);
    return output_close(&html) && ok && written;
}
