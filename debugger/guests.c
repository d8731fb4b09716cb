/*
 * guests.c - guests and workloads by name.
 *
 * A name with a slash or a dot in it is a file's path. Any other is looked
 * for in the folder "guests" beside the program, as the build leaves it, then
 * in share/ringside/guests of the place where it is installed.
 */
#include "guests.h"

#include "talk.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct workload workloads[] = {
#define WORKLOAD(id, name, count, text) {name, text},
#include "../guests/kernel/workloads.def"
#include "../guests/kernel/measures.def"
#undef WORKLOAD
    {NULL, NULL},
};
#define WORKLOADS (sizeof workloads / sizeof workloads[0] - 1)

const struct workload *workload_at(size_t i)
{
    return i < WORKLOADS ? &workloads[i] : NULL;
}

const struct workload *workload_find(const char *name)
{
    for (size_t i = 0; i < WORKLOADS; i++) {
        if (strcmp(workloads[i].name, name) == 0) {
            return &workloads[i];
        }
    }
    return NULL;
}

static const char *workload_name(size_t i)
{
    return i < WORKLOADS ? workloads[i].name : NULL;
}

const struct nanobenchmark *nanobenchmark_at(size_t i)
{
    static const struct nanobenchmark all[] = {
#define NANO(name, rounds, text) {"nano-" #name, rounds, text},
#include "../guests/nano/nano.def"
#undef NANO
    };
    return i < sizeof all / sizeof *all ? &all[i] : NULL;
}

/* --------------------------------------------------------------- folders */

/* Folder number i where guests may be, from the program's own place. */
static bool guest_folder(int i, char *out, size_t size)
{
    static const char *const from_program[] = {"guests",
                                               "../share/ringside/guests"};
    char program[GUEST_PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0 || i >= 2) {
        return false;
    }
    program[n] = 0;
    char *slash = strrchr(program, '/');
    if (slash) {
        *slash = 0;
    }
    int length = snprintf(out, size, "%s/%s", program, from_program[i]);
    return length > 0 && (size_t)length < size;
}

/* What guests' files are called: kernels and lessons, and disks. */
static const char *const endings[] = {".elf", ".img"};
#define ENDINGS (sizeof endings / sizeof *endings)

static bool find_file(const char *name, char *out, size_t size)
{
    char folder[GUEST_PATH_MAX];
    for (int i = 0; guest_folder(i, folder, sizeof folder); i++) {
        for (size_t e = 0; e < ENDINGS; e++) {
            int n = snprintf(out, size, "%s/%s%s", folder, name, endings[e]);
            if (n > 0 && (size_t)n < size && access(out, R_OK) == 0) {
                return true;
            }
        }
    }
    return false;
}

static int is_guest(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    for (size_t e = 0; dot && e < ENDINGS; e++) {
        if (strcmp(dot, endings[e]) == 0) {
            return 1;
        }
    }
    return 0;
}

static int print_folder(const char *folder)
{
    struct dirent **list;
    int n = scandir(folder, &list, is_guest, alphasort);
    for (int i = 0; i < n; i++) {
        printf("  %.*s\n", (int)(strlen(list[i]->d_name) - 4), list[i]->d_name);
        free(list[i]);
    }
    if (n >= 0) {
        free(list);
    }
    return n;
}

void guests_print(void)
{
    char folder[GUEST_PATH_MAX];
    puts("guests ('kernel' is the build that suits the technique):");
    for (int i = 0; guest_folder(i, folder, sizeof folder); i++) {
        if (print_folder(folder) > 0) {
            break;
        }
    }
    puts("workloads of the kernel:");
    for (size_t i = 0; i < WORKLOADS; i++) {
        printf("  %-12s %s\n", workloads[i].name, workloads[i].text);
    }
}

/* ----------------------------------------------------------------- names */

static bool is_path(const char *name)
{
    return strchr(name, '/') || strchr(name, '.');
}

static bool is_para(const struct technique *t)
{
    return strcmp(technique_name(t), "para") == 0;
}

bool guest_suits(const char *name, const struct technique *t)
{
    return !is_para(t) || is_path(name) || workload_find(name) ||
           strcmp(name, "kernel") == 0 || strcmp(name, "para") == 0;
}

static bool kernel_for(const struct technique *t, struct guest *out)
{
    const char *build = is_para(t) ? "kernel-para" : "kernel-native";
    if (find_file(build, out->path, sizeof out->path)) {
        return true;
    }
    complain("the guest kernel '%s.elf' is not beside the program; 'make "
             "guests' builds it",
             build);
    return false;
}

bool guest_find(const char *name, const struct technique *t, struct guest *out)
{
    *out = (struct guest){0};
    if (is_path(name)) {
        snprintf(out->path, sizeof out->path, "%s", name);
        return true; /* whether it is one, the loader says */
    }
    const struct workload *w = workload_find(name);
    if (w) {
        snprintf(out->command_line, sizeof out->command_line, "workload=%s",
                 w->name);
    }
    if (w || strcmp(name, "kernel") == 0) {
        return kernel_for(t, out);
    }
    if (find_file(name, out->path, sizeof out->path)) {
        return true;
    }
    if (access(name, F_OK) == 0) {
        snprintf(out->path, sizeof out->path, "./%s", name);
        return true;
    }
    const char *at = strrchr(name, '@');
    if (at) {
        complain("no technique is called '%s': 'ringside explain' lists them",
                 at + 1);
        return false;
    }
    complain("no guest, workload or file is called '%s'; 'ringside explain "
             "guests' lists them",
             name);
    suggest(stderr, name, workload_name);
    return false;
}
