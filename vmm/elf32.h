/*
 * elf32.h - offsets and numbers of 32-bit ELF files (System V ABI, chapters
 * 4 and 5), and what image.c and symbols.c share.
 */
#ifndef RINGSIDE_VMM_ELF32_H
#define RINGSIDE_VMM_ELF32_H

#include "image.h"
#include "monitor.h"

enum {
    EHDR_SIZE = 52,
    EI_CLASS = 4,
    EI_DATA = 5,
    ELFCLASS32 = 1,
    ELFDATA2LSB = 1,
    E_TYPE = 16,
    ET_EXEC = 2,
    E_MACHINE = 18,
    EM_386 = 3,
    E_ENTRY = 24,
    E_PHOFF = 28,
    E_SHOFF = 32,
    E_PHENTSIZE = 42,
    E_PHNUM = 44,
    E_SHENTSIZE = 46,
    E_SHNUM = 48,

    PHDR_SIZE = 32,
    P_TYPE = 0,
    PT_LOAD = 1,
    PT_NOTE = 4,
    P_OFFSET = 4,
    P_VADDR = 8,
    P_PADDR = 12,
    P_FILESZ = 16,
    P_MEMSZ = 20,

    SHDR_SIZE = 40,
    SH_TYPE = 4,
    SHT_SYMTAB = 2,
    SHT_NOTE = 7,
    SH_OFFSET = 16,
    SH_SIZE = 20,
    SH_LINK = 24,

    SYM_SIZE = 16,
    ST_NAME = 0,
    ST_VALUE = 4,
    ST_INFO = 12,
    STT_FILE = 4,
    STT_SECTION = 3,
    ST_SHNDX = 14,

    NOTE_SIZE = 12, /* name's size, description's size, type */
};

/* Little-endian fields of the file: only behind image_in_file(). */
uint32_t image_word(const struct image *im, uint64_t at);
uint16_t image_half(const struct image *im, uint64_t at);
bool image_in_file(const struct image *im, uint64_t at, uint64_t n);

/* Fill im->symbol. A table that lies is an error; none is not. */
bool image_read_symbols(struct image *im, char *err, size_t errsize);

#endif
