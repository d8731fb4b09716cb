/*
 * multiboot.c - the information structure that a Multiboot 1 kernel finds at
 * EBX (Multiboot 0.6.96, 3.3).
 *
 *      0  flags                16  command line
 *      4  KiB below 1 MiB      20  modules: none
 *      8  KiB above 1 MiB      44  memory map: its bytes, 48: where
 *     12  boot device          64  boot loader's name
 *
 * Behind it lie the memory map, the command line and the name, in one piece,
 * on a page of low memory that the image leaves free.
 */
#include "elf32.h"

#include <stdio.h>
#include <string.h>

enum { INFO_MEMORY = 1, INFO_LINE = 4, INFO_MODS = 8, INFO_MAP = 64 };
enum { INFO_LOADER = 512, INFO_SIZE = 120, MAP_ENTRY = 24 };

#define MIB (1u << 20)
#define LOW_END 0xa0000u /* where a PC's video memory begins */
#define LOADER "Ringside"

struct blob {
    uint8_t bytes[PAGE_SIZE];
    uint32_t used;
};

static void put(struct blob *b, uint32_t at, uint32_t value)
{
    memcpy(b->bytes + at, &value, sizeof value);
}

/* One range of the memory map: type 1 is memory to use, 2 is reserved. */
static void put_range(struct blob *b, uint32_t from, uint32_t to, uint32_t type)
{
    put(b, b->used, MAP_ENTRY - 4); /* the size field does not count itself */
    put(b, b->used + 4, from);
    put(b, b->used + 12, to - from);
    put(b, b->used + 20, type);
    b->used += MAP_ENTRY;
}

/* Append a string; its guest address, when the blob is at `base`. */
static uint32_t put_string(struct blob *b, uint32_t base, const char *s)
{
    uint32_t at = b->used;
    memcpy(b->bytes + at, s, strlen(s) + 1);
    b->used += (uint32_t)strlen(s) + 1;
    return base + at;
}

/* A page below 640 KiB that no segment touches; never the first one, with
 * the real-mode vectors and the BIOS's data. */
static bool free_page(const struct image *im, uint32_t *out)
{
    for (uint32_t at = PAGE_SIZE; at < LOW_END; at += PAGE_SIZE) {
        bool taken = false;
        for (size_t i = 0; i < im->segments; i++) {
            const struct image_segment *s = &im->segment[i];
            taken |= s->physical < at + PAGE_SIZE &&
                     at < (uint64_t)s->physical + s->memory_size;
        }
        if (!taken) {
            *out = at;
            return true;
        }
    }
    return false;
}

bool multiboot_info(struct vm *v, const struct image *im,
                    const char *command_line, gpa_t *out, char *err,
                    size_t errsize)
{
    struct blob b = {.used = INFO_SIZE};
    uint32_t memory = vm_memory(v);
    size_t most = sizeof b.bytes - INFO_SIZE - 3 * MAP_ENTRY - sizeof LOADER;
    if (strlen(command_line) >= most) {
        snprintf(err, errsize,
                 "%s: the command line has %zu characters; at most %zu fit",
                 im->name, strlen(command_line), most - 1);
        return false;
    }
    if (!free_page(im, &out->v)) {
        snprintf(err, errsize,
                 "%s: it fills all memory below 640 KiB, and leaves no page "
                 "for Multiboot's information",
                 im->name);
        return false;
    }
    put_range(&b, 0, LOW_END, 1);
    put_range(&b, LOW_END, MIB, 2);
    if (memory > MIB) {
        put_range(&b, MIB, memory, 1);
    }
    put(&b, 0, INFO_MEMORY | INFO_LINE | INFO_MODS | INFO_MAP | INFO_LOADER);
    put(&b, 4, LOW_END / 1024);
    put(&b, 8, (memory - MIB) / 1024);
    put(&b, 44, b.used - INFO_SIZE);
    put(&b, 48, out->v + INFO_SIZE);
    put(&b, 16, put_string(&b, out->v, command_line));
    put(&b, 64, put_string(&b, out->v, LOADER));
    return guest_write(v, *out, b.bytes, b.used);
}
