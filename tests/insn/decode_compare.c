/*
 * decode_compare.c - our decoder and disassembler against ndisasm and objdump.
 *
 *   decode_compare forms 32 FILE     write every row's encodings to FILE
 *   decode_compare random 32 FILE    write 100,000 random byte strings
 *   ndisasm -b32 FILE | decode_compare text 32 FILE
 *   objdump ... | decode_compare length 32 FILE
 *
 * FILE is a sequence of slots of 32 bytes: 16 of the byte string, 16 NOPs.
 * An instruction ends at most 15 bytes after it starts, so that in the NOPs
 * every disassembler falls into step again and each slot's first line is its
 * reading of the string. Exit status 1 if a reading differs.
 */
#include "decode_known.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRING 16

/* --------------------------------------------------------- writing strings */

static uint32_t seed = 20;

static uint32_t random32(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

static bool written[INSN_COUNT]; /* rows that some slot is */

static void write_slot(FILE *f, const uint8_t *bytes, size_t n)
{
    uint8_t slot[SLOT];
    struct insn in;
    memset(slot, 0x90, sizeof slot);
    for (size_t i = 0; i < STRING; i++)
        slot[i] = i < n ? bytes[i] : (uint8_t)random32();
    cpu_decode(slot, sizeof slot, true, &in);
    written[in.id] = true;
    fwrite(slot, sizeof slot, 1, f);
}

/* Has an opcode (from 256: after 0F) a ModRM byte? Where not, trying all its
 * values would be 256 times the same. */
static bool has_modrm(unsigned opcode)
{
    for (unsigned digit = 0; digit < 8; digit++) {
        uint8_t one[10] = {(uint8_t)opcode, (uint8_t)(digit << 3)};
        uint8_t two[10] = {0x0f, (uint8_t)opcode, (uint8_t)(digit << 3)};
        struct insn in;
        if (cpu_decode(opcode < 256 ? one : two, 10, true, &in) == DECODE_OK &&
            insn_rows[in.id].modrm)
            return true;
    }
    return false;
}

/*
 * Every opcode of both maps, with every prefix of the list, and a set of
 * ModRM and SIB shapes: all of mod, reg and rm; the SIB bytes that have no
 * index, no base, both, and a scale. Opcodes without ModRM read the same
 * bytes as immediates.
 */
static void write_forms(FILE *f)
{
    static const uint8_t prefixes[][3] = {
        {0, 0, 0},       {1, 0x66, 0}, {1, 0x67, 0},
        {2, 0x66, 0x67}, {1, 0x26, 0}, {2, 0x64, 0x67},
        {1, 0xf0, 0},    {1, 0xf2, 0}, {1, 0xf3, 0},
    };
    static const uint8_t sibs[] = {0x00, 0x24, 0x25, 0x65, 0x8d, 0xe5, 0xcc};
    for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes; p++)
        for (unsigned opcode = 0; opcode < 512; opcode++)
            for (unsigned modrm = 0; modrm < 256; modrm++) {
                uint8_t b[8];
                size_t n = 0;
                /* With prefixes, only some of the registers; and where
                 * there is no ModRM, only some of the immediates. */
                if (p > 3 && (modrm & 7) != 4 && (modrm & 7) != 5)
                    continue;
                if (!has_modrm(opcode) && modrm % 37 != 0)
                    continue;
                for (; n < prefixes[p][0]; n++)
                    b[n] = prefixes[p][1 + n];
                if (opcode >= 256)
                    b[n++] = 0x0f;
                b[n++] = (uint8_t)opcode;
                b[n++] = (uint8_t)modrm;
                if ((modrm & 7) == 4)
                    b[n++] = sibs[random32() % sizeof sibs];
                write_slot(f, b, n);
            }
}

/* Did write_forms reach every row of the table? */
static bool all_written(void)
{
    bool all = true;
    for (int id = 1; id < INSN_COUNT; id++)
        if (!written[id]) {
            fprintf(stderr, "no slot is %s\n", insn_rows[id].id);
            all = false;
        }
    return all;
}

static void write_random(FILE *f)
{
    for (int n = 0; n < 100000; n++)
        write_slot(f, (const uint8_t *)"", 0);
}

/* ---------------------------------------------------------------- comparing */

static unsigned long counts[KNOWN_COUNT];
static unsigned long next_slot; /* its address: all before it were read */

static void complain(const uint8_t *slot, unsigned long at, const char *ours,
                     int our_length, const char *theirs, int their_length)
{
    printf("# %08lx ", at);
    for (int i = 0; i < (our_length > 2 ? our_length : 2); i++)
        printf("%02x", slot[i]);
    printf(" ours %d %s || theirs %d %s\n", our_length, ours, their_length,
           theirs);
}

static void compare_slot(const uint8_t *slot, unsigned long at, bool code32,
                         char *theirs, int their_length)
{
    char ours[128] = "(bad)";
    struct insn in;
    enum known k;
    normalise(theirs);
    switch (cpu_decode(slot, SLOT, code32, &in)) {
    case DECODE_INVALID:
        k = why_invalid(slot, at, code32, theirs);
        break;
    case DECODE_TOO_LONG:
        k = TOO_LONG;
        break;
    default:
        normalise(cpu_disassemble(&in, (uint32_t)at, ours, sizeof ours));
        k = strcmp(ours, theirs) == 0 && in.len == their_length
                ? SAME
                : why_different(&in, ours, theirs, their_length);
    }
    if (k == DIFFERENT && counts[k] < 2000)
        complain(slot, at, ours, in.len, theirs, their_length);
    counts[k]++;
}

/* Was there a line for every slot? Else the other tool gave up early. */
static bool read_all(FILE *f)
{
    long slots = fseek(f, 0, SEEK_END) == 0 ? ftell(f) / SLOT : 0;
    if (slots > 0 && next_slot == (unsigned long)slots * SLOT)
        return true;
    printf("# stopped before slot %lu of %ld\n", next_slot / SLOT, slots);
    return false;
}

/* Lines "00000020  8B4080            mov eax,[eax-0x80]"; more than eight
 * bytes go on in lines "         -90ACF526". */
static bool compare_text(FILE *f, bool code32)
{
    char line[256], text[256] = "";
    unsigned long at = 0;
    int length = 0;
    bool more = true;
    uint8_t slot[SLOT];
    while (more) {
        unsigned long here;
        char hex[64];
        int n = 0;
        more = fgets(line, sizeof line, stdin) != NULL;
        if (more && sscanf(line, " -%63s", hex) == 1) {
            length += at == next_slot - SLOT ? (int)strlen(hex) / 2 : 0;
            continue;
        }
        if (*text && (fseek(f, (long)at, SEEK_SET) == 0) &&
            fread(slot, SLOT, 1, f) == 1)
            compare_slot(slot, at, code32, text, length);
        *text = '\0';
        if (!more || sscanf(line, "%lx %63s %n", &here, hex, &n) < 2)
            continue;
        at = here;
        if (at != next_slot)
            continue;
        snprintf(text, sizeof text, "%s", line + n);
        for (char *end = strchr(text, '\n'); end >= text && *end <= ' ';)
            *end-- = '\0';
        length = (int)strlen(hex) / 2;
        next_slot = at + SLOT;
    }
    for (int k = 0; k < KNOWN_COUNT - 1; k++)
        if (counts[k])
            printf("# %7lu %s\n", counts[k], known_why[k]);
    printf("# %7lu different\n", counts[DIFFERENT]);
    return read_all(f);
}

/* Prefixes alone, or "(bad)". */
static bool is_silent(const char *text)
{
    static const char *const words[] = {
        "(bad)", "data16", "data32", "addr16", "addr32", "lock", "rep", "repz",
        "repnz", "fwait",  "es",     "cs",     "ss",     "ds",   "fs",  "gs"};
    char first[32] = "";
    sscanf(text, "%31s", first);
    for (size_t n = 0; n < sizeof words / sizeof *words; n++)
        if (strcmp(first, words[n]) == 0)
            return true;
    return false;
}

/* Lines "  20:\t66 8b 40 80          \tmov ax,..." of objdump -w: the lengths
 * alone. Where it splits prefixes off, or gives up, it says nothing. */
static bool compare_length(FILE *f, bool code32)
{
    char line[256];
    uint8_t slot[SLOT];
    while (fgets(line, sizeof line, stdin)) {
        unsigned long at;
        int n = 0, length = 0;
        struct insn in;
        if (sscanf(line, " %lx:%n", &at, &n) < 1 || n == 0 || at != next_slot)
            continue;
        next_slot = at + SLOT;
        if (fseek(f, (long)at, SEEK_SET) || fread(slot, SLOT, 1, f) != 1 ||
            cpu_decode(slot, SLOT, code32, &in) != DECODE_OK)
            continue;
        char *text = line + n + 1;
        for (; isxdigit((unsigned char)text[0]) &&
               isxdigit((unsigned char)text[1]) && text[2] == ' ';
             text += 3)
            length++;
        text += strspn(text, " \t");
        if (in.id == I_FWAIT) /* objdump takes it for a prefix too */
            continue;
        enum known k = in.len == length  ? SAME
                       : is_silent(text) ? NOT_OURS
                                         : DIFFERENT;
        if (k == DIFFERENT)
            complain(slot, at, insn_rows[in.id].id, in.len, text, length);
        counts[k]++;
    }
    printf("# objdump: %lu the same length, %lu not read, %lu different\n",
           counts[SAME], counts[NOT_OURS], counts[DIFFERENT]);
    return read_all(f);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: decode_compare forms|random|text|length "
                        "16|32 FILE\n");
        return 2;
    }
    bool writes =
        strcmp(argv[1], "forms") == 0 || strcmp(argv[1], "random") == 0;
    bool code32 = strcmp(argv[2], "32") == 0;
    FILE *f = fopen(argv[3], writes ? "wb" : "rb");
    if (!f) {
        perror(argv[3]);
        return 2;
    }
    bool good = true;
    if (strcmp(argv[1], "forms") == 0) {
        write_forms(f);
        good = all_written();
    } else if (strcmp(argv[1], "random") == 0)
        write_random(f);
    else if (strcmp(argv[1], "length") == 0)
        good = compare_length(f, code32);
    else
        good = compare_text(f, code32);
    fclose(f);
    return good && counts[DIFFERENT] == 0 ? 0 : 1;
}
