/*
 * tests.c - what a lab's folder says: tests.txt, budgets.txt, questions.txt;
 * and the student's answers.txt.
 *
 * Each is lines of words, "#" begins a remark. A line of tests.txt:
 *
 *   id name points public|hidden guest seed,seed checks needs text...
 */
#include "grade.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static FILE *open_in(const char *dir, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return fopen(path, "r");
}

/* A line with something in it, without its remark. */
static bool next_line(FILE *f, char *line, size_t size, unsigned *number)
{
    while (f && fgets(line, (int)size, f)) {
        ++*number;
        line[strcspn(line, "#\n")] = 0;
        if (line[strspn(line, " \t")]) {
            return true;
        }
    }
    return false;
}

static bool read_seeds(struct test *t, char *list)
{
    char *rest = NULL;
    for (char *s = strtok_r(list, ",", &rest); s;
         s = strtok_r(NULL, ",", &rest)) {
        if (t->seeds == SEEDS_MOST || strlen(s) >= sizeof *t->seed) {
            return false;
        }
        strcpy(t->seed[t->seeds++], s);
    }
    return t->seeds > 0;
}

static bool read_test(struct test *t, const char *line)
{
    char seeds[128], who[8];
    int text = 0;
    memset(t, 0, sizeof *t);
    if (sscanf(line, "%7s %31s %u %7s %31s %127s %127s %15s %n", t->id, t->name,
               &t->points, who, t->guest, seeds, t->checks, t->needs,
               &text) != 8 ||
        !text || !read_seeds(t, seeds)) {
        return false;
    }
    t->hidden = strcmp(who, "hidden") == 0;
    snprintf(t->text, sizeof t->text, "%s", line + text);
    return t->hidden || strcmp(who, "public") == 0;
}

bool lab_read(struct lab *l, const char *dir, char *err, size_t errsize)
{
    char line[512];
    unsigned number = 0;
    bool ok = true;
    FILE *f = open_in(dir, "tests.txt");
    if (!f) {
        snprintf(err, errsize, "%s/tests.txt cannot be read", dir);
        return false;
    }
    memset(l, 0, sizeof *l);
    while (ok && next_line(f, line, sizeof line, &number)) {
        if (sscanf(line, "lab %u technique %15s", &l->number, l->technique) ==
            2) {
            continue;
        }
        ok = l->count < TESTS_MOST && read_test(&l->test[l->count], line);
        l->counts |= ok && strstr(l->test[l->count].checks, "counts");
        l->touched |= ok && strstr(l->test[l->count].checks, "touched");
        l->count++;
    }
    fclose(f);
    if (!ok || !l->technique[0]) {
        snprintf(err, errsize,
                 "%s/tests.txt:%u: expected a line \"lab N technique T\", and "
                 "lines \"id name points public|hidden guest seeds checks "
                 "needs text\"",
                 dir, number);
        return false;
    }
    return true;
}

struct budget budget_of(const char *dir, const char *guest, const char *seed)
{
    char line[256], g[32], s[12];
    unsigned number = 0;
    struct budget b = {0, 0}, found = b;
    FILE *f = open_in(dir, "budgets.txt");
    while (next_line(f, line, sizeof line, &number)) {
        if (sscanf(line, "%31s %11s %" SCNu64 " %" SCNu64, g, s, &b.cycles,
                   &b.exits) >= 3 &&
            strcmp(g, guest) == 0 && strcmp(s, seed) == 0) {
            found = b;
        }
    }
    if (f) {
        fclose(f);
    }
    return found;
}

bool prediction_of(const char *path, const char *name, uint64_t *out)
{
    char line[256], n[16];
    unsigned number = 0;
    bool found = false;
    FILE *f = path ? fopen(path, "r") : NULL;
    while (next_line(f, line, sizeof line, &number)) {
        found |= sscanf(line, " %15[a-z0-9] = %" SCNu64, n, out) == 2 &&
                 strcmp(n, name) == 0;
        if (found) {
            break;
        }
    }
    if (f) {
        fclose(f);
    }
    return found;
}

bool question_of(const char *dir, const char *name, struct question *out)
{
    char line[512], n[16];
    unsigned number = 0;
    bool found = false;
    FILE *f = open_in(dir, "questions.txt");
    while (!found && next_line(f, line, sizeof line, &number)) {
        found = sscanf(line, "%15s %23s %31s %11s", n, out->what, out->guest,
                       out->seed) == 4 &&
                strcmp(n, name) == 0;
    }
    if (f) {
        fclose(f);
    }
    return found;
}
