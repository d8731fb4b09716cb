/*
 * report.c - verdicts, for people on standard output and, a JSON object a
 * line, for everything else. Each is written as soon as it is known.
 *
 * What is hidden shows its category and the violated rule, never the inputs.
 */
#include "grade.h"

#include <inttypes.h>
#include <string.h>

static const char *const words[] = {"pass", "partial", "fail", "error", "skip"};

/* ------------------------------------------------------------------- JSON */

static void json_text(FILE *f, const char *key, const char *text)
{
    fprintf(f, "\"%s\":\"", key);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            fprintf(f, "\\%c", *c);
        } else if (*c == '\n') {
            fputs("\\n", f);
        } else if (*c >= ' ' && *c <= '~') {
            fputc(*c, f);
        } else {
            fprintf(f, "\\u%04x", (unsigned char)*c);
        }
    }
    fputs("\",", f);
}

static void report_json(const struct report *r, const struct result *x)
{
    const struct test *t = x->test;
    const struct finding *d = &x->finding;
    FILE *f = r->json;
    fprintf(f, "{\"lab\":%u,", r->lab);
    json_text(f, "id", t->id);
    json_text(f, "name", t->name);
    json_text(f, "status", words[x->status]);
    fprintf(f, "\"points\":%.2f,\"max\":%u,", x->points, t->points);
    json_text(f, "visibility", t->hidden ? "hidden" : "public");
    json_text(f, "text", t->text);
    fprintf(f, "\"exit\":%" PRIu64 ",\"cycle\":%" PRIu64 ",", d->exit,
            d->cycle);
    json_text(f, "seed", t->hidden || !x->seed ? "" : x->seed);
    json_text(f, "expected", t->hidden ? "" : d->expected);
    json_text(f, "got", t->hidden ? "" : d->got);
    json_text(f, "rationale", d->rationale);
    json_text(f, "requires", t->needs);
    fprintf(f, "\"metrics\":{\"share\":%.3f}}\n", d->share);
    fflush(f);
}

/* ----------------------------------------------------------------- people */

static void report_why(const struct report *r, const struct result *x)
{
    const struct test *t = x->test;
    const struct finding *d = &x->finding;
    if (x->status == SKIP) {
        printf("      skipped: needs %s\n", t->needs);
        return;
    }
    printf("      %s\n", d->rationale[0] ? d->rationale : t->text);
    if (t->hidden) {
        return;
    }
    if (d->expected[0]) {
        printf("      expected  %s\n      got       %s\n", d->expected, d->got);
    }
    if (strstr(t->checks, "predict") || !x->seed) {
        return;
    }
    printf("      hint 1/3: make LAB=%u hint T=%s\n", r->lab, t->name);
    printf("      replay:   make LAB=%u replay T=%s SEED=%s STOP=%" PRIu64 "\n",
           r->lab, t->name, x->seed, d->exit);
}

void report_result(struct report *r, const struct result *x)
{
    static const char *const shown[] = {"PASS", "PART", "FAIL", "ERR ", "SKIP"};
    const struct test *t = x->test;
    const struct finding *d = &x->finding;
    r->points += x->points;
    r->most += t->points;
    if (!t->hidden) {
        r->seen_points += x->points;
        r->seen_most += t->points;
    }
    if (r->json) {
        report_json(r, x);
    }
    if (r->quiet) {
        return;
    }
    printf("%s  %-5s %-22s %5.1f/%-3u", shown[x->status], t->id, t->name,
           x->points, t->points);
    if (x->status == PASS || x->status == SKIP || t->hidden || !x->seed) {
        printf("%s\n", t->hidden ? "  hidden" : "");
    } else if (strstr(t->checks, "predict")) {
        printf("  question %s\n", x->seed);
    } else {
        printf("  seed %s, exit %" PRIu64 ", eip 0x%x\n", x->seed, d->exit,
               d->eip);
    }
    if (x->status != PASS) {
        report_why(r, x);
    }
    fflush(stdout);
}

void report_end(const struct report *r)
{
    if (!r->quiet) {
        printf("lab %u: %.1f of %.0f points", r->lab, r->points, r->most);
        if (r->most > r->seen_most) {
            printf(" (public tests: %.1f of %.0f)", r->seen_points,
                   r->seen_most);
        }
        printf("\n");
    }
}
