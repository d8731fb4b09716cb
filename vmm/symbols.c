/*
 * symbols.c - an image's symbols, for debuggers, and its notes, by which a
 * paravirtual kernel says what it wants (Xen's public/elfnote.h).
 *
 * Parts:  section headers; symbols; notes.
 *
 * Simplified: local labels count as symbols like functions; of several at
 * one address the first in the file is shown.
 */
#include "elf32.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------- section headers */

/* The file offset of section header i, or 0 if there is none. */
static uint64_t section(const struct image *im, unsigned i)
{
    uint64_t at = image_word(im, E_SHOFF) + (uint64_t)i * SHDR_SIZE;
    bool there = image_word(im, E_SHOFF) != 0 &&
                 image_half(im, E_SHENTSIZE) == SHDR_SIZE &&
                 i < image_half(im, E_SHNUM) &&
                 image_in_file(im, at, SHDR_SIZE);
    return there ? at : 0;
}

/* The next section of type `type` from number *i on; 0: no more. */
static uint64_t next_section(const struct image *im, uint32_t type, unsigned *i)
{
    for (uint64_t at; (at = section(im, *i)) != 0;) {
        (*i)++;
        if (image_word(im, at + SH_TYPE) == type) {
            return at;
        }
    }
    return 0;
}

/* --------------------------------------------------------------- symbols */

/* The name at `offset` of a string table, if it ends within it. */
static const char *string_at(const struct image *im, uint64_t strings,
                             uint32_t offset)
{
    uint64_t at = image_word(im, strings + SH_OFFSET);
    uint32_t n = image_word(im, strings + SH_SIZE);
    if (!image_in_file(im, at, n) || offset >= n ||
        !memchr(im->file + at + offset, 0, n - offset)) {
        return NULL;
    }
    return (const char *)im->file + at + offset;
}

static int by_value(const void *a, const void *b)
{
    const struct image_symbol *x = a, *y = b;
    if (x->value != y->value) {
        return x->value < y->value ? -1 : 1;
    }
    return x->name < y->name ? -1 : x->name > y->name; /* file order */
}

static void add_symbol(struct image *im, uint64_t at, uint64_t strings)
{
    unsigned type = im->file[at + ST_INFO] & 15;
    const char *name = string_at(im, strings, image_word(im, at + ST_NAME));
    if (name && *name && type != STT_FILE && type != STT_SECTION &&
        image_half(im, at + ST_SHNDX) != 0) {
        im->symbol[im->symbols++] = (struct image_symbol){
            .name = name, .value = image_word(im, at + ST_VALUE)};
    }
}

bool image_read_symbols(struct image *im, char *err, size_t errsize)
{
    unsigned i = 0;
    uint64_t table = next_section(im, SHT_SYMTAB, &i);
    uint64_t strings = table ? section(im, image_word(im, table + SH_LINK)) : 0;
    if (!strings) {
        return true; /* stripped */
    }
    uint64_t at = image_word(im, table + SH_OFFSET);
    uint32_t n = image_word(im, table + SH_SIZE);
    if (!image_in_file(im, at, n)) {
        snprintf(err, errsize, "%s: its symbol table lies outside the file",
                 im->name);
        return false;
    }
    im->symbol = calloc(n / SYM_SIZE + 1, sizeof *im->symbol);
    if (!im->symbol) {
        snprintf(err, errsize, "%s: no memory for its symbols", im->name);
        return false;
    }
    for (uint64_t k = 0; k < n / SYM_SIZE; k++) {
        add_symbol(im, at + k * SYM_SIZE, strings);
    }
    qsort(im->symbol, im->symbols, sizeof *im->symbol, by_value);
    return true;
}

const struct image_symbol *image_symbol_at(const struct image *im,
                                           uint32_t value)
{
    size_t low = 0, high = im->symbols; /* the answer is before `high` */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (im->symbol[middle].value <= value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? &im->symbol[low - 1] : NULL;
}

const struct image_symbol *image_symbol(const struct image *im,
                                        const char *name)
{
    for (size_t i = 0; i < im->symbols; i++) {
        if (strcmp(im->symbol[i].name, name) == 0) {
            return &im->symbol[i];
        }
    }
    return NULL;
}

/* ----------------------------------------------------------------- notes */

static uint64_t round_up_4(uint64_t n)
{
    return (n + 3) & ~(uint64_t)3;
}

/* Search file bytes [at, at + n) for the note; each is a header, a name and
 * a description, both padded to 4 bytes. */
static const uint8_t *note_in(const struct image *im, uint64_t at, uint64_t n,
                              const char *owner, uint32_t type, uint32_t *size)
{
    uint64_t end = at + n;
    if (!image_in_file(im, at, n)) {
        return NULL;
    }
    while (end - at >= NOTE_SIZE) {
        uint32_t name_size = image_word(im, at);
        uint32_t desc_size = image_word(im, at + 4);
        uint64_t name = at + NOTE_SIZE;
        uint64_t desc = name + round_up_4(name_size);
        if (desc + desc_size > end) {
            return NULL;
        }
        if (image_word(im, at + 8) == type && name_size == strlen(owner) + 1 &&
            memcmp(im->file + name, owner, name_size) == 0) {
            *size = desc_size;
            return im->file + desc;
        }
        at = desc + round_up_4(desc_size);
        if (at > end) {
            return NULL;
        }
    }
    return NULL;
}

const uint8_t *image_note(const struct image *im, const char *owner,
                          uint32_t type, uint32_t *size)
{
    const uint8_t *found = NULL;
    if (!im->elf) {
        return NULL;
    }
    for (unsigned i = 0; !found && i < image_half(im, E_PHNUM); i++) {
        uint64_t at = image_word(im, E_PHOFF) + (uint64_t)i * PHDR_SIZE;
        if (image_word(im, at + P_TYPE) == PT_NOTE) {
            found = note_in(im, image_word(im, at + P_OFFSET),
                            image_word(im, at + P_FILESZ), owner, type, size);
        }
    }
    unsigned i = 0;
    for (uint64_t at; !found && (at = next_section(im, SHT_NOTE, &i)) != 0;) {
        found = note_in(im, image_word(im, at + SH_OFFSET),
                        image_word(im, at + SH_SIZE), owner, type, size);
    }
    return found;
}
