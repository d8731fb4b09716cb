/*
 * Traces: valid JSON by cJSON's reading, not ours; the same run the same
 * bytes; slices that nest; and no half-written file under the trace's name.
 */
#include "toy_fixture.h"

#include <cjson/cJSON.h>
#include <sys/stat.h>

static struct trace *trace;

static void odd_note(struct vm *v, struct exit *x)
{
    tick(v, x);
    exit_note(x, "a \"quote\", a \\ and\ta tab");
}

static void to_trace(void *who, struct monitor *m, const struct exit_record *x)
{
    (void)who;
    (void)m;
    trace_exit(trace, x);
}

/* Trace some thousand cycles into `path`. */
static void record(const char *path)
{
    struct fixture f;
    START(&f, odd_note, 0x40, 0xfa, 0xeb, 0xfc); /* inc; cli; jmp */
    toy.wake = 3000;
    f.m->config.observer = (struct monitor_observer){.exit = to_trace};
    trace = trace_open(path, f.m, err, sizeof err);
    cr_assert(trace, "%s", err);
    run(&f, (struct run_until){.cycle = 30000});
    trace_marker(trace, f.v, 3);
    run(&f, (struct run_until){.cycle = 60000});
    trace_marker(trace, f.v, 0);
    cr_assert_neq(access(path, F_OK), 0, "not there before it is whole");
    cr_assert(trace_close(trace, err, sizeof err), "%s", err);
    monitor_free(f.m);
}

static char *contents(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat s;
    cr_assert(f && fstat(fileno(f), &s) == 0, "%s", path);
    char *text = calloc(1, (size_t)s.st_size + 1);
    cr_assert_eq(fread(text, 1, (size_t)s.st_size, f), s.st_size);
    fclose(f);
    unlink(path);
    return text;
}

/* Record under a name of its own that ends in `ending`. */
static char *recorded(const char *ending)
{
    char folder[] = "/tmp/ringside-trace-XXXXXX", path[64];
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/t%s", folder, ending);
    record(path);
    char *text = contents(path);
    cr_assert_eq(rmdir(folder), 0, "nothing else is left there");
    return text;
}

static double number(const cJSON *o, const char *name)
{
    const cJSON *n = cJSON_GetObjectItem(o, name);
    cr_assert(cJSON_IsNumber(n), "%s", name);
    return n->valuedouble;
}

Test(trace, json_lines_each_valid_and_each_sum_true)
{
    char *text = recorded(".jsonl");
    double last_end = 0, sum = 0;
    unsigned exits = 0, markers = 0, ends = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        cJSON *o = cJSON_Parse(line);
        cr_assert(o, "%s", line);
        if (cJSON_HasObjectItem(o, "exit")) {
            double phases = 0, cost = number(o, "cost");
            const cJSON *p;
            cJSON_ArrayForEach(p, cJSON_GetObjectItem(o, "phases"))
            {
                phases += p->valuedouble;
            }
            cr_assert_eq(phases, cost);
            cr_assert_eq(number(o, "exit"), ++exits);
            cr_assert_geq(number(o, "start"), last_end, "exits in order");
            last_end = number(o, "start") + cost;
            sum += cost;
            if (exits > 1) {
                cr_assert_str_eq(cJSON_GetObjectItem(o, "note")->valuestring,
                                 "a \"quote\", a \\ and\ta tab");
            }
        } else if (cJSON_HasObjectItem(o, "end")) {
            ends++;
            cr_assert_eq(number(o, "exits"), sum);
            cr_assert_eq(number(o, "count"), exits);
            cr_assert_eq(number(o, "guest") + sum + number(o, "idle"),
                         number(o, "clock"));
        }
        markers += cJSON_HasObjectItem(o, "marker");
        cJSON_Delete(o);
    }
    cr_assert(exits > 20 && markers == 2 && ends == 1);
    free(text);
}

Test(trace, the_same_run_is_the_same_bytes)
{
    static const char *const ending[] = {".jsonl", ".json"};
    for (int i = 0; i < 2; i++) {
        char *a = recorded(ending[i]), *b = recorded(ending[i]);
        cr_assert(strcmp(a, b) == 0, "%s", ending[i]);
        free(a);
        free(b);
    }
}

Test(trace, chrome_events_are_valid_and_phases_fill_their_exit)
{
    char *text = recorded(".json");
    cJSON *all = cJSON_Parse(text), *e;
    cr_assert(all, "%s", cJSON_GetErrorPtr());
    double end = 0, filled = 0;
    unsigned exits = 0, names = 0, begins = 0, closes = 0;
    cJSON_ArrayForEach(e, cJSON_GetObjectItem(all, "traceEvents"))
    {
        const char *kind = cJSON_GetObjectItem(e, "ph")->valuestring;
        const cJSON *cat = cJSON_GetObjectItem(e, "cat");
        names += *kind == 'M';
        begins += *kind == 'B';
        closes += *kind == 'E';
        if (*kind != 'X') {
            continue;
        }
        double from = number(e, "ts"), to = from + number(e, "dur");
        if (strcmp(cat->valuestring, "phase") == 0) {
            cr_assert(from >= filled - 1e-6 && to <= end + 1e-6, "nested");
            filled = to;
        } else {
            cr_assert(exits == 0 || (filled > end - 1e-6), "all of it");
            cr_assert_geq(from, end - 1e-6);
            exits++;
            filled = from;
            end = to;
        }
    }
    cr_assert(exits > 20 && names == 3 && begins == 1 && closes == 1);
    cJSON_Delete(all);
    free(text);
}

Test(trace, a_bad_name_or_place_is_refused_in_words)
{
    struct fixture f;
    START(&f, emulate_one_byte, 0xf4);
    cr_assert_null(trace_open("trace.txt", f.m, err, sizeof err));
    cr_assert(strstr(err, ".jsonl"), "%s", err);
    cr_assert_null(trace_open(".json", f.m, err, sizeof err));
    cr_assert_null(trace_open("/no/folder/t.json", f.m, err, sizeof err));
    cr_assert(strstr(err, "No such file"), "%s", err);
    monitor_free(f.m);
}

Test(trace, a_full_disk_is_told_and_leaves_nothing)
{
    struct fixture f;
    START(&f, tick, 0xfa, 0xeb, 0xfd);
    char folder[] = "/tmp/ringside-trace-XXXXXX", part[128], path[64];
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/t.jsonl", folder);
    snprintf(part, sizeof part, "%s.part", path);
    cr_assert_eq(symlink("/dev/full", part), 0);
    f.m->config.observer = (struct monitor_observer){.exit = to_trace};
    trace = trace_open(path, f.m, err, sizeof err);
    cr_assert(trace, "%s", err);
    run(&f, (struct run_until){.cycle = 100000});
    cr_assert_not(trace_close(trace, err, sizeof err));
    cr_assert(strstr(err, "could not be written whole: No space"), "%s", err);
    cr_assert_eq(rmdir(folder), 0, "nothing is left there");
    monitor_free(f.m);
}
