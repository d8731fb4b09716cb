/*
 * image.h - a guest's image file: read once, checked wholly, then placed.
 *
 * Job:    make of a stranger's file either an image whose every number has
 *         been checked, or a message that says what is wrong with it.
 * Parts:  reading (image.c), symbols and notes (symbols.c), Multiboot 1's
 *         part (multiboot.c).
 *
 * Read are 32-bit x86 ELF files, flat files whose Multiboot 1 header gives
 * their addresses (Multiboot 0.6.96, 3.1.3: bit 16 of the flags), and disks: a
 * first sector that ends in 55 AA, and no Multiboot header. A disk has no
 * segments and no entry: its firmware loads what it likes (firmware.h).
 */
#ifndef RINGSIDE_VMM_IMAGE_H
#define RINGSIDE_VMM_IMAGE_H

#include "vmm.h"

struct image_segment {
    uint32_t physical, virtual; /* where it goes; where it says it is */
    uint32_t memory_size;       /* bytes it fills there, the rest zeroed */
    uint32_t file_size;         /* bytes that come from the file ... */
    const uint8_t *bytes;       /* ... these */
};
struct image_symbol {
    const char *name;
    uint32_t value;
};
#define IMAGE_SEGMENTS 32
struct image {
    char name[32]; /* the file's name, without its folders */
    uint8_t *file;
    size_t size;
    bool elf;
    bool multiboot; /* it has a Multiboot 1 header */
    bool disk;      /* it starts by its boot sector, in real mode */
    uint32_t entry; /* physical; the segment holds it */
    uint32_t entry_virtual;
    struct image_segment segment[IMAGE_SEGMENTS];
    size_t segments;
    uint32_t end;                /* physical address behind the last segment */
    struct image_symbol *symbol; /* sorted by value */
    size_t symbols;
};

/* NULL with a message in err. */
struct image *image_load(const char *path, char *err, size_t errsize);
/* The same from memory, which is copied. */
struct image *image_parse(const char *name, const void *bytes, size_t size,
                          char *err, size_t errsize);
void image_free(struct image *im);

/* The nearest symbol at or before `value`, or NULL. */
const struct image_symbol *image_symbol_at(const struct image *im,
                                           uint32_t value);
const struct image_symbol *image_symbol(const struct image *im,
                                        const char *name);
/*
 * An ELF note by its owner's name and type ("Xen", 18). Returns its bytes
 * and sets *size, or NULL if the image has none.
 */
const uint8_t *image_note(const struct image *im, const char *owner,
                          uint32_t type, uint32_t *size);

struct vm;
/* Copy the segments to their physical addresses in v's memory. */
bool image_place(struct vm *v, const struct image *im, char *err,
                 size_t errsize);

/* Multiboot's magic in EAX at entry, 3.2. */
#define MULTIBOOT_BOOTED 0x2badb002u
/*
 * Write the information structure (3.3) for v into its memory, clear of the
 * image: command line, memory sizes and map. False with a message: no room.
 */
bool multiboot_info(struct vm *v, const struct image *im,
                    const char *command_line, gpa_t *out, char *err,
                    size_t errsize);

#endif
