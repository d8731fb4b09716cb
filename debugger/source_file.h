/*
 * source_file.h - inside source.h's struct source: what source.c reads and
 * source_frame.c asks.
 */
#ifndef RINGSIDE_DEBUGGER_SOURCE_FILE_H
#define RINGSIDE_DEBUGGER_SOURCE_FILE_H

#include "source.h"

#include <elfutils/libdw.h>

/* From here to the next row: this line; 0: none. */
struct source_row {
    uint32_t at;
    unsigned line;
    uint32_t file;
    uint32_t order; /* in the file: sorting is stable by it */
};
struct source_symbol {
    const char *name;
    uint32_t at;
};
struct source {
    Elf *elf;
    Dwarf *dwarf;           /* NULL: there is none */
    struct source_row *row; /* by address */
    size_t rows;
    struct source_symbol *symbol; /* by address */
    size_t symbols;
    const char **file;
    size_t files;
};

#endif
