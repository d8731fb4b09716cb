/*
 * notes.c - what a guest image says of itself: Xen's ELF notes.
 *
 * Job:    read where the kernel wants to be and what it needs, from notes
 *         of the owner "Xen", or from the older section __xen_guest:
 *         "GUEST_OS=linux,XEN_VER=xen-3.0,VIRT_BASE=0xC0000000,PAE=no".
 *
 * The file is a stranger's: image.c has checked what image_note returns, and
 * nothing else is read here but behind image_in_file.
 */
#include "notes.h"
#include "../../elf32.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- the notes */

/* A note that is one number; *out stays if the image has none. */
static bool number_note(const struct image *im, uint32_t type, uint32_t *out)
{
    uint32_t size;
    const uint8_t *data = image_note(im, "Xen", type, &size);
    if (!data || size < 4)
        return false;
    *out = data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
           (uint32_t)data[3] << 24;
    return true;
}

static bool text_note_is(const struct image *im, uint32_t type,
                         const char *text)
{
    uint32_t size;
    const uint8_t *data = image_note(im, "Xen", type, &size);
    size_t n = strlen(text);
    return data && size >= n && memcmp(data, text, n) == 0;
}

static bool read_notes(const struct image *im, struct xen_notes *x)
{
    bool found = number_note(im, XEN_NOTE_VIRT_BASE, &x->virt_base);
    found |= number_note(im, XEN_NOTE_ENTRY, &x->entry);
    found |= number_note(im, XEN_NOTE_HYPERCALL_PAGE, &x->hypercall_page);
    (void)number_note(im, XEN_NOTE_PADDR_OFFSET, &x->paddr_offset);
    x->pae = text_note_is(im, XEN_NOTE_PAE_MODE, "yes");
    return found;
}

/* --------------------------------------------------- the older section */

#define E_SHSTRNDX 50 /* the section that holds the sections' names */

/* Is section header `sh` the one of that name, its bytes in the file? */
static bool is_section(const struct image *im, uint64_t sh, uint64_t names,
                       const char *name)
{
    uint64_t at = (uint64_t)image_word(im, names + SH_OFFSET) +
                  image_word(im, sh); /* sh_name is the first field */
    size_t n = strlen(name) + 1;
    return image_in_file(im, at, n) && memcmp(im->file + at, name, n) == 0 &&
           image_in_file(im, image_word(im, sh + SH_OFFSET),
                         image_word(im, sh + SH_SIZE));
}

/* Where the header of the section of that name is, or 0. */
static uint64_t section(const struct image *im, const char *name)
{
    if (!im->elf || !image_in_file(im, 0, EHDR_SIZE))
        return 0;
    uint64_t table = image_word(im, E_SHOFF);
    unsigned n = image_half(im, E_SHNUM);
    unsigned names = image_half(im, E_SHSTRNDX);
    if (names >= n || !image_in_file(im, table, n * (uint64_t)SHDR_SIZE))
        return 0;
    for (unsigned i = 0; i < n; i++) {
        uint64_t sh = table + i * (uint64_t)SHDR_SIZE;
        if (is_section(im, sh, table + names * (uint64_t)SHDR_SIZE, name))
            return sh;
    }
    return 0;
}

/* The number after "KEY=" in `text`, if the key is there. */
static bool number_of(const char *text, const char *key, uint32_t *out)
{
    for (const char *at = text; (at = strstr(at, key)) != NULL; at++) {
        bool starts = at == text || at[-1] == ',';
        const char *value = at + strlen(key);
        if (!starts || *value != '=')
            continue;
        *out = (uint32_t)strtoul(value + 1, NULL, 0);
        return true;
    }
    return false;
}

static bool read_section(const struct image *im, struct xen_notes *x)
{
    char text[1024] = "";
    uint64_t sh = section(im, "__xen_guest");
    uint32_t page, size = sh ? image_word(im, sh + SH_SIZE) : 0;
    if (size == 0 || size >= sizeof(text))
        return false;
    memcpy(text, im->file + image_word(im, sh + SH_OFFSET), size);
    (void)number_of(text, "VIRT_BASE", &x->virt_base);
    (void)number_of(text, "VIRT_ENTRY", &x->entry);
    (void)number_of(text, "ELF_PADDR_OFFSET", &x->paddr_offset);
    if (number_of(text, "HYPERCALL_PAGE", &page))
        x->hypercall_page = x->virt_base + (page << PAGE_SHIFT);
    x->pae = strstr(text, "PAE=yes") != NULL;
    return true;
}

bool xen_notes_read(const struct image *im, struct xen_notes *x, char *err,
                    size_t errsize)
{
    *x = (struct xen_notes){.entry = im->entry_virtual};
    if (!read_notes(im, x) && !read_section(im, x)) {
        snprintf(err, errsize,
                 "%s has no Xen notes: it is no paravirtual kernel; run it "
                 "with --technique full",
                 im->name);
        return false;
    }
    if (x->pae) {
        snprintf(err, errsize,
                 "%s wants PAE page tables, which this monitor has not: "
                 "build it without",
                 im->name);
        return false;
    }
    return true;
}
