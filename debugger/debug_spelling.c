/*
 * debug_spelling.c - what gdb calls it. Who knows gdb types its commands
 * first: they are taken as this debugger's own, where there is one that does
 * the same.
 *
 * Parts:  whole names; "x/8xw $esp" and "p/x".
 *
 * gdb's `step` and `next` go by source lines; here they have other names
 * (`run line`, `next`), for a trap is one instruction's.
 */
#include "debug.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *gdb, *ours;
} spellings[] = {{"stepi", "step"},
                 {"si", "step"},
                 {"nexti", "over"},
                 {"ni", "over"},
                 {"finish", "out"},
                 {"until", "run"},
                 {"advance", "run"},
                 {"reverse-step", "rstep"},
                 {"reverse-stepi", "rstep"},
                 {"reverse-nexti", "rover"},
                 {"reverse-next", "rnext"},
                 {"reverse-finish", "rout"},
                 {"reverse-continue", "rcontinue"},
                 {"backtrace", "where"},
                 {"disassemble", "disas"},
                 {"inspect", "print"}};

const char *spelling_of(const char *word)
{
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        if (strcmp(spellings[i].gdb, word) == 0) {
            return spellings[i].ours;
        }
    }
    return word;
}

/* Words of four bytes, as x shows them, that `count` of gdb's units are. */
static unsigned long words_of(unsigned long count, const char *letters)
{
    unsigned long bytes = strchr(letters, 'b')   ? 1
                          : strchr(letters, 'h') ? 2
                          : strchr(letters, 'g') ? 8
                                                 : 4;
    return (count * bytes + 3) / 4;
}

/* "x/8xw PLACE" is "x PLACE 8", "x/4i PLACE" is "disas PLACE 4", and "p/x
 * EXPR" is "p EXPR", which shows both. */
void spelling_read(char *text, size_t size)
{
    char was[LINE_MAX_BYTES], *letters;
    size_t word = strcspn(text, " \t/");
    if (word == 0 || text[word] != '/') {
        return;
    }
    snprintf(was, sizeof was, "%s", text);
    was[word] = 0;
    unsigned long count = strtoul(was + word + 1, &letters, 10);
    size_t n = strspn(letters, "abcdfghiostuwxz");
    char *place = letters + n;
    if (*place && !isspace((unsigned char)*place)) {
        return;
    }
    *place = *place ? 0 : *place;
    place += place < was + strlen(text) ? 1 : 0;
    count = count > 0 && count < 10000 ? count : 1;
    if (strcmp(was, "x") != 0) {
        snprintf(text, size, "%s %s", was, place);
    } else if (strchr(letters, 'i')) {
        snprintf(text, size, "disas %s %lu", *place ? place : "eip", count);
    } else {
        snprintf(text, size, "x %s %lu", *place ? place : "eip",
                 words_of(count, letters));
    }
}
