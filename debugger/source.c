/*
 * source.c - a program's file opened for its lines and names.
 *
 * Parts:  lines; names; bytes; opening.
 *
 * Simplified: what a compiler marks as no good place to stop at counts to
 * the line before it; of an inlined function the innermost line is shown.
 */
#include "source.h"

#include "source_file.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS_MOST (1u << 22)

/* ------------------------------------------------------------------ lines */

/* The number of a file's name in the list; -1: no memory. */
static long file_number(struct source *s, const char *file)
{
    for (size_t i = s->files; i-- > 0;) {
        if (strcmp(s->file[i], file) == 0) {
            return (long)i;
        }
    }
    const char **more = realloc(s->file, (s->files + 1) * sizeof *more);
    if (!more) {
        return -1;
    }
    s->file = more;
    s->file[s->files] = file;
    return (long)s->files++;
}

/* One row of a line table: good places to stop at, and ends. */
static void add_row(struct source *s, Dwarf_Line *l)
{
    Dwarf_Addr at;
    int line = 0;
    bool ends = false, stops = false;
    const char *file = dwarf_linesrc(l, NULL, NULL);
    if (dwarf_lineaddr(l, &at) != 0 || at > UINT32_MAX ||
        dwarf_lineendsequence(l, &ends) != 0 ||
        dwarf_linebeginstatement(l, &stops) != 0 ||
        dwarf_lineno(l, &line) != 0 || (!ends && (!stops || !file))) {
        return;
    }
    long number = file ? file_number(s, file) : 0;
    if (number >= 0) {
        s->row[s->rows] =
            (struct source_row){.at = (uint32_t)at,
                                .line = ends || line < 0 ? 0 : (unsigned)line,
                                .file = (uint32_t)number,
                                .order = (uint32_t)s->rows};
        s->rows++;
    }
}

static void add_unit(struct source *s, Dwarf_Die *unit)
{
    Dwarf_Lines *lines;
    size_t n;
    if (dwarf_getsrclines(unit, &lines, &n) != 0 || n > ROWS_MOST - s->rows) {
        return;
    }
    struct source_row *more = realloc(s->row, (s->rows + n) * sizeof *more);
    if (!more) {
        return;
    }
    s->row = more;
    for (size_t i = 0; i < n; i++) {
        Dwarf_Line *l = dwarf_onesrcline(lines, i);
        if (l) {
            add_row(s, l);
        }
    }
}

/* By address; an end before what begins there; else as they came. */
static int by_address(const void *a, const void *b)
{
    const struct source_row *x = a, *y = b;
    if (x->at != y->at) {
        return x->at < y->at ? -1 : 1;
    }
    if (!x->line != !y->line) {
        return x->line ? 1 : -1;
    }
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Of several rows for one address the last is the one. */
static void sort_rows(struct source *s)
{
    size_t kept = 0;
    if (s->rows == 0) {
        return;
    }
    qsort(s->row, s->rows, sizeof *s->row, by_address);
    for (size_t i = 1; i < s->rows; i++) {
        if (s->row[i].at != s->row[kept].at) {
            kept++;
        }
        s->row[kept] = s->row[i];
    }
    s->rows = kept + 1;
}

static void read_lines(struct source *s)
{
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    uint8_t type;
    while (dwarf_get_units(s->dwarf, unit, &unit, NULL, &type, &die, NULL) ==
           0) {
        if (type == DW_UT_compile || type == DW_UT_partial) {
            add_unit(s, &die);
        }
    }
    sort_rows(s);
}

bool source_any(const struct source *s)
{
    return s->rows > 0;
}

/* How many rows begin at `at` or before. */
static size_t rows_up_to(const struct source *s, uint32_t at)
{
    size_t low = 0, high = s->rows;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (s->row[mid].at <= at) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static struct source_line line_of(const struct source *s, size_t i)
{
    const struct source_row *r = &s->row[i];
    return (struct source_line){.file = s->file[r->file],
                                .line = r->line,
                                .from = r->at,
                                .to = i + 1 < s->rows ? r[1].at : r->at + 1};
}

bool source_line_at(const struct source *s, uint32_t at,
                    struct source_line *out)
{
    size_t n = rows_up_to(s, at);
    if (n == 0 || s->row[n - 1].line == 0) {
        return false;
    }
    *out = line_of(s, n - 1);
    return true;
}

bool source_is(const char *path, const char *file)
{
    size_t all = strlen(path), n = strlen(file);
    return n > 0 && n <= all && strcmp(path + all - n, file) == 0 &&
           (n == all || path[all - n - 1] == '/');
}

bool source_place(const struct source *s, const char *file, unsigned line,
                  struct source_line *out)
{
    bool found = false;
    for (size_t i = 0; i < s->rows; i++) {
        const struct source_row *r = &s->row[i];
        if (r->line >= line && r->line > 0 && (!found || r->line < out->line) &&
            source_is(s->file[r->file], file)) {
            *out = line_of(s, i); /* the lowest address of the line */
            found = true;
        }
    }
    return found;
}

const char *source_file(const struct source *s, size_t i)
{
    return i < s->files ? s->file[i] : NULL;
}

bool source_piece(const struct source *s, size_t i, struct source_line *out)
{
    if (i >= s->rows) {
        return false;
    }
    *out = line_of(s, i);
    return true;
}

/* ------------------------------------------------------------------ names */

static int by_value(const void *a, const void *b)
{
    const struct source_symbol *x = a, *y = b;
    if (x->at != y->at) {
        return x->at < y->at ? -1 : 1;
    }
    return x->name < y->name ? -1 : x->name > y->name;
}

static void add_names(struct source *s, Elf_Data *data, size_t strings,
                      size_t n)
{
    s->symbol = calloc(n, sizeof *s->symbol);
    for (size_t i = 0; s->symbol && i < n; i++) {
        GElf_Sym sym;
        if (!gelf_getsym(data, (int)i, &sym)) {
            continue;
        }
        unsigned type = GELF_ST_TYPE(sym.st_info);
        const char *name = elf_strptr(s->elf, strings, sym.st_name);
        if (name && *name && type <= STT_FUNC && sym.st_shndx != SHN_UNDEF &&
            sym.st_shndx < SHN_LORESERVE) {
            s->symbol[s->symbols++] = (struct source_symbol){
                .name = name, .at = (uint32_t)sym.st_value};
        }
    }
    if (s->symbols) {
        qsort(s->symbol, s->symbols, sizeof *s->symbol, by_value);
    }
}

static void read_names(struct source *s)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(s->elf, section))) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB) {
            Elf_Data *data = elf_getdata(section, NULL);
            size_t n = data ? data->d_size / sizeof(Elf32_Sym) : 0;
            if (n > 0) {
                add_names(s, data, header.sh_link, n);
            }
            return;
        }
    }
}

const char *source_name_at(const struct source *s, uint32_t at,
                           uint32_t *offset)
{
    const struct source_symbol *found = NULL;
    for (size_t i = 0; i < s->symbols && s->symbol[i].at <= at; i++) {
        found = &s->symbol[i];
    }
    *offset = found ? at - found->at : 0;
    return found ? found->name : NULL;
}

bool source_name(const struct source *s, const char *name, uint32_t *at)
{
    for (size_t i = 0; i < s->symbols; i++) {
        if (strcmp(s->symbol[i].name, name) == 0) {
            *at = s->symbol[i].at;
            return true;
        }
    }
    return false;
}

const char *source_name_number(const struct source *s, size_t i)
{
    return i < s->symbols ? s->symbol[i].name : NULL;
}

/* ------------------------------------------------------------------ bytes */

static bool inside(uint32_t at, uint64_t from, uint64_t size, uint64_t *offset)
{
    *offset = at - from;
    return at >= from && *offset < size;
}

size_t source_bytes(const struct source *s, uint32_t *at, void *to, size_t n)
{
    size_t headers = 0, all;
    const char *file = elf_rawfile(s->elf, &all);
    elf_getphdrnum(s->elf, &headers);
    for (size_t i = 0; file && i < headers; i++) {
        GElf_Phdr h;
        uint64_t offset;
        if (!gelf_getphdr(s->elf, (int)i, &h) || h.p_type != PT_LOAD ||
            h.p_offset > all || h.p_filesz > all - h.p_offset) {
            continue;
        }
        if (inside(*at, h.p_vaddr, h.p_filesz, &offset) ||
            inside(*at, h.p_paddr, h.p_filesz, &offset)) {
            n = h.p_filesz - offset < n ? h.p_filesz - offset : n;
            memcpy(to, file + h.p_offset + offset, n);
            *at = (uint32_t)(h.p_vaddr + offset);
            return n;
        }
    }
    return 0;
}

/* ---------------------------------------------------------------- opening */

static bool is_ours(Elf *elf)
{
    GElf_Ehdr header;
    return elf && elf_kind(elf) == ELF_K_ELF && gelf_getehdr(elf, &header) &&
           header.e_ident[EI_CLASS] == ELFCLASS32 &&
           header.e_machine == EM_386 && header.e_type == ET_EXEC;
}

struct source *source_open(const char *path)
{
    struct source *s = calloc(1, sizeof *s);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s && fd >= 0 && elf_version(EV_CURRENT) != EV_NONE) {
        s->elf = elf_begin(fd, ELF_C_READ, NULL);
    }
    /* All of it now: a build may put another file in its place. */
    bool ok = s && is_ours(s->elf) && elf_cntl(s->elf, ELF_C_FDREAD) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!ok) {
        source_close(s);
        return NULL;
    }
    s->dwarf = dwarf_begin_elf(s->elf, DWARF_C_READ, NULL);
    read_names(s);
    if (s->dwarf) {
        read_lines(s);
    }
    return s;
}

void source_close(struct source *s)
{
    if (s) {
        dwarf_end(s->dwarf);
        elf_end(s->elf);
        free(s->row);
        free(s->symbol);
        free(s->file);
        free(s);
    }
}
