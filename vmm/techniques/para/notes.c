/*
 * notes.c - what a guest image says of itself: Xen's ELF notes.
 *
 * Job:    read where the kernel wants to be and what it needs, from notes
 *         of the owner "Xen", or from the older section __xen_guest:
 *         "GUEST_OS=linux,XEN_VER=xen-3.0,VIRT_BASE=0xC0000000,PAE=no".
 *
 * The file is a stranger's. image.c has checked what image_note returns;
 * the section headers are looked up here, through view(), which knows the
 * file's end.
 */
#include "notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t word(const uint8_t *b)
{
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
           (uint32_t)b[3] << 24;
}

static uint32_t half(const uint8_t *b)
{
    return b[0] | (uint32_t)b[1] << 8;
}

/* ------------------------------------------------------------- the notes */

/* A note that is one number; *out stays if the image has none. */
static bool number_note(const struct image *im, uint32_t type, uint32_t *out)
{
    uint32_t size;
    const uint8_t *data = image_note(im, "Xen", type, &size);
    if (!data || size < 4)
        return false;
    *out = word(data);
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

/* n bytes at `at` of the file, or NULL beyond its end. */
static const uint8_t *view(const struct image *im, uint64_t at, uint64_t n)
{
    return at <= im->size && n <= im->size - at ? im->file + at : NULL;
}

/* ELF32's headers: offsets of the fields we read (gABI, chapter 4). */
enum {
    E_SHOFF = 32,
    E_SHNUM = 48,
    E_SHSTRNDX = 50,
    E_SIZE = 52,
    SH_OFFSET = 16,
    SH_BYTES = 20,
    SH_SIZE = 40,
};

/* The section of that name: its bytes, and their count in *size. */
static const uint8_t *section(const struct image *im, const char *name,
                              uint32_t *size)
{
    const uint8_t *e = view(im, 0, E_SIZE);
    if (!e || !im->elf)
        return NULL;
    uint64_t table = word(e + E_SHOFF);
    const uint8_t *names =
        view(im, table + half(e + E_SHSTRNDX) * (uint64_t)SH_SIZE, SH_SIZE);
    for (uint32_t i = 0; names && i < half(e + E_SHNUM); i++) {
        const uint8_t *sh = view(im, table + i * (uint64_t)SH_SIZE, SH_SIZE);
        if (!sh)
            return NULL;
        size_t n = strlen(name) + 1;
        const uint8_t *its =
            view(im, (uint64_t)word(names + SH_OFFSET) + word(sh), n);
        if (!its || memcmp(its, name, n) != 0)
            continue;
        *size = word(sh + SH_BYTES);
        return view(im, word(sh + SH_OFFSET), *size);
    }
    return NULL;
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
    uint32_t size = 0, page;
    const uint8_t *bytes = section(im, "__xen_guest", &size);
    if (!bytes || size >= sizeof(text))
        return false;
    memcpy(text, bytes, size);
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
