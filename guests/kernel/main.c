/*
 * main.c - the kernel's start, as a table of contents.
 */
#include "kernel.h"

#define TICKS_A_SECOND 1000

struct workload {
    const char *name;
    uint32_t count;
};
static const struct workload workloads[] = {
#define WORKLOAD(id, name, count, text) {name, count},
#include "workloads.def"
#include "measures.def"
#undef WORKLOAD
};
#define WORKLOADS (sizeof workloads / sizeof workloads[0])

/* The program `work` has the first of them, `measure` the others. */
static const uint32_t works = 0
#define WORKLOAD(id, name, count, text) +1
#include "workloads.def"
#undef WORKLOAD
    ;

/* The value of "key=value" on the command line, copied into out. */
static int option(const char *line, const char *key, char *out, size_t size)
{
    size_t n = strlen(key);
    for (const char *s = line; *s; s++) {
        size_t i = 0;
        if (s != line && s[-1] != ' ')
            continue;
        while (i < n && s[i] == key[i])
            i++;
        if (i < n || s[i] != '=')
            continue;
        size_t k = 0;
        for (s += n + 1; s[k] && s[k] != ' ' && k + 1 < size; k++)
            out[k] = s[k];
        out[k] = 0;
        return 1;
    }
    return 0;
}

static uint32_t number(const char *s)
{
    uint32_t n = 0;
    while (*s >= '0' && *s <= '9')
        n = n * 10 + (uint32_t)(*s++ - '0');
    return n;
}

/* Which workload: its number from 1; 0 for all; or panic. */
static uint32_t choose(const char *line, uint32_t *count)
{
    char name[16], n[16];
    *count = option(line, "n", n, sizeof n) ? number(n) : 0;
    if (!option(line, "workload", name, sizeof name))
        return 0;
    for (uint32_t i = 0; i < WORKLOADS; i++) {
        if (strcmp(workloads[i].name, name) == 0) {
            *count = *count ? *count : workloads[i].count;
            return i + 1;
        }
    }
    panic("no workload is called '%s'", name);
}

void kernel_main(const void *loader_info)
{
    struct boot boot;
    uint32_t count;

    ops_boot(&boot, loader_info);
    memory_init(&boot);
    ops_load_tables();
    print("ringside kernel\n");
    uint32_t which = choose(boot.command_line, &count);
    if (which > works)
        process_first("measure", which - works, count);
    else
        process_first("work", which, count);
    ops_timer_start(TICKS_A_SECOND);
    start_scheduling();
}
