/*
 * presets.h - the price files of cpu/costs/, as they were when the program
 * was built. presets.c is generated from them by cpu/presets.awk.
 */
#ifndef RINGSIDE_CPU_PRESETS_H
#define RINGSIDE_CPU_PRESETS_H

#include <stddef.h>

struct preset {
    const char *name;         /* the file's name without ".cost" */
    const char *const *lines; /* its lines, then NULL */
};
extern const struct preset presets[];
extern const size_t preset_count;

#endif
