/*
 * image.c - a guest's image file, read and checked.
 *
 * Job:    turn a file that anybody may have made into a struct image whose
 *         every offset, size and address has been checked; or say what is
 *         wrong with it.
 * Parts:  fields; Multiboot's header; ELF; disks; the checks of all segments.
 *
 * Nothing below is trusted: sums are made in 64 bits, and a pointer into the
 * file is formed only for a range that in_file() has accepted.
 *
 * Simplified: ELF files must be executables for 32-bit x86 (no relocation);
 * symbols and notes are taken from them, debugging information is not.
 */
#include "image.h"
#include "elf32.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST (64u << 20)

/* ---------------------------------------------------------------- fields */

uint32_t image_word(const struct image *im, uint64_t at)
{
    uint32_t v;
    memcpy(&v, im->file + at, sizeof v);
    return v;
}

uint16_t image_half(const struct image *im, uint64_t at)
{
    uint16_t v;
    memcpy(&v, im->file + at, sizeof v);
    return v;
}

bool image_in_file(const struct image *im, uint64_t at, uint64_t n)
{
    return at <= im->size && n <= im->size - at;
}

/* --------------------------------------------------- Multiboot 1's header */

#define HEADER_MAGIC 0x1badb002u
#define HEADER_WITHIN 8192u /* it lies in the file's first so many bytes */
#define HEADER_ADDRESSES 0x10000u
#define HEADER_MUST                                       \
    0xfff8u /* requirements beyond page alignment, memory \
               information and a video mode */

/* Its offset, or false: a header is right if magic, flags and checksum add
 * up to 0 (Multiboot 3.1.2). */
static bool find_header(const struct image *im, uint64_t *out)
{
    for (uint64_t at = 0; at < HEADER_WITHIN && image_in_file(im, at, 12);
         at += 4) {
        if (image_word(im, at) == HEADER_MAGIC &&
            image_word(im, at) + image_word(im, at + 4) +
                    image_word(im, at + 8) ==
                0) {
            *out = at;
            return true;
        }
    }
    return false;
}

static bool add_segment(struct image *im, struct image_segment s)
{
    if (im->segments == IMAGE_SEGMENTS) {
        return false;
    }
    im->segment[im->segments++] = s;
    return true;
}

/* A flat file: the header's own fields say where it goes (3.1.3). */
static bool flat(struct image *im, uint64_t at, char *err, size_t errsize)
{
    if (!image_in_file(im, at, 32)) {
        snprintf(err, errsize, "%s: its Multiboot header is cut off", im->name);
        return false;
    }
    uint32_t header = image_word(im, at + 12), load = image_word(im, at + 16);
    uint32_t load_end = image_word(im, at + 20);
    uint32_t bss_end = image_word(im, at + 24);
    uint64_t start = at - (header - (uint64_t)load);
    uint64_t n = load_end ? (uint64_t)load_end - load : im->size - start;
    if (load > header || header - load > at ||
        (load_end != 0 && load_end < load) || !image_in_file(im, start, n)) {
        snprintf(err, errsize,
                 "%s: its Multiboot header's addresses do not fit the file "
                 "of %zu bytes",
                 im->name, im->size);
        return false;
    }
    uint64_t end = bss_end > load + n ? bss_end : load + n;
    im->entry = im->entry_virtual = image_word(im, at + 28);
    return add_segment(
        im, (struct image_segment){.physical = load,
                                   .virtual = load,
                                   .file_size = (uint32_t)n,
                                   .memory_size = (uint32_t)(end - load),
                                   .bytes = im->file + start});
}

/* ------------------------------------------------------------------- ELF */

static bool is_elf(const struct image *im)
{
    return im->size >= 4 && memcmp(im->file, "\177ELF", 4) == 0;
}

/* Is it a file for this machine? The message says for which it is. */
static bool elf_kind_ok(const struct image *im, char *err, size_t errsize)
{
    const char *what = NULL;
    if (!image_in_file(im, 0, EHDR_SIZE)) {
        what = "its ELF header is cut off";
    } else if (im->file[EI_CLASS] != ELFCLASS32) {
        what = "a 64-bit ELF file; link it for 32-bit x86 (ld -m elf_i386)";
    } else if (im->file[EI_DATA] != ELFDATA2LSB ||
               image_half(im, E_MACHINE) != EM_386) {
        what = "an ELF file for another processor than x86";
    } else if (image_half(im, E_TYPE) != ET_EXEC) {
        what = "not an executable: link it to fixed addresses (ld -Ttext)";
    } else if (image_half(im, E_PHNUM) == 0) {
        what = "it has no program headers: link it";
    } else if (image_half(im, E_PHENTSIZE) != PHDR_SIZE ||
               !image_in_file(im, image_word(im, E_PHOFF),
                              (uint64_t)image_half(im, E_PHNUM) * PHDR_SIZE)) {
        what = "its program headers lie outside the file";
    }
    if (what) {
        snprintf(err, errsize, "%s: %s", im->name, what);
    }
    return !what;
}

static bool elf_segment(struct image *im, unsigned i, char *err, size_t errsize)
{
    uint64_t at = image_word(im, E_PHOFF) + (uint64_t)i * PHDR_SIZE;
    uint64_t offset = image_word(im, at + P_OFFSET);
    struct image_segment s = {.physical = image_word(im, at + P_PADDR),
                              .virtual = image_word(im, at + P_VADDR),
                              .memory_size = image_word(im, at + P_MEMSZ),
                              .file_size = image_word(im, at + P_FILESZ)};
    if (image_word(im, at + P_TYPE) != PT_LOAD || s.memory_size == 0) {
        return true;
    }
    if (!image_in_file(im, offset, s.file_size)) {
        snprintf(err, errsize,
                 "%s: segment %u is cut off: it needs %u bytes from byte %u "
                 "on, of %zu",
                 im->name, i, s.file_size, (unsigned)offset, im->size);
        return false;
    }
    if (s.file_size > s.memory_size) {
        snprintf(err, errsize,
                 "%s: segment %u has more bytes in the file (%u) than in "
                 "memory (%u)",
                 im->name, i, s.file_size, s.memory_size);
        return false;
    }
    s.bytes = im->file + offset;
    if (!add_segment(im, s)) {
        snprintf(err, errsize, "%s: more than %d segments", im->name,
                 IMAGE_SEGMENTS);
        return false;
    }
    return true;
}

static bool elf(struct image *im, char *err, size_t errsize)
{
    if (!elf_kind_ok(im, err, errsize)) {
        return false;
    }
    im->elf = true;
    im->entry_virtual = image_word(im, E_ENTRY);
    for (unsigned i = 0; i < image_half(im, E_PHNUM); i++) {
        if (!elf_segment(im, i, err, errsize)) {
            return false;
        }
    }
    return image_read_symbols(im, err, errsize);
}

/* ----------------------------------------------------------------- disks */

#define SECTOR 512u
#define SIGNATURE_AT 510u
#define SIGNATURE 0xaa55u

static bool is_disk(const struct image *im)
{
    return im->size >= SECTOR && image_half(im, SIGNATURE_AT) == SIGNATURE;
}

/* --------------------------------------------- the checks of all segments */

static bool overlap(const struct image_segment *a,
                    const struct image_segment *b)
{
    return a->physical < (uint64_t)b->physical + b->memory_size &&
           b->physical < (uint64_t)a->physical + a->memory_size;
}

static bool segments_ok(struct image *im, char *err, size_t errsize)
{
    if (im->segments == 0) {
        snprintf(err, errsize, "%s: nothing in it is to be loaded", im->name);
        return false;
    }
    for (size_t i = 0; i < im->segments; i++) {
        const struct image_segment *s = &im->segment[i];
        uint64_t end = (uint64_t)s->physical + s->memory_size;
        if (end > UINT32_MAX) {
            snprintf(err, errsize, "%s: segment %zu goes beyond 4 GiB",
                     im->name, i);
            return false;
        }
        im->end = end > im->end ? (uint32_t)end : im->end;
        for (size_t j = 0; j < i; j++) {
            if (overlap(s, &im->segment[j])) {
                snprintf(err, errsize,
                         "%s: segments %zu and %zu overlap at %08x", im->name,
                         j, i, s->physical);
                return false;
            }
        }
    }
    return true;
}

/*
 * The entry point is an address as the kernel sees itself; it starts with
 * paging off, at the physical address of the same byte.
 */
static bool entry_ok(struct image *im, char *err, size_t errsize)
{
    for (int by_physical = 0; by_physical < 2; by_physical++) {
        for (size_t i = 0; i < im->segments; i++) {
            const struct image_segment *s = &im->segment[i];
            uint32_t from = by_physical ? s->physical : s->virtual;
            if (im->entry_virtual - from < s->memory_size) {
                im->entry = im->entry_virtual - from + s->physical;
                return true;
            }
        }
    }
    snprintf(err, errsize, "%s: its entry point %08x is in no segment",
             im->name, im->entry_virtual);
    return false;
}

static bool parse(struct image *im, char *err, size_t errsize)
{
    uint64_t header = 0;
    im->multiboot = find_header(im, &header);
    uint32_t flags = im->multiboot ? image_word(im, header + 4) : 0;
    if (im->size == 0) {
        snprintf(err, errsize, "%s: the file is empty", im->name);
        return false;
    }
    if (flags & HEADER_MUST) {
        snprintf(err, errsize,
                 "%s: its Multiboot header asks for what we do not know "
                 "(flags %08x)",
                 im->name, flags);
        return false;
    }
    bool ok;
    if (is_elf(im)) {
        ok = elf(im, err, errsize);
    } else if (flags & HEADER_ADDRESSES) {
        ok = flat(im, header, err, errsize);
    } else if (!im->multiboot && is_disk(im)) {
        im->disk = true;
        return true;
    } else {
        snprintf(err, errsize,
                 "%s: neither an ELF file nor a Multiboot image with "
                 "addresses, nor a disk whose first sector ends in 55 AA; a "
                 "guest is a 32-bit x86 ELF executable",
                 im->name);
        return false;
    }
    return ok && segments_ok(im, err, errsize) && entry_ok(im, err, errsize);
}

/* --------------------------------------------------------------- reading */

static struct image *new_image(const char *path, size_t size, char *err,
                               size_t errsize)
{
    const char *slash = strrchr(path, '/');
    struct image *im = calloc(1, sizeof *im);
    if (!im || !(im->file = malloc(size ? size : 1))) {
        snprintf(err, errsize, "%s: no memory to read it", path);
        free(im);
        return NULL;
    }
    im->size = size;
    snprintf(im->name, sizeof im->name, "%s", slash ? slash + 1 : path);
    return im;
}

static struct image *parsed(struct image *im, char *err, size_t errsize)
{
    if (!parse(im, err, errsize)) {
        image_free(im);
        return NULL;
    }
    return im;
}

struct image *image_parse(const char *name, const void *bytes, size_t size,
                          char *err, size_t errsize)
{
    struct image *im = new_image(name, size, err, errsize);
    if (!im) {
        return NULL;
    }
    if (size > 0) {
        memcpy(im->file, bytes, size);
    }
    return parsed(im, err, errsize);
}

/* The file's size, if it is one that can be read whole. */
static bool size_of(FILE *f, const char *path, size_t *out, char *err,
                    size_t errsize)
{
    long size = -1;
    if (fseek(f, 0, SEEK_END) == 0) {
        size = ftell(f);
    }
    if (size < 0 || size == LONG_MAX || fseek(f, 0, SEEK_SET) != 0) {
        snprintf(err, errsize, "%s: not a file that can be read", path);
        return false;
    }
    if (size > (long)FILE_MOST) {
        snprintf(err, errsize, "%s: %ld bytes are too many for a guest image",
                 path, size);
        return false;
    }
    *out = (size_t)size;
    return true;
}

struct image *image_load(const char *path, char *err, size_t errsize)
{
    size_t size;
    struct image *im = NULL;
    FILE *f = fopen(path, "rb");
    if (!f) {
        snprintf(err, errsize, "%s: %s", path, strerror(errno));
        return NULL;
    }
    if (size_of(f, path, &size, err, errsize)) {
        im = new_image(path, size, err, errsize);
    }
    if (im && fread(im->file, 1, size, f) != size) {
        snprintf(err, errsize, "%s: it could not be read to its end", path);
        image_free(im);
        im = NULL;
    }
    fclose(f);
    return im ? parsed(im, err, errsize) : NULL;
}

void image_free(struct image *im)
{
    if (im) {
        free(im->symbol);
        free(im->file);
        free(im);
    }
}

/* --------------------------------------------------------------- placing */

bool image_place(struct vm *v, const struct image *im, char *err,
                 size_t errsize)
{
    static const uint8_t zeros[PAGE_SIZE];
    if (im->end > vm_memory(v)) {
        snprintf(err, errsize,
                 "%s: it needs memory up to %08x, and the guest has %u KiB: "
                 "give it more",
                 im->name, im->end, vm_memory(v) / 1024);
        return false;
    }
    for (size_t i = 0; i < im->segments; i++) {
        const struct image_segment *s = &im->segment[i];
        uint32_t at = s->physical + s->file_size;
        uint32_t left = s->memory_size - s->file_size;
        guest_write(v, (gpa_t){s->physical}, s->bytes, s->file_size);
        for (uint32_t n; left > 0; left -= n, at += n) {
            n = left < PAGE_SIZE ? left : PAGE_SIZE;
            guest_write(v, (gpa_t){at}, zeros, n);
        }
    }
    return true;
}
