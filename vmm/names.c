/*
 * names.c - the closed lists by name: exits, dispositions, phases,
 * techniques. Each is a .def file; here it becomes a table of strings.
 */
#include "monitor.h"

#include <string.h>

const struct name_text exit_names[EXIT_COUNT] = {
#define EXIT(id, ...) [EXIT_##id] = {__VA_ARGS__},
#include "exits.def"
#undef EXIT
};

/* These two have no title of their own: the name serves. */
const struct name_text disposition_names[DISPOSITION_COUNT] = {
#define DISPOSITION(id, name, text) [DISPOSITION_##id] = {name, name, text},
#include "dispositions.def"
#undef DISPOSITION
};

const struct name_text phase_names[PHASE_COUNT] = {
#define PHASE(id, name, text) [PHASE_##id] = {name, name, text},
#include "phases.def"
#undef PHASE
};

static const struct technique *const techniques[] = {
#define TECHNIQUE(id) &technique_##id,
#include "techniques/techniques.def"
#undef TECHNIQUE
};

const struct technique *technique_at(size_t i)
{
    return i < sizeof techniques / sizeof *techniques ? techniques[i] : NULL;
}

const struct technique *technique_find(const char *name)
{
    for (size_t i = 0; technique_at(i); i++) {
        if (strcmp(technique_at(i)->name, name) == 0) {
            return technique_at(i);
        }
    }
    return NULL;
}

const char *technique_name(const struct technique *t)
{
    return t->name;
}

const char *technique_text(const struct technique *t)
{
    return t->text;
}

bool technique_is_bare(const struct technique *t)
{
    return t->run != NULL;
}

bool technique_moves_code(const struct technique *t)
{
    return t->moves_code;
}

enum cpu_kind technique_kind(const struct technique *t)
{
    return t->kind;
}
