/*
 * sweep.c - which runs a benchmark is made of, read from a small file.
 *
 * A line is a word that says what follows, and names:
 *
 *     title      Full and para, on three machines
 *     workload   nullcall forkwait nano-syscall    # or: all, nano
 *     technique  bare full para                    # or: all
 *     preset     p4-vt core2-vt my/own.cost
 *     size       nullcall 500 2000                 # the guest's n=
 *
 * Every workload runs under every technique at all prices, in each of its
 * sizes; bare always does, being what all are compared with. Lines of a kind
 * add up; a # begins a comment.
 */
#include "sweep.h"

#include "../guests.h"
#include "../talk.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What `ringside bench` runs without a file: a minute's work. */
static const char *const small[] = {
    "title Every workload under every technique",
    "workload all",
    "workload nano",
    "technique all",
    "preset p4-vt",
    NULL,
};

/* A file being read. */
struct reader {
    struct sweep *s;
    const char *file;
    int line;
};

static bool wrong(const struct reader *r, const char *what, const char *word)
{
    complain("%s:%d: %s '%s'", r->file, r->line, what, word);
    return false;
}

/* ----------------------------------------------------------------- names */

static int find_workload(const struct sweep *s, const char *name)
{
    for (size_t i = 0; i < s->workloads; i++) {
        if (strcmp(s->workload[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static bool add_workload(struct reader *r, const char *name)
{
    struct sweep *s = r->s;
    struct guest g;
    if (find_workload(s, name) >= 0) {
        return wrong(r, "named twice:", name);
    }
    if (s->workloads == SWEEP_NAMES) {
        return wrong(r, "too many workloads (64 is the most) at", name);
    }
    if (!guest_find(name, technique_find("bare"), &g)) {
        return wrong(r, "no such workload:", name);
    }
    s->workload[s->workloads] = strdup(name);
    return s->workload[s->workloads++] != NULL;
}

/* Names at once: "all" workloads, or the nanobenchmarks. */
static bool add_workloads(struct reader *r, const char *word)
{
    bool ok = true;
    if (strcmp(word, "all") == 0) {
        for (size_t i = 0; ok && workload_at(i); i++) {
            ok = add_workload(r, workload_at(i)->name);
        }
        return ok;
    }
    if (strcmp(word, "nano") == 0) {
        for (size_t i = 0; ok && nanobenchmark_at(i); i++) {
            ok = add_workload(r, nanobenchmark_at(i)->name);
        }
        return ok;
    }
    return add_workload(r, word);
}

static bool add_technique(struct reader *r, const struct technique *t)
{
    struct sweep *s = r->s;
    for (size_t i = 0; i < s->techniques; i++) {
        if (s->technique[i] == t) {
            return i == 0 || wrong(r, "named twice:", technique_name(t));
        }
    }
    if (s->techniques == TECHNIQUES_MOST) {
        return wrong(r, "too many techniques at", technique_name(t));
    }
    s->technique[s->techniques++] = t;
    return true;
}

static const char *technique_name_at(size_t i)
{
    const struct technique *t = technique_at(i);
    return t ? technique_name(t) : NULL;
}

static bool add_techniques(struct reader *r, const char *word)
{
    const struct technique *t = technique_find(word);
    bool ok = true;
    if (strcmp(word, "all") == 0) {
        for (size_t i = 0; ok && technique_at(i); i++) {
            ok = add_technique(r, technique_at(i));
        }
        return ok;
    }
    if (t) {
        return add_technique(r, t);
    }
    wrong(r, "no such technique:", word);
    suggest(stderr, word, technique_name_at);
    return false;
}

static bool add_preset(struct reader *r, const char *word)
{
    struct sweep *s = r->s;
    char err[256];
    if (s->presets == PRESETS_MOST) {
        return wrong(r, "too many presets (16 is the most) at", word);
    }
    struct costs *costs = &s->costs[s->presets];
    if (costs_load(costs, word, err, sizeof err)) {
        return wrong(r, err, word);
    }
    for (size_t i = 0; i < s->presets; i++) {
        if (strcmp(s->costs[i].name, costs->name) == 0) {
            return wrong(r, "two presets have one name:", costs->name);
        }
    }
    s->presets++;
    return true;
}

/* The words after `size`: a workload, then numbers. */
static bool add_size(struct reader *r, const char *word, int *of)
{
    char *end;
    if (*of < 0) {
        *of = find_workload(r->s, word);
        return *of >= 0 ||
               wrong(r, "sizes of a workload not named above:", word);
    }
    uint32_t *size = r->s->size[*of];
    size_t n = 0;
    while (n < SWEEP_SIZES && size[n]) {
        n++;
    }
    unsigned long value = strtoul(word, &end, 10);
    if (!isdigit((unsigned char)*word) || *end || value == 0 ||
        value > 1000000) {
        return wrong(r, "a size is a number from 1 to 1000000, not", word);
    }
    if (n + 1 >= SWEEP_SIZES) {
        return wrong(r, "too many sizes (7 is the most) at", word);
    }
    size[n] = (uint32_t)value;
    return true;
}

/* ----------------------------------------------------------------- lines */

static bool read_words(struct reader *r, const char *key, char *words)
{
    char *rest, *word = strtok_r(words, " \t", &rest);
    int of = -1;
    bool ok = true;
    if (!word) {
        return wrong(r, "nothing follows", key);
    }
    for (; ok && word; word = strtok_r(NULL, " \t", &rest)) {
        if (strcmp(key, "workload") == 0) {
            ok = add_workloads(r, word);
        } else if (strcmp(key, "technique") == 0) {
            ok = add_techniques(r, word);
        } else if (strcmp(key, "preset") == 0) {
            ok = add_preset(r, word);
        } else if (strcmp(key, "size") == 0) {
            ok = add_size(r, word, &of);
        } else {
            return wrong(r,
                         "a line begins with title, workload, technique, "
                         "preset or size, not",
                         key);
        }
    }
    return ok;
}

static bool read_line(struct reader *r, const char *text)
{
    char line[512];
    r->line++;
    if (strlen(text) >= sizeof line) {
        return wrong(r, "line too long, after", "511 letters");
    }
    strcpy(line, text);
    line[strcspn(line, "#\r\n")] = 0;
    char *key = line + strspn(line, " \t");
    if (!*key) {
        return true;
    }
    char *rest = key + strcspn(key, " \t");
    if (*rest) {
        *rest++ = 0;
    }
    rest += strspn(rest, " \t");
    if (strcmp(key, "title") == 0) {
        snprintf(r->s->title, sizeof r->s->title, "%s", rest);
        return true;
    }
    return read_words(r, key, rest);
}

static bool read_file(struct reader *r)
{
    char line[600];
    bool ok = true;
    FILE *f = fopen(r->file, "r");
    if (!f) {
        complain("%s: cannot read the sweep: %s", r->file, strerror(errno));
        return false;
    }
    while (ok && fgets(line, sizeof line, f)) {
        ok = read_line(r, line);
    }
    if (ok && ferror(f)) {
        complain("%s: cannot read the sweep: %s", r->file, strerror(errno));
        ok = false;
    }
    fclose(f);
    return ok;
}

/* ------------------------------------------------------------------ runs */

/* All runs of one workload. With out NULL they are counted only. */
static size_t expand_workload(const struct sweep *s, size_t w, struct run *out)
{
    size_t n = 0;
    for (size_t k = 0; k == 0 || s->size[w][k]; k++) {
        for (size_t p = 0; p < s->presets; p++) {
            for (size_t t = 0; t < s->techniques; t++) {
                if (!guest_suits(s->workload[w], s->technique[t])) {
                    continue;
                }
                if (out) {
                    out[n] = (struct run){s->workload[w], s->technique[t],
                                          &s->costs[p], s->size[w][k]};
                }
                n++;
            }
        }
    }
    return n;
}

static size_t expand(const struct sweep *s, struct run *out)
{
    size_t n = 0;
    for (size_t w = 0; w < s->workloads; w++) {
        n += expand_workload(s, w, out ? out + n : NULL);
    }
    return n;
}

static bool complete(struct reader *r)
{
    struct sweep *s = r->s;
    const char *missing = !s->workloads       ? "workload"
                          : s->techniques < 2 ? "technique"
                          : !s->presets       ? "preset"
                                              : NULL;
    if (missing) {
        complain("%s: it names no %s: a line '%s NAME ...' is missing", r->file,
                 missing, missing);
        return false;
    }
    s->runs = expand(s, NULL);
    if (s->runs == 0 || s->runs > RUNS_MOST) {
        complain("%s: that would be %zu runs; 1 to %u are possible: name "
                 "other workloads, techniques, presets or sizes",
                 r->file, s->runs, RUNS_MOST);
        return false;
    }
    s->run = calloc(s->runs, sizeof *s->run);
    if (s->run) {
        expand(s, s->run);
    }
    return s->run != NULL;
}

bool sweep_read(struct sweep *s, const char *path)
{
    struct reader r = {s, path ? path : "the built-in sweep", 0};
    bool ok = true;
    *s = (struct sweep){.title = "A benchmark"};
    s->technique[s->techniques++] = technique_find("bare");
    for (size_t i = 0; ok && !path && small[i]; i++) {
        ok = read_line(&r, small[i]);
    }
    if (!ok || (path && !read_file(&r)) || !complete(&r)) {
        sweep_free(s);
        return false;
    }
    return true;
}

void sweep_free(struct sweep *s)
{
    for (size_t i = 0; i < s->workloads; i++) {
        free(s->workload[i]);
    }
    free(s->run);
    *s = (struct sweep){.runs = 0};
}

const char *run_key(const struct run *r, char buf[RUN_KEY_SIZE])
{
    const char *slash = strrchr(r->workload, '/');
    int n =
        snprintf(buf, RUN_KEY_SIZE, "%s.%s.%s", slash ? slash + 1 : r->workload,
                 technique_name(r->technique), r->costs->name);
    if (r->size && n > 0 && n < RUN_KEY_SIZE) {
        snprintf(buf + n, RUN_KEY_SIZE - (size_t)n, ".%u", r->size);
    }
    return buf;
}
