/*
 * The image loader takes files from strangers. Each lie gets a message that
 * names it, and no file whatever makes the loader touch what is not its own
 * (the tests run with ASan).
 */
#include "../../vmm/elf32.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char err[256];

/*
 * A file as `ld -m elf_i386` lays one out (System V ABI, chapter 4): header,
 * two segments, a note, a symbol table and its strings.
 */
struct __attribute__((packed)) sample {
    struct __attribute__((packed)) {
        uint8_t ident[16];
        uint16_t type, machine;
        uint32_t version, entry, phoff, shoff, flags;
        uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
    } e;
    struct __attribute__((packed)) phdr {
        uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
    } p[3];
    uint8_t code[16], data[16];
    struct __attribute__((packed)) {
        uint32_t namesz, descsz, type;
        char name[4];
        uint32_t desc;
    } note;
    struct __attribute__((packed)) {
        uint32_t name, value, size;
        uint8_t info, other;
        uint16_t shndx;
    } sym[4];
    char strings[24];
    struct __attribute__((packed)) shdr {
        uint32_t name, type, flags, addr, offset, size, link, info, align;
        uint32_t entsize;
    } s[3];
};

#define AT(member) ((uint32_t)offsetof(struct sample, member))

static struct sample good(void)
{
    struct sample f = {
        .e = {.ident = {0x7f, 'E', 'L', 'F', 1, 1, 1},
              .type = 2,
              .machine = 3,
              .version = 1,
              .entry = 0xc0100004,
              .phoff = AT(p),
              .shoff = AT(s),
              .ehsize = 52,
              .phentsize = 32,
              .phnum = 3,
              .shentsize = 40,
              .shnum = 3},
        .p = {{1, AT(code), 0xc0100000, 0x100000, 16, 16, 5, 4096},
              {1, AT(data), 0xc0101000, 0x101000, 16, 64, 6, 4096},
              {4, AT(note), 0, 0, 20, 20, 4, 4}},
        .code = {0x90, 0x90, 0x90, 0x90, 0xf4},
        .note = {4, 4, 18, "Xen", 0x12345678},
        .sym = {{0, 0, 0, 0, 0, 0},
                {1, 0xc0100008, 0, 0x12, 0, 1},
                {7, 0xc0100004, 0, 0x12, 0, 1},
                {14, 0xc0101000, 0, 0x11, 0, 2}},
        .strings = "\0later\0_start\0table",
        .s = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
              {0, 2, 0, 0, AT(sym), 64, 2, 0, 4, 16},
              {0, 3, 0, 0, AT(strings), 24, 0, 0, 1, 0}},
    };
    return f;
}

static struct image *parse(const struct sample *f, size_t size)
{
    *err = 0;
    return image_parse("guests/sample.elf", f, size, err, sizeof err);
}

Test(image, a_good_file_is_read_whole)
{
    struct sample f = good();
    struct image *im = parse(&f, sizeof f);
    cr_assert(im, "%s", err);
    cr_assert_str_eq(im->name, "sample.elf");
    cr_assert_eq(im->segments, 2);
    cr_assert_eq(im->entry, 0x100004, "physical, where paging is off");
    cr_assert_eq(im->end, 0x101040);
    cr_assert_not(im->multiboot);
    cr_assert_eq(im->symbols, 3);
    cr_assert_str_eq(image_symbol_at(im, 0xc0100007)->name, "_start");
    cr_assert_str_eq(image_symbol_at(im, 0xffffffff)->name, "table");
    cr_assert_null(image_symbol_at(im, 0xc0100003));
    cr_assert_eq(image_symbol(im, "later")->value, 0xc0100008);
    cr_assert_null(image_symbol(im, "none"));
    uint32_t size = 0;
    const uint8_t *desc = image_note(im, "Xen", 18, &size);
    cr_assert(desc && size == 4 && memcmp(desc, "\x78\x56\x34\x12", 4) == 0);
    cr_assert_null(image_note(im, "Xen", 17, &size));
    cr_assert_null(image_note(im, "GNU", 18, &size));
    image_free(im);
}

/* Refuse f's first `size` bytes, and say `expect`. */
static void refused(const struct sample *f, size_t size, const char *expect)
{
    struct image *im = parse(f, size);
    cr_assert_null(im, "accepted: should say '%s'", expect);
    cr_assert(strstr(err, "sample.elf") && strstr(err, expect),
              "'%s' does not say '%s'", err, expect);
}

#define REFUSE(change, expect)         \
    do {                               \
        struct sample f = good();      \
        change;                        \
        refused(&f, sizeof f, expect); \
    } while (0)

Test(image, what_is_no_guest_is_refused_with_a_reason)
{
    struct sample f = good();
    refused(&f, 0, "empty");
    refused(&f, 3, "neither an ELF file nor");
    refused(&f, 51, "header is cut off");
    refused(&f, 100, "program headers lie outside");
    refused(&f, AT(data) + 4, "segment 1 is cut off");
    REFUSE(f.e.ident[0] = 0, "neither an ELF file nor");
    REFUSE(f.e.ident[4] = 2, "64-bit");
    REFUSE(f.e.ident[5] = 2, "another processor");
    REFUSE(f.e.machine = 40, "another processor");
    REFUSE(f.e.type = 3, "not an executable");
    REFUSE(f.e.type = 1, "not an executable");
    REFUSE(f.e.phnum = 0, "no program headers");
    REFUSE(f.e.phnum = 0xffff, "program headers lie outside");
    REFUSE(f.e.phoff = 0xfffffff0, "program headers lie outside");
    REFUSE(f.e.phentsize = 31, "program headers lie outside");
    REFUSE(f.p[0].type = f.p[1].type = 0, "nothing in it");
    REFUSE(f.p[0].memsz = f.p[1].memsz = 0, "nothing in it");
}

Test(image, segments_that_lie_are_refused)
{
    REFUSE(f.p[0].offset = 0xffffffff, "segment 0 is cut off");
    REFUSE(f.p[1].filesz = f.p[1].memsz = 0xfffffff0, "segment 1 is cut off");
    REFUSE(f.p[0].filesz = 17, "more bytes in the file (17) than in memory");
    REFUSE(f.p[1].paddr = 0xfffffff0, "beyond 4 GiB");
    REFUSE(f.p[1].paddr = 0x100008, "segments 0 and 1 overlap");
    REFUSE(f.p[1].paddr = 0xfffe0, "segments 0 and 1 overlap");
    REFUSE(f.e.entry = 0xc0100010, "entry point c0100010 is in no segment");
    REFUSE(f.e.entry = 0, "entry point 00000000 is in no segment");
    REFUSE(f.s[1].offset = 0x7fffffff, "symbol table lies outside");
    REFUSE(f.s[1].size = 0xffffffff, "symbol table lies outside");
}

Test(image, symbols_and_notes_that_lie_are_left_out)
{
    uint32_t size;
    struct sample f = good();
    f.sym[1].name = 0xffffffff;
    f.sym[2].name = 23;
    memset(f.strings + 20, 'x', 4); /* no end */
    struct image *im = parse(&f, sizeof f);
    cr_assert(im, "%s", err);
    cr_assert_eq(im->symbols, 1, "two names run off the table");
    image_free(im);

    static const uint32_t sizes[] = {5, 0x7fffffff, 0xffffffff, 0xfffffffc};
    for (size_t i = 0; i < 8; i++) {
        f = good();
        *(i < 4 ? &f.note.namesz : &f.note.descsz) = sizes[i % 4];
        im = parse(&f, sizeof f);
        cr_assert(im, "%s", err);
        cr_assert_null(image_note(im, "Xen", 18, &size));
        image_free(im);
    }
}

/* ------------------------------------------------------------ flat files */

struct flat {
    uint32_t magic, flags, checksum, header, load, load_end, bss_end, entry;
    uint8_t code[32];
};

static struct flat good_flat(void)
{
    return (struct flat){0x1badb002, 0x10000,  0u - 0x1badb002 - 0x10000,
                         0x100000,   0x100000, 0,
                         0x101000,   0x100020, {0xf4}};
}

static struct image *parse_flat(const struct flat *f, size_t size)
{
    *err = 0;
    return image_parse("flat", f, size, err, sizeof err);
}

Test(image, a_flat_multiboot_file_goes_where_its_header_says)
{
    struct flat f = good_flat();
    struct image *im = parse_flat(&f, sizeof f);
    cr_assert(im, "%s", err);
    cr_assert(im->multiboot && im->segments == 1);
    cr_assert_eq(im->segment[0].physical, 0x100000);
    cr_assert_eq(im->segment[0].file_size, sizeof f);
    cr_assert_eq(im->end, 0x101000);
    image_free(im);
}

Test(image, a_flat_file_whose_addresses_lie_is_refused)
{
    static const struct {
        size_t field;
        uint32_t value;
        const char *expect;
    } lie[] = {
        {offsetof(struct flat, load), 0x100004, "do not fit"},
        {offsetof(struct flat, load), 0xff000, "do not fit"},
        {offsetof(struct flat, header), 0xffffffff, "do not fit"},
        {offsetof(struct flat, load_end), 0x200000, "do not fit"},
        {offsetof(struct flat, load_end), 0xfffff, "do not fit"},
        {offsetof(struct flat, load_end), 1, "do not fit"},
        {offsetof(struct flat, entry), 0x101000, "in no segment"},
        {offsetof(struct flat, entry), 0, "in no segment"},
        {offsetof(struct flat, checksum), 0, "neither an ELF file nor"},
        {offsetof(struct flat, flags), 0, "neither an ELF file nor"},
    };
    for (size_t i = 0; i < sizeof lie / sizeof *lie; i++) {
        struct flat f = good_flat();
        memcpy((char *)&f + lie[i].field, &lie[i].value, 4);
        cr_assert_null(parse_flat(&f, sizeof f), "lie %zu", i);
        cr_assert(strstr(err, lie[i].expect), "lie %zu: %s", i, err);
    }
    struct flat f = good_flat();
    cr_assert_null(parse_flat(&f, 28));
    cr_assert(strstr(err, "header is cut off"), "%s", err);
    f.flags |= 0x40;
    f.checksum -= 0x40;
    cr_assert_null(parse_flat(&f, sizeof f));
    cr_assert(strstr(err, "asks for what we do not know"), "%s", err);
}

/* ----------------------------------------------------------------- files */

Test(image, a_file_that_cannot_be_read_is_named)
{
    cr_assert_null(image_load("no/such/guest", err, sizeof err));
    cr_assert(strstr(err, "no/such/guest: No such file"), "%s", err);
    cr_assert_null(image_load("/tmp", err, sizeof err));
    cr_assert(strstr(err, "/tmp"), "%s", err);
    char path[] = "/tmp/ringside-image-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_eq(ftruncate(fd, (64 << 20) + 1), 0);
    cr_assert_null(image_load(path, err, sizeof err));
    cr_assert(strstr(err, "too many for a guest image"), "%s", err);
    close(fd);
    unlink(path);
}

/* --------------------------------------------------------------- fuzzing */

static uint32_t state;
static uint32_t random_word(void)
{
    state = state * 1664525u + 1013904223u;
    return state >> 8 ^ state << 13;
}

/* Read every byte that the image says it has. */
static unsigned use(const struct image *im)
{
    unsigned sum = 0;
    uint32_t n = 0;
    for (size_t i = 0; i < im->segments; i++) {
        const struct image_segment *s = &im->segment[i];
        cr_assert_leq(s->file_size, s->memory_size);
        cr_assert_leq((uint64_t)s->physical + s->memory_size, im->end);
        for (uint32_t k = 0; k < s->file_size; k++) {
            sum += s->bytes[k];
        }
    }
    for (size_t i = 0; i < im->symbols; i++) {
        sum += (unsigned)strlen(im->symbol[i].name);
    }
    const uint8_t *desc = image_note(im, "Xen", 18, &n);
    for (uint32_t k = 0; desc && k < n; k++) {
        sum += desc[k];
    }
    (void)image_symbol_at(im, random_word());
    return sum;
}

/* Change some bytes; interesting values, and often among the headers. */
static void mutate(uint8_t *bytes, size_t size)
{
    static const uint8_t edge[] = {0, 1, 0x7f, 0x80, 0xff};
    for (unsigned n = 1 + random_word() % 6; n > 0; n--) {
        size_t at = random_word() % size;
        bytes[at] = random_word() % 2 ? edge[random_word() % sizeof edge]
                                      : (uint8_t)random_word();
    }
}

Test(image, no_mutation_of_an_elf_file_leads_out_of_it)
{
    unsigned accepted = 0, sum = 0;
    state = 1;
    for (int i = 0; i < 60000; i++) {
        struct sample f = good();
        size_t size = random_word() % 8 ? sizeof f : random_word() % sizeof f;
        mutate((uint8_t *)&f, sizeof f);
        struct image *im = parse(&f, size);
        cr_assert(im || *err, "a refusal without a message");
        if (im) {
            accepted++;
            sum += use(im);
            image_free(im);
        }
    }
    cr_assert(accepted > 1000 && sum > 0, "%u accepted", accepted);
}

Test(image, no_mutation_of_a_flat_file_leads_out_of_it)
{
    unsigned accepted = 0, sum = 0;
    state = 2;
    for (int i = 0; i < 60000; i++) {
        struct flat f = good_flat();
        mutate((uint8_t *)&f + 12, sizeof f - 12);
        struct image *im = parse_flat(&f, sizeof f);
        if (im) {
            accepted++;
            sum += use(im);
            image_free(im);
        }
    }
    cr_assert(accepted > 1000 && sum > 0, "%u accepted", accepted);
}
