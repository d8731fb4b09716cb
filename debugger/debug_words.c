/*
 * debug_words.c - what a word of a command means: an address, a count, a
 * reason, a register.
 */
#include "debug.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const registers[] = {"eax", "ecx", "edx", "ebx", "esp",
                                        "ebp", "esi", "edi", "eip"};
#define REGISTERS (sizeof registers / sizeof registers[0])

const char *debug_register_name(size_t i)
{
    return i < REGISTERS ? registers[i] : NULL;
}

static bool register_value(const struct debug *d, const char *word,
                           uint32_t *out)
{
    for (size_t i = 0; i < REGISTERS; i++) {
        if (strcmp(word, registers[i]) == 0) {
            *out = i < 8 ? d->now.reg[i] : d->now.eip;
            return true;
        }
    }
    return false;
}

/* A number in C's writing; with `hex`, hexadecimal digits alone will do. */
static bool number(const char *word, bool hex, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(word, &end, 0);
    if (hex && *end) {
        *out = strtoull(word, &end, 16);
    }
    return isxdigit((unsigned char)*word) && !*end && !errno;
}

/* SEGMENT:OFFSET of real and virtual-8086 mode, in hexadecimal digits. */
static bool real_address(const char *word, uint32_t *out)
{
    unsigned segment, offset;
    int n = 0;
    if (sscanf(word, "%4x:%4x%n", &segment, &offset, &n) != 2 || word[n]) {
        return false;
    }
    *out = (segment << 4) + offset;
    return true;
}

static bool simple_address(struct debug *d, const char *word, uint32_t *out)
{
    uint64_t n;
    gva_t at;
    if (register_value(d, word, out) || real_address(word, out)) {
        return true;
    }
    if (vm_symbol(d->vm, word, &at)) {
        *out = at.v;
        return true;
    }
    if (number(word, true, &n) && n <= UINT32_MAX) {
        *out = (uint32_t)n;
        return true;
    }
    return false;
}

bool debug_address(struct debug *d, const char *word, uint32_t *out)
{
    char base[128];
    uint64_t offset = 0;
    size_t n = strcspn(word, "+-");
    snprintf(base, sizeof base, "%.*s", (int)n, word);
    if (n < sizeof base && simple_address(d, base, out) &&
        (!word[n] || number(word + n + 1, false, &offset))) {
        *out += word[n] == '-' ? -(uint32_t)offset : (uint32_t)offset;
        return true;
    }
    fprintf(d->out, "'%s' is no address, symbol of this guest, or register\n",
            word);
    suggest(d->out, word, debug_register_name);
    return false;
}

bool debug_count(struct debug *d, const struct words *w, int index,
                 uint64_t otherwise, uint64_t *out)
{
    *out = otherwise;
    if (index >= w->count) {
        return true;
    }
    if (number(w->word[index], false, out) && *out > 0) {
        return true;
    }
    fprintf(d->out, "'%s' is no count; give a number from 1\n", w->word[index]);
    return false;
}

static const char *reason_name(size_t i)
{
    return i < EXIT_COUNT ? exit_names[i].name : NULL;
}

int debug_reason(struct debug *d, const char *word)
{
    for (int r = 0; r < EXIT_COUNT; r++) {
        if (strcmp(exit_names[r].name, word) == 0) {
            return r;
        }
    }
    fprintf(d->out,
            "'%s' is no reason to exit; 'ringside explain reasons' lists "
            "them\n",
            word);
    suggest(d->out, word, reason_name);
    return -1;
}
